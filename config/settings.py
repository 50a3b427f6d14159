"""All settings, in one file. Everything runs with no environment at all: SQLite, local files, the animatic engine, no key."""

import sys
from pathlib import Path

import dj_database_url
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.core.management.utils import get_random_secret_key

from config.env import env_bool, env_choice, env_list, env_micros, env_number, env_rate, env_text, env_whole

BASE_DIR = Path(__file__).resolve().parent.parent
LOCAL_DIR = Path(env_text("LOCAL_DIR", str(BASE_DIR / ".local")))
"""All state of a small installation: database, media, scratch, demo films. Ignored by git."""


def _local_secret_key() -> str:
    """A key of this installation's own, made once and kept beside its database."""
    path = LOCAL_DIR / "secret-key"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(get_random_secret_key(), encoding="utf-8")
    return path.read_text(encoding="utf-8").strip() or get_random_secret_key()


# --- who and where ---------------------------------------------------------------------------------------------------
DEBUG = env_bool("DEBUG", False)
SECRET_KEY = env_text("SECRET_KEY") or _local_secret_key()
SECRET_KEY_FALLBACKS = env_list("SECRET_KEY_FALLBACKS")
ALLOWED_HOSTS = env_list("ALLOWED_HOSTS", "127.0.0.1,localhost,[::1]")
CSRF_TRUSTED_ORIGINS = env_list("CSRF_TRUSTED_ORIGINS")
BEHIND_TLS = env_bool("BEHIND_TLS", False)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = BEHIND_TLS
SECURE_HSTS_SECONDS = 31_536_000 if BEHIND_TLS else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_TLS else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

# --- the house -------------------------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "csp",
    "django_q",
    "prompts",
    "continuity",
    "sessions_app",
    "config",
]
MIDDLEWARE = [
    "sessions_app.request_id.RequestIdMiddleware",  # first: every answer has an id, and every line of the log says it
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
S3_BUCKET = env_text("S3_BUCKET")
MEDIA_ORIGINS = [env_text("S3_MEDIA_ORIGIN", f"https://{S3_BUCKET}.s3.amazonaws.com")] if S3_BUCKET else []
"""Where a page may load pictures and clips from besides this site: media on S3 is answered with a redirect there."""
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:", *MEDIA_ORIGINS],
        "media-src": [SELF, *MEDIA_ORIGINS],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "session-list"
LOGOUT_REDIRECT_URL = "login"
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en-gb"
STATIC_URL = "/static/"
STATIC_ROOT = LOCAL_DIR / "static"
STATIC_ROOT.mkdir(parents=True, exist_ok=True)  # whitenoise warns of a folder that is not there
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

# --- people: who may come in, and how often they may ask -----------------------------------------------------------------
SIGN_UP_OPEN = env_bool("SIGN_UP_OPEN", False)
PASSWORD_RESET_TIMEOUT = env_whole("PASSWORD_RESET_TIMEOUT", 24 * 3600, minimum=60)
THROTTLES = {
    "read": env_rate("THROTTLE_READ", "600/min"),
    "write": env_rate("THROTTLE_WRITE", "240/min"),
    "generate": env_rate("THROTTLE_GENERATE", "60/min"),
    "sign-in": env_rate("THROTTLE_SIGN_IN", "10/min"),
}
"""The most requests of one person (before signing in: of one address) by ThrottleScope; "" = no limit."""
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
    # What all web processes must count together. A file each, so that it needs no server of its own.
    "shared": {
        "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
        "LOCATION": LOCAL_DIR / "cache",
        "OPTIONS": {"MAX_ENTRIES": 10_000},
    },
}
EMAIL_HOST = env_text("EMAIL_HOST")
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if EMAIL_HOST else 'console'}.EmailBackend"
EMAIL_PORT = env_whole("EMAIL_PORT", 587, minimum=1)
EMAIL_HOST_USER = env_text("EMAIL_HOST_USER")
EMAIL_HOST_PASSWORD = env_text("EMAIL_HOST_PASSWORD")
EMAIL_USE_TLS = env_bool("EMAIL_USE_TLS", True)
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env_text("DEFAULT_FROM_EMAIL", "throughline@localhost")
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
UPLOAD_MAX_BYTES = env_whole("UPLOAD_MAX_BYTES", 512 * 1024 * 1024, minimum=1)

# --- the API: what every view is stands in sessions_app.api.views -------------------------------------------------------
REST_FRAMEWORK = {
    "EXCEPTION_HANDLER": "sessions_app.api.problems.exception_handler",
    "DEFAULT_SCHEMA_CLASS": "sessions_app.api.schema.OperationSchema",
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": [],
    "NUM_PROXIES": env_whole("TRUSTED_PROXIES", 0, minimum=0),
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Throughline",
    "VERSION": "2",
    "DESCRIPTION": "Shots that cut together: one session per scene, with its prompt, its shots, its look and its cuts.",
    "OAS_VERSION": "3.1.0",
    "SERVERS": [{"url": "/"}],
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v2",
    "COMPONENT_SPLIT_PATCH": False,
    "COMPONENT_SPLIT_REQUEST": False,
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "POSTPROCESSING_HOOKS": ["sessions_app.api.schema.with_problems"],
    "SORT_OPERATIONS": True,
    "APPEND_COMPONENTS": {
        "securitySchemes": {
            "token": {"type": "http", "scheme": "bearer", "description": "A token that you made: Authorization: Bearer tl_…"},
            "cookie": {
                "type": "apiKey",
                "in": "cookie",
                "name": "sessionid",
                "description": "Signed in on the site; writing needs X-CSRFToken.",
            },
        }
    },
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
}

