"""Every address Midan answers, one line a room."""

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
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
