"""Registers the area with Django; the label is the table prefix."""

from django.apps import AppConfig


class VaultConfig(AppConfig):
    name = "midan.vault"
    label = "vault"
    default_auto_field = "django.db.models.BigAutoField"
