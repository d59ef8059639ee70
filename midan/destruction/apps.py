"""Registers the area with Django; the label is the table prefix."""

from django.apps import AppConfig


class DestructionConfig(AppConfig):
    name = "midan.destruction"
    label = "destruction"
    default_auto_field = "django.db.models.BigAutoField"
