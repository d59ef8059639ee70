"""The catalogue as data: what there is, what it may serve, on which basis, how long, shown where. Pure."""

from midan.catalog.rules.control import Clause, Control, Found, State
from midan.catalog.rules.fields import (
    FIELDS,
    ORDER_FIELDS,
    PERSONAL_FIELDS,
    CatalogueField,
    Category,
    DerivedName,
    FieldName,
    Form,
    Surface,
    serves,
)
from midan.catalog.rules.purposes import (
    PURPOSES,
    LegalBasis,
    Purpose,
    PurposeRule,
    ReasonCode,
    is_reason_for,
)
from midan.catalog.rules.retention import RETENTION, Certainty, Retention, due_day, settled_days

__all__ = [
    "FIELDS",
    "ORDER_FIELDS",
    "PERSONAL_FIELDS",
    "PURPOSES",
    "RETENTION",
    "CatalogueField",
    "Category",
    "Certainty",
    "Clause",
    "Control",
    "DerivedName",
    "FieldName",
    "Form",
    "Found",
    "LegalBasis",
    "Purpose",
    "PurposeRule",
    "ReasonCode",
    "Retention",
    "State",
    "Surface",
    "due_day",
    "is_reason_for",
    "serves",
    "settled_days",
]
