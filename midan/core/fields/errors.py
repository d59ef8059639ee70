"""Errors of the fields.

MidanError
└── InvalidField      names the field and a stable reason slug; never the value
"""

from midan.core.errors import MidanError


class InvalidField(MidanError):
    """A value breaks its field's rule. `reason` is a stable slug such as `address_no_division`."""

    code = "invalid_field"
    status = 422

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}", field=field, reason=reason)
        self.field = field
        self.reason = reason
