"""Registers the area with Django; the label is the table prefix."""

from django.apps import AppConfig


class CollectionConfig(AppConfig):
    name = "midan.collection"
    label = "collection"
    default_auto_field = "django.db.models.BigAutoField"
