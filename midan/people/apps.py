"""Registers the area with Django; the label is the table prefix."""

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "midan.people"
    label = "people"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Tell two-person acts who is at work, and which accounts are one person's: they stand below and cannot look."""
        from midan.approval import persons
        from midan.people import selectors

        persons.name_register(selectors)
