"""NotInTransaction: somebody wrote rows without a transaction around them."""

from typing import ClassVar

from midan.core.errors import MidanError


class NotInTransaction(MidanError):
    """A programming mistake: the write would not share a transaction with its log entry."""

    code: ClassVar[str] = "not_in_transaction"
    status: ClassVar[int] = 500
