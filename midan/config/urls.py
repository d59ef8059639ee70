"""Every address Midan answers, one line a room."""

from django.http import Http404, HttpRequest
from django.urls import URLPattern, URLResolver, include, path, re_path

from midan.console.views.factors import (
    Activate,
    AddPasskey,
    Authenticate,
    Confirm,
    ConfirmByPasskey,
    EnterByPasskey,
    GenerateCodes,
    RemovePasskey,
)
from midan.console.views.first import first_administrator, join
from midan.console.views.sessions import own_sessions, security


def closed(_request: HttpRequest, **_rest: str) -> None:
    """Answer as if the page were not there.

    The sign-in library brings pages we do not have: staff register no e-mail, reset no password by mail, and do not
    take off their own second factor; HR does, in person.
    """
    raise Http404


urlpatterns: list[URLPattern | URLResolver] = [
    re_path(
        r"^accounts/(?:signup|email|confirm-email|password/(?:reset|set)|login/code|2fa/totp/deactivate|2fa/webauthn/keys/\d+/edit)(?:/|$)",
        closed,  # type: ignore[arg-type]  # it always raises
    ),
    # The library's pages of the same address and name, with log entries.
    path("accounts/2fa/totp/activate/", Activate.as_view(), name="mfa_activate_totp"),
    path("accounts/2fa/authenticate/", Authenticate.as_view(), name="mfa_authenticate"),
    path("accounts/2fa/reauthenticate/", Confirm.as_view(), name="mfa_reauthenticate"),
    path(
        "accounts/2fa/recovery-codes/generate/", GenerateCodes.as_view(), name="mfa_generate_recovery_codes"
    ),
    path("accounts/2fa/", security, name="mfa_index"),
    path("accounts/2fa/webauthn/", security, name="mfa_list_webauthn"),
    path("accounts/2fa/webauthn/add/", AddPasskey.as_view(), name="mfa_add_webauthn"),
    path("accounts/2fa/webauthn/login/", EnterByPasskey.as_view(), name="mfa_login_webauthn"),
    path(
        "accounts/2fa/webauthn/reauthenticate/",
        ConfirmByPasskey.as_view(),
        name="mfa_reauthenticate_webauthn",
    ),
    path("accounts/2fa/webauthn/keys/<int:pk>/remove/", RemovePasskey.as_view(), name="mfa_remove_webauthn"),
    path("accounts/sessions/", own_sessions, name="usersessions_list"),
    path("accounts/first/<str:token>/", first_administrator, name="first_administrator"),
    path("accounts/join/<str:token>/", join, name="join"),
    path("accounts/", include("allauth.urls")),
    path("i18n/", include("django.conf.urls.i18n")),
    path("api/v1/", include("midan.gateway.urls")),
    path("", include("midan.portal.urls")),
    path("", include("midan.console.urls")),
]

handler400 = "midan.config.middleware.bad_request"
handler403 = "midan.config.middleware.permission_denied"
handler404 = "midan.config.middleware.not_found"
handler500 = "midan.config.middleware.server_error"
