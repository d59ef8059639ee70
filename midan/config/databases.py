"""Turn MIDAN_DATABASE_URL into Django's database settings."""

from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

# WAL: readers never wait for the writer. FULL: an entry that was committed survives a power cut.
# secure_delete: what is deleted is overwritten, not left in free pages. temp_store: nothing plain in temp files.
SQLITE_START = (
    "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA secure_delete=ON;"
    " PRAGMA temp_store=MEMORY; PRAGMA cache_size=-65536; PRAGMA mmap_size=0;"
)


def database(url: str) -> dict[str, Any]:
    """Return the `default` entry of DATABASES for `url` (sqlite:///PATH or postgresql://USER:PW@HOST:PORT/NAME)."""
    if url.startswith("sqlite:"):
        return {
            "ENGINE": "midan.store.sqlite",
            "NAME": url.removeprefix("sqlite:///"),
            "OPTIONS": {"transaction_mode": "IMMEDIATE", "timeout": 30, "init_command": SQLITE_START},
            "CONN_MAX_AGE": None,
        }
    parts = urlsplit(url)
    # Prepared only where a statement asks for it (midan.store.bulk.select_prepared), and then planned once.
    options: dict[str, Any] = {"prepare_threshold": 1 << 30, **dict(parse_qsl(parts.query))}
    options["options"] = f"-c plan_cache_mode=force_generic_plan {options.get('options', '')}".strip()
    host = options.pop("host", "") or parts.hostname or ""
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.removeprefix("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": str(parts.port or ""),
        "OPTIONS": options,
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    }
