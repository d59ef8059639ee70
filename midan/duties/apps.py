"""Registers the area with Django; the label is the table prefix."""

from django.apps import AppConfig


class DutiesConfig(AppConfig):
    name = "midan.duties"
    label = "duties"
    default_auto_field = "django.db.models.BigAutoField"
