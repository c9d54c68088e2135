"""Settings, all from the environment: docs/deployment.md lists every variable.

With DEBUG=1 everything has a default fit for one's own machine. Without it, a setting that has no safe default stops the
start with a sentence that names it.
"""

import os
import re
from pathlib import Path

import dj_database_url
from csp import constants as csp
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent

TRUE, FALSE = {"1", "true", "yes", "on"}, {"", "0", "false", "no", "off"}


def switch(name):
    """The environment variable `name` as a bool; raises ImproperlyConfigured for anything but yes and no."""
    value = os.environ.get(name, "").strip().lower()
    if value not in TRUE | FALSE:
        raise ImproperlyConfigured(f"{name} is {value!r}: write 1 or 0.")
    return value in TRUE


def required(name, in_debug):
    """The environment variable `name`, or `in_debug` while DEBUG is on; raises ImproperlyConfigured when neither serves."""
    value = os.environ.get(name, "").strip()
    if value:
        return value
    if DEBUG:
        return in_debug
    raise ImproperlyConfigured(f"Set {name} (or DEBUG=1 on your own machine); docs/deployment.md explains it.")


def number(name, default):
    """The environment variable `name` as a port; raises ImproperlyConfigured for what is none."""
    value = os.environ.get(name, "").strip() or str(default)
    if not re.fullmatch(r"[1-9][0-9]{0,4}", value):
        raise ImproperlyConfigured(f"{name} is {value!r}: write a number such as {default}.")
    return int(value)


def rate(name, default):
    """The environment variable `name` as requests by time ("600/min"); raises ImproperlyConfigured for anything else."""
    value = os.environ.get(name) or default
    if not re.fullmatch(r"[1-9][0-9]{0,8}/(sec|min|hour|day)", value):
        raise ImproperlyConfigured(f"{name} is {value!r}: write a number, a slash, and sec, min, hour or day: 600/min.")
    return value


def database():
    """The database that DATABASE_URL names, or an SQLite file beside manage.py; raises ImproperlyConfigured for nonsense."""
    url = os.environ.get("DATABASE_URL") or f"sqlite:///{BASE_DIR / 'db.sqlite3'}"
    try:
        return dj_database_url.parse(url, conn_max_age=600, conn_health_checks=True)
    except ValueError:  # says nothing of the address itself: it holds a password
        raise ImproperlyConfigured("DATABASE_URL is no address of a database: postgres://user:password@host:5432/name.") from None


DEBUG = switch("DEBUG")
SECRET_KEY = required("SECRET_KEY", in_debug="only-for-development-never-on-a-public-machine")
BEHIND_PROXY = switch("BEHIND_PROXY")  # only then is believed what X-Forwarded-For and X-Forwarded-Proto say
ALLOWED_HOSTS = [host.strip() for host in required("ALLOWED_HOSTS", in_debug="127.0.0.1,localhost,[::1]").split(",")]

INSTALLED_APPS = [
    "archive.accounts.apps.AdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django_filters",
    "rest_framework",
    "drf_spectacular",
    "csp",
    "archive.core",
    "archive.sources",
    "people",
    "events",
    "archive.accounts",
    "archive.site",
]

MIDDLEWARE = [
    # These speak for every answer, whoever gives it: a page that was kept, a 304, a file, an error.
    "archive.core.headers.say_what_pages_may",
    "archive.core.headers.ContentPolicy",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "archive.site.api.middleware.speak_json",
    "archive.core.caching.answer_from_state",  # as early as can be: what it answers has passed the others already
    "archive.core.compression.compress",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "archive.core.middleware.speak_language_of_address",
    "archive.core.middleware.refuse_unreadable",  # in that language
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]

ROOT_URLCONF = "archive.urls"
WSGI_APPLICATION = "archive.wsgi.application"

TEMPLATES = [
    {  # the public's pages
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": False,
        "OPTIONS": {
            "environment": "archive.core.jinja.environment",
            "helpers": ["archive.core.html", "archive.sources.evidence", "archive.site.citing", "archive.site.head"],
        },
    },
    {  # the admin's
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates" / "django"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

DATABASES = {"default": database()}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # A transaction that will write takes the lock at its start: two writers then queue, where the default would
    # let both read and fail the second one.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
else:
    # The same queries come again and again, and PostgreSQL takes longer to plan most of them than to answer them.
    DATABASES["default"].setdefault("OPTIONS", {}).update(server_side_binding=True, prepare_threshold=5)

# Pages, for each process by itself; see archive/core/caching.py.
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "pages", "OPTIONS": {"MAX_ENTRIES": 500}},
    # Who asked the API how often; apart, so that no crowd of pages pushes it out.
    "readers": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "LOCATION": "readers",
        "OPTIONS": {"MAX_ENTRIES": 10_000},
    },
    # Pictures of records, of some 20 kB, which outlast the state of the archive; see archive/site/cards.py.
    "cards": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "cards", "OPTIONS": {"MAX_ENTRIES": 300}},
}

