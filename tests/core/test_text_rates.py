"""How much of nasty free text is found, and how much harmless text is left alone: rates with a floor each.

Texts and labels are those of `midan bench masks`. Floors lie above what the product promises (docs/ideas/text-masks.md).
"""

from random import Random

import pytest

from midan.bench.labelled import texts
from midan.core.fields.surnames import surname_length
from midan.core.masking.idcard import mask_id
from midan.core.masking.name import mask_name
from midan.core.masking.phone import mask_phone
from midan.core.masking.text import mask_text


@pytest.mark.parametrize(
    ("kind", "floor"),
    [
        ("phone", 0.99),
        ("id", 0.99),
        ("card", 0.99),
        ("plate", 0.98),
        ("email", 0.99),
        ("account", 0.98),
        ("unit", 0.97),
        ("name", 0.95),
    ],
)
def test_nasty_text_is_found(kind, floor):
    random = Random(20261123)
    missed = []
    for _ in range(1500):
        case = texts.KINDS[kind](random)
        shown = mask_text(case.text)
        assert len(shown) == len(case.text)
        assert mask_text(shown) == shown
        if not case.is_safe(shown):
            missed.append(case.text)
    assert len(missed) <= 1500 * (1 - floor), missed[:20]


def test_harmless_text_is_left_alone():
    touched = [line for line in texts.HARMLESS if mask_text(line) != line]
    assert len(texts.HARMLESS) >= 600
    assert len(touched) <= 0.03 * len(texts.HARMLESS), touched


def test_typed_names_phones_and_ids_are_always_safe():
    random = Random(7)
    for name in texts.NAMES:
        assert mask_name(name)[surname_length(name) or 1 :].strip("*") == ""
        assert "*" in mask_name(name)
    for _ in range(2000):
        assert mask_phone(texts.phone(random).part).count("*") >= 6
        assert sum(map(str.isalnum, mask_id(texts.identity(random).part))) <= 4
