"""The catalogue as data: what there is, what it may serve, on which basis, how long, shown where. Pure."""

from midan.catalog.rules.algorithm import Algorithm, Standing
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
from midan.catalog.rules.retention import (
    RETENTION,
    SEALED,
    Certainty,
    LengthBasis,
    Retention,
    due_day,
    last_day,
    settled_days,
    within_cap,
)

__all__ = [
    "FIELDS",
    "ORDER_FIELDS",
    "PERSONAL_FIELDS",
    "PURPOSES",
    "RETENTION",
    "SEALED",
    "Algorithm",
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
    "LengthBasis",
    "Purpose",
    "PurposeRule",
    "ReasonCode",
    "Retention",
    "Standing",
    "State",
    "Surface",
    "due_day",
    "is_reason_for",
    "last_day",
    "serves",
    "settled_days",
    "within_cap",
]