# Errors go to the standard error stream, with their tracebacks, for whatever keeps the server's log.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"in_production": {"()": "django.utils.log.RequireDebugFalse"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "filters": ["in_production"]}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
}

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Accounts, which are the staff's alone; see archive/accounts/.
REQUIRE_SECOND_FACTOR = switch("REQUIRE_SECOND_FACTOR")
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "admin:index"
SESSION_COOKIE_AGE = 12 * 60 * 60  # seconds without work in the admin, which renews it
PASSWORD_RESET_TIMEOUT = 60 * 60

# Mail, which is sent only to who has forgotten a password; without a host none is.
EMAIL_HOST = os.environ.get("EMAIL_HOST", "").strip()
EMAIL_PORT = number("EMAIL_PORT", 587)
EMAIL_USE_SSL = EMAIL_PORT == 465
EMAIL_USE_TLS = EMAIL_PORT == 587
EMAIL_HOST_USER = os.environ.get("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = os.environ.get("EMAIL_HOST_PASSWORD", "")
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = required("EMAIL_FROM", in_debug="annals@localhost") if EMAIL_HOST else ""

# The languages of the public's pages; the first is the one without a prefix in its addresses. Tajik has its catalogue prepared in
# archive/site/locale/, and is offered by a line here once it is filled.
LANGUAGE_CODE = "en-gb"
LANGUAGES = [("en-gb", "English"), ("ru", "Русский")]
LOCALE_PATHS = [BASE_DIR / "archive" / "site" / "locale"]  # said here, its words come before those of Django's own applications
TIME_ZONE = "UTC"
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
# Files that documents came from. They are served by a view that checks the document's state, never as a folder.
MEDIA_ROOT = Path(os.environ.get("MEDIA_ROOT") or BASE_DIR / "media")
# What every process reads at its start instead of counting a large archive again; see archive/core/index/.
INDEX_ROOT = Path(os.environ.get("INDEX_ROOT") or BASE_DIR / "index")
# Under which licence the data may be taken, by its SPDX identifier.
DATA_LICENCE = os.environ.get("DATA_LICENCE") or "CC-BY-4.0"
FIXTURE_DIRS = [BASE_DIR / "fixtures"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}

# One event with 300 statements, each with its topics and passages, is one form.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 20_000
# A document's text is posted whole: a book of 1,000 pages is about 3 MB.
DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 1024 * 1024
# A table that is imported: 10,000 records with all that they own are about 10 MB. More is work for import_records.
IMPORT_MOST_BYTES = 25 * 1024 * 1024

# The API: reading only, JSON only, for everybody. Its errors have one shape, and it knows no sessions.
API_RATE = rate("API_RATE", "600/min")
REST_FRAMEWORK = {
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": [],
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": [],
    "DEFAULT_THROTTLE_CLASSES": ["archive.site.api.throttle.ReaderThrottle"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "archive.site.api.views.explain",
    "UNAUTHENTICATED_USER": None,
    "URL_FORMAT_OVERRIDE": None,
    "NUM_PROXIES": int(BEHIND_PROXY),  # a reader's own X-Forwarded-For is not believed
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Annals",
    "DESCRIPTION": "The published records of the archive, to be read by programs. Everything is answered to GET, HEAD and OPTIONS.",
    "VERSION": "1",
    "SCHEMA_PATH_PREFIX": "/api",
    "SORT_OPERATIONS": False,
    "SORT_OPERATION_PARAMETERS": False,
    "POSTPROCESSING_HOOKS": [],
}

# What a page may load and do: its own files, and nothing that is written into it.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [csp.NONE],
        "script-src": [csp.SELF],
        "style-src": [csp.SELF],
        "img-src": [csp.SELF],
        "connect-src": [csp.SELF],  # the admin's fields that complete what is typed
        "base-uri": [csp.NONE],
        "form-action": [csp.SELF],
        "frame-ancestors": [csp.NONE],
    }
}

if not DEBUG:
    SECURE_SSL_REDIRECT = True
    SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True
    if BEHIND_PROXY:
        SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
