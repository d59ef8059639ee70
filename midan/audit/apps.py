"""Registers the area with Django; the label is the table prefix."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "midan.audit"
    label = "audit"
    default_auto_field = "django.db.models.BigAutoField"
