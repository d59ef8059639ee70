"""Errors of the catalogue.

MidanError
└── RegisterUnreadable    the clause register is missing or does not hold together
"""

from typing import ClassVar

from midan.core.errors import MidanError


class RegisterUnreadable(MidanError):
    """`policy/clauses.toml` cannot be read; `details` says which entry and what is wrong with it."""

    code: ClassVar[str] = "register_unreadable"
    status: ClassVar[int] = 500
    exit_code: ClassVar[int] = 4
