"""Registers the area with Django; the label is the table prefix."""

from django.apps import AppConfig


class AccessConfig(AppConfig):
    name = "midan.access"
    label = "access"
    default_auto_field = "django.db.models.BigAutoField"
