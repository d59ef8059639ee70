"""The customer meets the same company as the staff."""

from tests.console.conftest import company

__all__ = ["company"]
