"""The root of every error Midan raises on purpose.

MidanError            code, message for a person, clause, details; never a customer's value
├── InvalidField      core.fields: a value that breaks a field's rule (names the field, not the value)
└── …                 each area draws its own branch in its errors.py
"""

from types import MappingProxyType
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Mapping


class MidanError(Exception):
    """An expected refusal. `code` is stable for ever; `details` holds counts, names of fields, row numbers.

    Exit codes (`exit_code`): 1 refused or failed check, 3 input rejected entirely, 4 state, 5 interrupted.
    HTTP status: `status`.
    """

    code: ClassVar[str] = "error"
    clause: ClassVar[str | None] = None
    status: ClassVar[int] = 400
    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, **details: object) -> None:
        super().__init__(message)
        self.message = message
        self.details: Mapping[str, object] = MappingProxyType(dict(details))

    def as_dict(self) -> dict[str, object]:
        """Return the one error shape of command line and API: code, message, clause, details."""
        return {
            "code": self.code,
            "message": str(self.message),
            "clause": self.clause,
            "details": dict(self.details),
        }
