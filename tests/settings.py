"""Settings of the tests: the project's own, on one's own machine, with passwords that hash quickly."""

import os
import tempfile
from pathlib import Path

os.environ.setdefault("DEBUG", "1")

from archive.settings import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
WHITENOISE_AUTOREFRESH = True  # nothing is collected for a test
INDEX_ROOT = Path(tempfile.mkdtemp(prefix="annals-index-"))
# A page that was made before has no context to look into; tests of the cache turn it on.
CACHES["default"] = {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}  # noqa: F405
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":  # noqa: F405
    # A file, as in use: threads that share a database in memory are refused where those that share a file wait for each other.
    DATABASES["default"]["TEST"] = {"NAME": Path(tempfile.mkdtemp(prefix="annals-test-")) / "test.sqlite3"}  # noqa: F405
