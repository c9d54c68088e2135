"""Settings of the tests: the project's own, on one's own machine, with passwords that hash quickly."""

import os

os.environ.setdefault("DEBUG", "1")

from archive.settings import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
WHITENOISE_AUTOREFRESH = True  # nothing is collected for a test
