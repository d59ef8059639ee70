"""Rows as others read them: frozen values with the row's own words, so that no model leaves its area."""

from dataclasses import fields
from typing import TYPE_CHECKING, Any, TypeVar

from django.db.models import Model

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

View = TypeVar("View", bound="DataclassInstance")


def view_of(kind: type[View], row: Model, **told: Any) -> View:
    """Return a dataclass filled from the row's attributes of the same names; `told` is what the row says otherwise.

    A field that neither has is an AttributeError at once.
    """
    return kind(**{one.name: getattr(row, one.name) for one in fields(kind) if one.name not in told} | told)
