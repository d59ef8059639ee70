"""Registers the area with Django; the label is the table prefix."""

from django.apps import AppConfig


class DevicesConfig(AppConfig):
    name = "midan.devices"
    label = "devices"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Read the posture rule: one that is wrong keeps every process from starting, and never lets anybody through."""
        from midan.devices.selectors import posture

        posture()
