"""The key that signs checkpoints: sealed under the passphrase; its public half lies beside it, for everybody.

`home/keys/log.key`: the SM2 private key as `core.passphrase` seals it, label 'log-signing'.
`home/keys/log.pub`: PEM, then one line `NAME+HINT+KEY`: the name the log signs with (its origin), the four bytes
by which a signature points at the key in hex, and the 64-byte public key in base64.
"""

import os
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from functools import lru_cache
from pathlib import Path
from typing import Final

from midan.audit.errors import LogKeyExists, LogNotInitialised
from midan.audit.tiles import write_durably
from midan.catalog.settings import current
from midan.core import passphrase as sealing
from midan.core.merkle import Verifier
from midan.core.sm import SigningKey, public_key_pem

LABEL: Final = "log-signing"
_ORIGIN: Final = "midan.log/"


def create(*, passphrase: bytes) -> Verifier:
    """Make the log's key pair and a random origin; raise LogKeyExists rather than begin a second log."""
    private, public = _files()
    if private.exists() or public.exists():
        raise LogKeyExists("审计日志的签名密钥已存在")
    key = SigningKey.generate()
    verifier = Verifier(name=_ORIGIN + os.urandom(8).hex(), public=key.public)
    sealed = sealing.seal(passphrase, key.to_bytes(), label=LABEL, salt=os.urandom(16), nonce=os.urandom(12))
    write_durably(private, sealed, mode=0o600)
    write_durably(public, (public_key_pem(key.public) + verifier_line(verifier)).encode(), mode=0o644)
    return verifier


def signing_key() -> SigningKey:
    """Return the key, unsealed once a process; raise LogNotInitialised, WrongPassphrase or KeyFileDamaged."""
    private, _ = _files()
    try:
        blob = private.read_bytes()
    except OSError as error:
        raise LogNotInitialised("审计日志尚无签名密钥，请先运行 midan init") from error
    return _unseal(blob, current().passphrase())


def verifier() -> Verifier:
    """Return the public key and the name the log signs with; raise LogNotInitialised."""
    return read_verifier(public_key_file().decode("ascii", "replace"))


def public_key_file() -> bytes:
    """Return the bytes of log.pub as they are handed out."""
    try:
        return _files()[1].read_bytes()
    except OSError as error:
        raise LogNotInitialised("审计日志尚无签名密钥，请先运行 midan init") from error


def verifier_line(verifier: Verifier) -> str:
    """Return the line `NAME+HINT+KEY`, ending in a newline."""
    return f"{verifier.name}+{verifier.hint.hex()}+{b64encode(verifier.public).decode('ascii')}\n"


def read_verifier(text: str) -> Verifier:
    """Read the last line of log.pub; raise LogNotInitialised when it is damaged."""
    lines = text.splitlines()
    parts = lines[-1].split("+", 2) if lines else []
    try:
        name, hint, encoded = parts
        found = Verifier(name=name, public=b64decode(encoded, validate=True))
    except (ValueError, NotBase64) as error:
        raise LogNotInitialised("审计日志的公钥文件已损坏") from error
    if found.hint.hex() != hint:
        raise LogNotInitialised("审计日志的公钥文件已损坏")
    return found


@lru_cache(maxsize=4)
def _unseal(blob: bytes, passphrase: bytes) -> SigningKey:
    return SigningKey.from_bytes(sealing.unseal(passphrase, blob, label=LABEL))


def _files() -> tuple[Path, Path]:
    folder = current().keys
    return folder / "log.key", folder / "log.pub"
