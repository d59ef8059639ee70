"""Addresses of the customer's pages."""

from django.urls import URLPattern, URLResolver, path

from midan.portal import views

app_name = "portal"
urlpatterns: list[URLPattern | URLResolver] = [
    path("track", views.track, name="track"),
    path("l/<str:token>", views.label, name="label"),
    # A QR code of capitals and digits alone is a third smaller.
    path("L/<str:token>", views.label),
    path("notice/<str:version>", views.notice, name="notice"),
]
