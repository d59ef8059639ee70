"""Django's signing key: made once per installation, kept in a file of mode 0600."""

import os
import secrets
from pathlib import Path


def read_secret_key(path: Path) -> str:
    """Return the key in `path`; make it on first use. Two processes starting together agree on one."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = path.with_name(f".{path.name}.{os.getpid()}")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(64))
        try:
            # A link fails when somebody else was first; then theirs is the key.
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text().strip()
