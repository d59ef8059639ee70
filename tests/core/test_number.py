"""Waybill numbers: a permutation nobody can walk through, and a check digit."""

import json
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from midan.core import number

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "number.json").read_text(encoding="utf-8"))
KEY = bytes.fromhex(VECTORS["key"])
SEQUENCES = st.integers(0, number.CAPACITY - 1)


@pytest.mark.parametrize("case", VECTORS["cases"], ids=lambda case: case["number"])
def test_published_numbers_come_out_and_go_back(case):
    assert number.encode(KEY, case["sequence"]) == case["number"]
    assert number.decode(KEY, case["number"]) == case["sequence"]


@pytest.mark.parametrize("case", VECTORS["bad"], ids=lambda case: case["comment"])
def test_what_is_no_number_is_refused_and_not_repeated(case):
    assert not number.is_well_formed(case["number"])
    with pytest.raises(number.InvalidNumber) as refused:
        number.decode(KEY, case["number"])
    assert not case["number"] or case["number"].strip() not in str(refused.value.as_dict())


@given(SEQUENCES, st.binary(min_size=16, max_size=16))
def test_every_sequence_comes_back(sequence, key):
    text = number.encode(key, sequence)
    assert number.is_well_formed(text)
    assert number.decode(key, text) == sequence


@given(st.integers(0, 10**12 - 1))
def test_every_digit_string_is_the_number_of_exactly_one_sequence(value):
    digits = f"{value:012d}"
    text = f"MD{digits}{number.check_digit(digits)}"
    assert number.encode(KEY, number.decode(KEY, text)) == text


@given(SEQUENCES, st.integers(0, 12), st.integers(1, 9))
def test_one_wrong_digit_is_always_caught(sequence, place, shift):
    text = number.encode(KEY, sequence)
    wrong = (int(text[2 + place]) + shift) % 10
    assert not number.is_well_formed(f"{text[: 2 + place]}{wrong}{text[3 + place :]}")


def test_a_batch_equals_its_single_numbers_and_has_no_twins():
    first = 999_990
    batch = number.encode_many(KEY, first, 20_000)
    assert batch[:25] == [number.encode(KEY, first + offset) for offset in range(25)]
    assert len(set(batch)) == 20_000
    assert number.encode_many(KEY, 5, 0) == []


def test_neighbours_share_nothing_visible():
    batch = number.encode_many(KEY, 0, 5_000)
    digits = [text[2:14] for text in batch]
    for place in range(12):
        counts = [sum(text[place] == digit for text in digits) for digit in "0123456789"]
        assert min(counts) > 400, f"digit {place} is uneven: {counts}"
        assert max(counts) < 600, f"digit {place} is uneven: {counts}"
    kept = sum(one[place] == two[place] for one, two in pairwise(digits) for place in range(12))
    assert 0.09 < kept / (4_999 * 12) < 0.11


def test_another_key_gives_other_numbers():
    other = bytes(16)
    assert number.encode(KEY, 1) != number.encode(other, 1)


@pytest.mark.parametrize(("first", "count"), [(-1, 1), (10**12, 1), (10**12 - 1, 2), (0, -1)])
def test_sequences_outside_the_range_are_a_mistake(first, count):
    with pytest.raises(ValueError, match="sequences run"):
        number.encode_many(KEY, first, count)


@pytest.mark.parametrize("key", [b"", bytes(15), bytes(32)])
def test_a_key_of_another_length_is_a_mistake(key):
    with pytest.raises(ValueError, match="16 bytes"):
        number.encode(key, 1)
    with pytest.raises(ValueError, match="16 bytes"):
        number.decode(key, VECTORS["cases"][0]["number"])


@given(st.text(max_size=20))
def test_any_text_is_judged_without_an_accident(text):
    if number.is_well_formed(text):
        assert 0 <= number.decode(KEY, text) < number.CAPACITY
    else:
        with pytest.raises(number.InvalidNumber):
            number.decode(KEY, text)


def test_the_page_shows_the_bytes_of_the_vectors():
    page = (Path(__file__).parents[2] / "specs" / "waybill-number.md").read_text(encoding="utf-8")
    assert [text for text in [str(case["number"]) for case in VECTORS["cases"][:3]] if text not in page] == []
    assert VECTORS["key"] in page
