"""Registers the area with Django; the label is the table prefix."""

from django.apps import AppConfig


class WaybillConfig(AppConfig):
    name = "midan.waybill"
    label = "waybill"
    default_auto_field = "django.db.models.BigAutoField"
