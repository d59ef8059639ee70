"""Seal what the sign-in libraries keep in the database: second-factor secrets and session contents.

The keys are derived from the secret key file, which lies outside the database: a copy of the tables alone signs
nobody in. Bytes that do not open are refused, never taken as they are.
"""

import json
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any, ClassVar, Final

from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.utils.translation import gettext

from midan.catalog.settings import current
from midan.core import sm
from midan.core.errors import MidanError
from midan.people.rules import SEALED

_FACTOR: Final = b"midan/factor/1"
_SESSION: Final = b"midan/session/1"


class FactorUnreadable(MidanError):
    """A stored second factor does not open: altered, or sealed under another secret key file."""

    code: ClassVar[str] = "factor_unreadable"
    clause: ClassVar[str | None] = "T3"
    status: ClassVar[int] = 503
    exit_code: ClassVar[int] = 4


class SealedFactors(DefaultMFAAdapter):  # type: ignore[misc]  # allauth ships no types
    """allauth's second factors, sealed at rest."""

    def encrypt(self, text: str) -> str:
        """Return `text` sealed, as text."""
        return SEALED + urlsafe_b64encode(_seal(_FACTOR, text.encode())).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Return what was sealed; raise FactorUnreadable, also for a value that was never sealed."""
        # What does not begin so was never sealed, and opens no more than what was altered.
        sealed = encrypted_text.removeprefix(SEALED) if encrypted_text.startswith(SEALED) else ""
        try:
            return _open(_FACTOR, urlsafe_b64decode(sealed)).decode()
        except (ValueError, sm.Tampered):
            raise FactorUnreadable("第二因素无法读取，请联系人事部门重新登记") from None

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """Return whom passkeys are made for: the company's domain of the settings, whatever Host a request names."""
        return {"id": current().sign_in.passkey_domain, "name": "Midan 密单"}

    def generate_authenticator_name(self, user: Any, type: Any) -> str:  # noqa: A002, ARG002  # allauth's names
        """Return what a passkey is called before its owner calls it something."""
        return gettext("通行密钥")


class SealedSession:
    """Serializer of sessions: JSON, sealed. While a second factor is set up its secret passes through here."""

    def dumps(self, content: Any) -> bytes:
        """Return the sealed bytes of a session."""
        return _seal(_SESSION, json.dumps(content, separators=(",", ":")).encode())

    def loads(self, sealed: bytes) -> Any:
        """Return the session; raise Tampered, which Django takes for an empty session."""
        return json.loads(_open(_SESSION, sealed))


def _key(purpose: bytes) -> bytes:
    return sm.hmac_sm3(settings.SECRET_KEY.encode(), purpose)[: sm.KEY_BYTES]


def _seal(purpose: bytes, plain: bytes) -> bytes:
    nonce = secrets.token_bytes(sm.NONCE_BYTES)
    return nonce + sm.seal(_key(purpose), nonce, plain, purpose)


def _open(purpose: bytes, sealed: bytes) -> bytes:
    if len(sealed) < sm.NONCE_BYTES:
        raise sm.Tampered("密文长度不足")
    return sm.open_(_key(purpose), sealed[: sm.NONCE_BYTES], sealed[sm.NONCE_BYTES :], purpose)
