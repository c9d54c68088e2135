"""Codes that change every half minute, as authenticator apps make them: RFC 6238 with what all of them take for granted."""

import base64
import hmac
import secrets
import time
from urllib.parse import quote

STEP = 30  # seconds
DIGITS = 6
DRIFT = 1  # steps by which a phone's clock may be wrong


def new_secret():
    """A secret of 160 random bits, in base32."""
    return base64.b32encode(secrets.token_bytes(20)).decode()


def code_at(secret, step):
    """The code, as text, that belongs to `secret` in the half minute `step`."""
    digest = hmac.digest(base64.b32decode(secret), step.to_bytes(8, "big"), "sha1")
    start = digest[-1] & 0xF
    number = int.from_bytes(digest[start : start + 4], "big") & 0x7FFF_FFFF
    return f"{number % 10**DIGITS:0{DIGITS}}"


def step_now():
    return int(time.time()) // STEP


def step_of(secret, code):
    """The half minute, about now, to which `code` belongs; None when it is no code of about now."""
    now = step_now()
    near = range(now - DRIFT, now + DRIFT + 1)
    return next((step for step in near if hmac.compare_digest(code_at(secret, step).encode(), code.encode())), None)


def uri(secret, name, host):
    """What the QR code says to an app: whose secret this is, of the archive at `host`."""
    return f"otpauth://totp/Annals:{quote(f'{name}@{host}', safe='')}?secret={secret}&issuer=Annals"
