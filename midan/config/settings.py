"""Django's settings: one file, nothing that exists only in production; switches come from the environment."""

from pathlib import Path
from typing import Any

from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from midan.catalog.settings import current
from midan.config.databases import database
from midan.config.secret_key import read_secret_key

MIDAN = current()
_SECURE = MIDAN.base_url.startswith("https://")
_PACKAGE = Path(__file__).resolve().parent.parent

SECRET_KEY = read_secret_key(MIDAN.secret_key_file)
DEBUG = False
ALLOWED_HOSTS = [
    "localhost",
    "127.0.0.1",
    "[::1]",
    MIDAN.base_url.split("//", 1)[1].split(":")[0].split("/")[0],
]
ROOT_URLCONF = "midan.config.urls"
WSGI_APPLICATION = "midan.config.wsgi.application"
AUTH_USER_MODEL = "people.Staff"
SITE_BASE_URL = MIDAN.base_url

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "oauth2_provider",
    "django_htmx",
    "csp",
    "midan.catalog",
    "midan.audit",
    "midan.approval",
    "midan.devices",
    "midan.people",
    "midan.vault",
    "midan.vault.backup",
    "midan.duties",
    "midan.waybill",
    "midan.collection",
    "midan.access",
    "midan.label",
    "midan.paper",
    "midan.destruction",
    "midan.gateway",
    "midan.portal",
    "midan.console",
    "midan.ui",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "midan.config.middleware.OneShape",
    "midan.config.middleware.KeysUnsaid",
    "midan.config.middleware.NamedHost",
    "csp.middleware.CSPMiddleware",
    "midan.config.middleware.NotKept",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "midan.config.sessions.LiveSessions",
    "midan.config.middleware.SecondFactorFirst",
    "django_htmx.middleware.HtmxMiddleware",
    "midan.config.middleware.PlainRefusals",
]

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        # Our pages first: they replace allauth's of the same name.
        "DIRS": [_PACKAGE / "ui" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

DATABASES = {"default": database(MIDAN.database_url, process=MIDAN.process)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# A reveal commits its own entry before it opens anything, which a request-wide transaction would undo.
ATOMIC_REQUESTS = False

AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("username", "display_name", "staff_no")},
    },
    {"NAME": "midan.people.passwords.LongOrHard"},
    {"NAME": "midan.people.passwords.NotLeaked"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "midan.people.passwords.NotRecent"},
]
LOGIN_URL = "/accounts/login/"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_ADAPTER = "midan.console.adapters.ClosedAccountAdapter"
ACCOUNT_EMAIL_VERIFICATION = "none"
# Staff have no e-mail column; allauth would look for one.
ACCOUNT_USER_MODEL_EMAIL_FIELD = None
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_PREVENT_ENUMERATION = True
# The five tries of a name are counted in the database (midan.people.tries); here only what one address may try.
ACCOUNT_RATE_LIMITS = {"login_failed": "50/5m/ip"}
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
ALLAUTH_TRUSTED_PROXY_COUNT = MIDAN.trusted_proxies
ALLAUTH_RATE_LIMIT_IPV6_PREFIX = 64
MFA_ADAPTER = "midan.config.sealing.SealedFactors"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]
MFA_PASSKEY_LOGIN_ENABLED = True
# A passkey that asks nobody for a finger, a face or a PIN is what was found lying about, not a person.
MFA_WEBAUTHN_USER_VERIFICATION = "required"
# A whole station may sit behind one address, and each change of person is a passkey.
MFA_RATE_LIMITS = {"webauthn_login": "60/m/ip"}
MFA_FORMS = {
    "authenticate": "midan.people.forms.CodeForm",
    "reauthenticate": "midan.people.forms.CodeAgainForm",
    "authenticate_webauthn": "midan.people.forms.PasskeyForm",
    "reauthenticate_webauthn": "midan.people.forms.PasskeyAgainForm",
    "login_webauthn": "midan.people.forms.PasskeyAloneForm",
    "add_webauthn": "midan.people.forms.NewPasskeyForm",
}
MFA_TOTP_ISSUER = "Midan"
# RFC 6238 section 5.2: one step either way for clocks that drift.
MFA_TOTP_TOLERANCE = 1
USERSESSIONS_ADAPTER = "midan.console.adapters.LoggedSessions"
EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"

SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_SERIALIZER = "midan.config.sealing.SealedSession"
# A session is ended, and that written down, by LiveSessions; what is left behind lasts an hour longer.
SESSION_COOKIE_AGE = (MIDAN.sign_in.session_hours + 1) * 3600
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = _SECURE
CSRF_COOKIE_SECURE = _SECURE
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "midan.config.middleware.csrf_failure"
CSRF_TRUSTED_ORIGINS = [MIDAN.base_url]
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 31_536_000 if _SECURE else 0
# At a socket only our proxy asks: what it says of the way to it is so. Elsewhere anybody could say it.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if MIDAN.socket else None
SECURE_SSL_REDIRECT = MIDAN.socket is not None
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "manifest-src": [SELF],
    },
}
# An order file is streamed; everything else is small. Nothing a customer sent is ever spooled to disk.
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.MemoryFileUploadHandler"]

# Limits on tries must count across web processes and outlive a restart; keys are hashed, values are times.
# The sign-in library takes a lock by `add`: Django's own cache of files gives it to several at once.
CACHES = {
    "default": {
        "BACKEND": "midan.config.shared_cache.SharedCache",
        "LOCATION": MIDAN.home / "cache",
        "OPTIONS": {"MAX_ENTRIES": 20_000},
    },
    # Counted in memory: public pages are asked often, and a limit for each process does for them.
    "asks": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "LOCATION": "asks",
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    },
}

LANGUAGE_CODE = MIDAN.lang
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGES = [("zh-hans", _("简体中文")), ("en", _("English"))]
LOCALE_PATHS = [_PACKAGE / "locale"]
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True
USE_I18N = True

STATIC_URL = "/static/"
# Served straight from the package by WhiteNoise: nothing is collected, nothing can be stale.
STATIC_ROOT = None
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
MEDIA_ROOT = MIDAN.media

OAUTH2_PROVIDER_APPLICATION_MODEL = "oauth2_provider.Application"
OAUTH2_PROVIDER_ACCESS_TOKEN_MODEL = "oauth2_provider.AccessToken"  # noqa: S105  a table
OAUTH2_PROVIDER = {
    "SCOPES_BACKEND_CLASS": "midan.gateway.scopes.ClientScopes",
    "OAUTH2_VALIDATOR_CLASS": "midan.gateway.validator.ClientValidator",
    "ACCESS_TOKEN_EXPIRE_SECONDS": 900,
    "REFRESH_TOKEN_EXPIRE_SECONDS": 0,
    # RFC 9700 section 4.10: the table holds checksums of tokens, never a token.
    "COMPLIANT_BCP_RFC9700_TOKEN_STORAGE": True,
}

# Messages are constant strings: no request bodies, no SQL parameters, no locals, hence no mail handler either.
LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        "django.request": {"handlers": ["stderr"], "level": "CRITICAL", "propagate": False},
        # What a stranger sends as Host belongs in no log of ours.
        "django.security.DisallowedHost": {"handlers": [], "level": "CRITICAL", "propagate": False},
        # Who sends too much is told so; a traceback for each would let strangers fill the disk.
        "django.security.RequestDataTooBig": {"handlers": [], "level": "CRITICAL", "propagate": False},
        "django.security.TooManyFieldsSent": {"handlers": [], "level": "CRITICAL", "propagate": False},
    },
}
DEFAULT_EXCEPTION_REPORTER = "midan.config.reporting.SilentReporter"
SILENCED_SYSTEM_CHECKS: list[str] = []
