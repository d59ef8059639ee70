"""Registers the area with Django; the label is the table prefix."""

from django.apps import AppConfig


class ApprovalConfig(AppConfig):
    name = "midan.approval"
    label = "approval"
    default_auto_field = "django.db.models.BigAutoField"
