"""Seal a small secret under a passphrase, as bytes for a file.

Layout `v1`: magic `MIDANKEY` ‖ 0x01 ‖ salt 16 ‖ nonce 12 ‖ SM4-GCM ciphertext and tag.
Key: Argon2id (RFC 9106, t = 3, m = 64 MiB, p = 1) of passphrase and salt, 16 bytes. AAD: the first 9 bytes ‖ label.
"""

from typing import ClassVar

from argon2.low_level import Type, hash_secret_raw

from midan.core import sm
from midan.core.errors import MidanError

_MAGIC = b"MIDANKEY\x01"
_SALT, _NONCE, _TAG = 16, 12, 16


class WrongPassphrase(MidanError):
    """The passphrase does not open this file, or the file is another one's."""

    code: ClassVar[str] = "wrong_passphrase"
    status: ClassVar[int] = 503
    exit_code: ClassVar[int] = 4


class KeyFileDamaged(MidanError):
    """The file is cut short or is not a key file."""

    code: ClassVar[str] = "key_file_damaged"
    status: ClassVar[int] = 503
    exit_code: ClassVar[int] = 4


def derive(passphrase: bytes, salt: bytes) -> bytes:
    """Return a 16-byte key; takes about 0.1 s and 64 MiB by design."""
    return hash_secret_raw(
        passphrase, salt, time_cost=3, memory_cost=65_536, parallelism=1, hash_len=16, type=Type.ID
    )


def seal(passphrase: bytes, secret: bytes, *, label: str, salt: bytes, nonce: bytes) -> bytes:
    """Return the file's bytes; `label` names what the secret is for, so files cannot be swapped."""
    key = derive(passphrase, salt)
    return _MAGIC + salt + nonce + sm.seal(key, nonce, secret, _MAGIC + label.encode())


def unseal(passphrase: bytes, blob: bytes, *, label: str) -> bytes:
    """Return the secret; raise KeyFileDamaged for a malformed file, WrongPassphrase when it does not open."""
    head = len(_MAGIC)
    if not blob.startswith(_MAGIC) or len(blob) <= head + _SALT + _NONCE + _TAG:
        raise KeyFileDamaged("密钥文件已损坏或不完整", label=label)
    salt = blob[head : head + _SALT]
    nonce = blob[head + _SALT : head + _SALT + _NONCE]
    try:
        return sm.open_(
            derive(passphrase, salt), nonce, blob[head + _SALT + _NONCE :], _MAGIC + label.encode()
        )
    except sm.Tampered as error:
        raise WrongPassphrase("口令不正确，或密钥文件被改动", label=label) from error
