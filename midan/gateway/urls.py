"""Addresses of the API."""

from django.urls import URLPattern, URLResolver, path
from django.views.decorators.csrf import csrf_exempt
from oauth2_provider.views import TokenView

from midan.gateway.api import api

urlpatterns: list[URLPattern | URLResolver] = [
    path("token", csrf_exempt(TokenView.as_view()), name="token"),
    path("", api.urls),
]
