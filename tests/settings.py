"""Settings of the tests: the project's own, on one's own machine, with passwords that hash quickly."""

import os

os.environ.setdefault("DEBUG", "1")

from archive.settings import *  # noqa: E402, F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# The pages that a public server would show, not Django's own for developers.
DEBUG = False
