"""Addresses of the API."""

from django.urls import URLPattern, URLResolver, path
from django.views.decorators.csrf import csrf_exempt

from midan.gateway.api import api
from midan.gateway.tokens import ClientTokenView

urlpatterns: list[URLPattern | URLResolver] = [
    path("token", csrf_exempt(ClientTokenView.as_view()), name="token"),
    path("", api.urls),
]
