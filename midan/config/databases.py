"""Turn MIDAN_DATABASE_URL into Django's database settings."""

from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

# WAL: readers never wait for the writer. FULL: an entry that was committed survives a power cut.
# secure_delete: what is deleted is overwritten, not left in free pages. temp_store: nothing plain in temp files.
SQLITE_START = (
    "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA secure_delete=ON;"
    " PRAGMA temp_store=MEMORY; PRAGMA cache_size=-65536; PRAGMA mmap_size=0;"
)


# Seconds a statement, a wait for a lock and an idle transaction may last; 0 is for ever. A web process waits for nobody
# long. keyd keeps a transaction open while keepers write, jobs delete and copy. Migrations and restores take their time.
_LIMITS = {"web": (30, 15, 60), "keyd": (120, 60, 600), "jobs": (900, 30, 600), "": (0, 60, 0)}
# Sixteen threads share these: each has one only while it is at work (PostgreSQL allows 100 in all).
_POOLS = {"web": 8, "keyd": 16}


# keyd looks rows up by lists of keys: never by reading a whole partition, not even under a plan from when it was empty.
# No jit: what is forbidden counts as dear before PostgreSQL 18, and what is dear is compiled, for a single row too.
_BY_KEY = "-c enable_hashjoin=off -c enable_mergejoin=off -c enable_seqscan=off -c jit=off"


def database(url: str, *, process: str = "") -> dict[str, Any]:
    """Return the `default` entry of DATABASES for `url` (sqlite:///PATH or postgresql://USER:PW@HOST:PORT/NAME).

    `process` is web, keyd, jobs, or '' for a command.
    """
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
    names = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")
    limits = [f"-c {name}={seconds}s" for name, seconds in zip(names, _LIMITS[process], strict=True)]
    if process == "keyd":
        limits.append(_BY_KEY)
    own = options.get("options", "")  # what the address says comes last and holds
    options["options"] = " ".join([*limits, "-c plan_cache_mode=force_generic_plan", own]).strip()
    if process in _POOLS:
        options["pool"] = {"min_size": 1, "max_size": _POOLS[process], "timeout": 10}
    host = options.pop("host", "") or parts.hostname or ""
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.removeprefix("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": str(parts.port or ""),
        "OPTIONS": options,
        "CONN_MAX_AGE": 0 if process in _POOLS else 60,
        "CONN_HEALTH_CHECKS": True,
    }
