"""Tell the OAuth2 library which scopes a client has: its own, and no others."""

from typing import Any

from oauth2_provider.scopes import BaseScopes

from midan.gateway.rules import SCOPES
from midan.gateway.selectors import scopes_of


class ClientScopes(BaseScopes):  # type: ignore[misc]  # the library ships no types
    """Scopes by client; an unknown or revoked client has none."""

    def get_all_scopes(self) -> dict[str, str]:
        """Return every scope with its description."""
        return dict(SCOPES)

    def get_available_scopes(self, application: Any = None, *_rest: Any, **_named: Any) -> list[str]:
        """Return what the client may ask for."""
        return list(scopes_of(application.pk)) if application is not None else []

    def get_default_scopes(self, application: Any = None, *_rest: Any, **_named: Any) -> list[str]:
        """Return what a client gets that names no scope: all of its own."""
        return self.get_available_scopes(application)
