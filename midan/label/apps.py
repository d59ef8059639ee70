"""Registers the area with Django; the label is the table prefix."""

from django.apps import AppConfig


class LabelConfig(AppConfig):
    name = "midan.label"
    label = "label"
    default_auto_field = "django.db.models.BigAutoField"