# --- database: SQLite beside the checkout, or PostgreSQL by DATABASE_URL ----------------------------------------------
# IMMEDIATE makes every atomic() a write lock on SQLite, hence: never ATOMIC_REQUESTS, no atomic() around reads or slow work.
# CONN_MAX_AGE: the ORM broker closes old connections at each call; without a maximum age it would reconnect every time.
SQLITE_OPTIONS = {
    "timeout": 20,
    "transaction_mode": "IMMEDIATE",
    "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;PRAGMA busy_timeout=20000;PRAGMA foreign_keys=ON;",
}
DATABASE_URL = env_text("DATABASE_URL")


def _database() -> dict[str, object]:
    if DATABASE_URL:
        try:
            database = dict(dj_database_url.parse(DATABASE_URL, conn_max_age=60))
        except ValueError as error:
            raise ImproperlyConfigured("DATABASE_URL cannot be read: write postgresql://… or sqlite:///….") from error
        if database["ENGINE"] not in ("django.db.backends.postgresql", "django.db.backends.sqlite3"):
            raise ImproperlyConfigured("DATABASE_URL names another kind of database: write postgresql://… or sqlite:///….")
        if database["NAME"] in ("", ":memory:"):
            raise ImproperlyConfigured("DATABASE_URL names no database that worker processes could share: add its name or path.")
    else:
        (LOCAL_DIR).mkdir(parents=True, exist_ok=True)
        database = {"ENGINE": "django.db.backends.sqlite3", "NAME": LOCAL_DIR / "throughline.sqlite3", "CONN_MAX_AGE": 60}
    if database["ENGINE"] == "django.db.backends.sqlite3":
        database["OPTIONS"] = SQLITE_OPTIONS
        # Worker processes must see the test database too, so it is a file and never in memory.
        database["TEST"] = {"NAME": f"{database['NAME']}.test"}
    return database


DATABASES = {"default": _database()}

# --- media: local files, or S3 by settings ----------------------------------------------------------------------------
MEDIA_ROOT = LOCAL_DIR / "media"
SCRATCH_ROOT = LOCAL_DIR / "scratch"
STORAGES = {
    "default": (
        {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": {"bucket_name": S3_BUCKET, "querystring_auth": True}}
        if S3_BUCKET
        else {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": MEDIA_ROOT}}
    ),
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedStaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG

# --- jobs -------------------------------------------------------------------------------------------------------------
JOB_LEASE_SECONDS = env_number("JOB_LEASE_SECONDS", 60, minimum=0.5)
JOB_DEADLINE_SECONDS = env_number("JOB_DEADLINE_SECONDS", 6 * 3600, minimum=1)
RING_SECONDS = env_number("RING_SECONDS", 1, minimum=0.05)
JOBS_PER_USER = env_whole("JOBS_PER_USER", 2, minimum=1)
JOBS_PER_PROVIDER = env_whole("JOBS_PER_PROVIDER", 4, minimum=1)
WORKERS = env_whole("WORKERS", 2, minimum=1)
Q_CLUSTER = {
    "name": "throughline",
    "orm": "default",
    "workers": WORKERS,
    "bulk": 1,
    "queue_limit": 2,
    "timeout": 900,
    "retry": 7200,
    "max_attempts": 1,
    "ack_failures": True,
    "catch_up": False,
    "recycle": 50,
    "poll": 0.2,
    "guard_cycle": 1,
    "save_limit": 1000,
    "label": "Queue (doorbells)",
}

# --- money: US dollars, as millionths; empty = no limit -----------------------------------------------------------------
SPEND_LIMIT_USER_MONTH_MICROS = env_micros("SPEND_LIMIT_USER_MONTH_USD", "20")
SPEND_LIMIT_GLOBAL_MONTH_MICROS = env_micros("SPEND_LIMIT_GLOBAL_MONTH_USD", "200")

# --- providers: keyword arguments of each provider's class; an empty key refuses with the variable's name -----------------
DEFAULT_MODEL = env_text("DEFAULT_MODEL", "animatic")
VISION_MODEL = env_text("VISION_MODEL")
"""The model that is asked for words about a picture; empty = none, and what only words can tell is not measured."""
PROVIDERS = {
    "animatic": {"root": str(LOCAL_DIR / "animatic")},
    "ltx": {"api_key": env_text("LTX_API_KEY"), "base_url": env_text("LTX_BASE_URL", "https://api.ltx.video")},
    "openai": {"api_key": env_text("OPENAI_API_KEY"), "base_url": env_text("OPENAI_BASE_URL", "https://api.openai.com/v1")},
    "gemini": {
        "api_key": env_text("GEMINI_API_KEY"),
        "base_url": env_text("GEMINI_BASE_URL", "https://generativelanguage.googleapis.com"),
    },
}

LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"request_id": {"()": "sessions_app.request_id.RequestIdFilter"}},
    "formatters": {"line": {"format": "{asctime} {levelname} [{request_id}] {name}: {message}", "style": "{"}},
    "handlers": {
        "console": {"class": "logging.StreamHandler", "stream": sys.stderr, "filters": ["request_id"], "formatter": "line"}
    },
    "root": {"handlers": ["console"], "level": env_choice("LOG_LEVEL", "WARNING", choices=LOG_LEVELS)},
}
