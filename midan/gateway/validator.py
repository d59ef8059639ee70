"""What the OAuth2 library asks about a client's secret: while a new one is brought in, the one before still counts."""

from django.contrib.auth.hashers import check_password
from django.utils import timezone
from oauth2_provider.oauth2_validators import OAuth2Validator

from midan.gateway.selectors import former_secret


class ClientValidator(OAuth2Validator):  # type: ignore[misc]  # the library ships no types
    """The library's own answers, save for secrets."""

    def _check_secret(self, provided_secret: str, stored_secret: str) -> bool:
        """Return whether a secret is the client's: the newest, or the former one before its hour."""
        if super()._check_secret(provided_secret, stored_secret):
            return True
        former = former_secret(stored_secret, at=timezone.now())
        return bool(former) and check_password(provided_secret, former)
