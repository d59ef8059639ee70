"""The sign-in library's forms for second factors, with the tries counted and nothing taken twice."""

from typing import Any

from allauth.account.adapter import get_adapter as account
from allauth.mfa.adapter import get_adapter as factors
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.forms import (
    AuthenticateWebAuthnForm,
    LoginWebAuthnForm,
    ReauthenticateWebAuthnForm,
    _BaseAddWebAuthnForm,
)
from django.utils import timezone

from midan.people import passkeys, tries


class _Code:
    """Counts a try before it is judged, and takes each code once."""

    user: Any
    authenticator: Any

    def clean_code(self) -> str:
        key = tries.digest("factor", str(self.user.pk))
        if left := tries.claim(key, now=timezone.now()):
            raise account().locked(left)
        code: str = super().clean_code()  # type: ignore[misc]  # of the form this is mixed into
        once = self.authenticator.type == Authenticator.Type.TOTP
        if once and not passkeys.spend_code(self.authenticator, code):
            raise factors().validation_error("incorrect_code")
        tries.forget(key)
        return code


class CodeForm(_Code, AuthenticateForm):  # type: ignore[misc]  # allauth ships no types
    """A code at sign-in."""


class CodeAgainForm(_Code, ReauthenticateForm):  # type: ignore[misc]  # allauth ships no types
    """A code before a sensitive act."""


class _Passkey:
    """Takes an answer given at the company's address by a key whose counter grew."""

    cleaned_data: Any

    def clean_credential(self) -> Any:
        said = self.cleaned_data["credential"]
        try:
            passkeys.at_home(said)
            factor = super().clean_credential()  # type: ignore[misc]  # of the form this is mixed into
            passkeys.count_passkey(factor, said)
        except passkeys.PasskeyRefused:
            raise factors().validation_error("incorrect_code") from None
        return factor


class PasskeyForm(_Passkey, AuthenticateWebAuthnForm):  # type: ignore[misc]  # allauth ships no types
    """A passkey at sign-in, after the password."""


class PasskeyAgainForm(_Passkey, ReauthenticateWebAuthnForm):  # type: ignore[misc]  # allauth ships no types
    """A passkey before a sensitive act."""


class PasskeyAloneForm(_Passkey, LoginWebAuthnForm):  # type: ignore[misc]  # allauth ships no types
    """A passkey in place of name and password."""


class NewPasskeyForm(_BaseAddWebAuthnForm):  # type: ignore[misc]  # allauth ships no types
    """A new passkey: always one that needs no user name, and that asks its owner for a finger, a face or a PIN."""

    def clean(self) -> Any:
        said = self.cleaned_data.get("credential")
        self.cleaned_data["passwordless"] = True
        try:
            if said:
                passkeys.at_home(said, new=True)
        except passkeys.PasskeyRefused:
            raise factors().validation_error("incorrect_code") from None
        return super().clean()
