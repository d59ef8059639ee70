"""A view takes a row's own words, and what the row says otherwise; it never leaves a field out."""

from dataclasses import dataclass

import pytest

from midan.label.models import Withdrawal
from midan.store.views import view_of


@dataclass(frozen=True)
class Known:
    print_id: int
    number: str = ""


@dataclass(frozen=True)
class Unknown:
    print_id: int
    weather: str


def test_a_view_takes_what_the_row_has_and_what_it_is_told():
    row = Withdrawal(print_id=7)
    assert view_of(Known, row, number="MD1") == Known(print_id=7, number="MD1")
    assert view_of(Known, row, number="MD1", print_id=8).print_id == 8


def test_a_field_nobody_fills_is_an_error_and_no_default():
    with pytest.raises(AttributeError):
        view_of(Known, Withdrawal(print_id=7))
    with pytest.raises(AttributeError):
        view_of(Unknown, Withdrawal(print_id=7))
