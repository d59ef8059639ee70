"""Registers the area with Django; the label is the table prefix."""

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "midan.people"
    label = "people"
    default_auto_field = "django.db.models.BigAutoField"
