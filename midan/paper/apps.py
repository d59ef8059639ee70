"""Registers the area with Django; the label is the table prefix."""

from django.apps import AppConfig


class PaperConfig(AppConfig):
    name = "midan.paper"
    label = "paper"
    default_auto_field = "django.db.models.BigAutoField"
