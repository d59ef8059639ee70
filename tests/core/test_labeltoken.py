"""Label tokens: they name the copy printed, and nothing can be made up."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from midan.core import labeltoken
from midan.core.labeltoken import InvalidToken, LabelToken
from midan.core.sm import sm4_ecb

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "labeltoken.json").read_text(encoding="utf-8"))
KEY = bytes.fromhex(VECTORS["key"])
TOKENS = st.builds(LabelToken, st.integers(0, 10**12 - 1), st.integers(0, 2**40 - 1))


@pytest.mark.parametrize("case", VECTORS["cases"], ids=lambda case: case["token"])
def test_published_tokens_come_out_and_go_back(case):
    token = LabelToken(case["sequence"], case["print_id"])
    assert labeltoken.encode(KEY, token) == case["token"]
    assert labeltoken.decode(KEY, case["token"]) == token


@pytest.mark.parametrize("case", VECTORS["bad"], ids=lambda case: case["comment"])
def test_what_is_no_token_is_refused(case):
    with pytest.raises(InvalidToken):
        labeltoken.decode(KEY, case["token"])


@given(TOKENS)
def test_every_token_comes_back_and_fits_a_qr_code_in_alphanumeric_mode(token):
    text = labeltoken.encode(KEY, token)
    assert len(text) == labeltoken.LENGTH
    assert set(text) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")
    assert labeltoken.decode(KEY, text) == token


@given(TOKENS, st.integers(0, 25), st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"))
def test_one_changed_letter_never_names_another_label(token, place, letter):
    text = labeltoken.encode(KEY, token)
    changed = text[:place] + letter + text[place + 1 :]
    if changed != text:
        with pytest.raises(InvalidToken):
            labeltoken.decode(KEY, changed)


@given(st.lists(TOKENS, max_size=20))
def test_a_batch_equals_its_single_tokens(tokens):
    assert labeltoken.encode_many(KEY, tokens) == [labeltoken.encode(KEY, token) for token in tokens]


def test_two_copies_of_one_label_have_unrelated_tokens():
    one, two = (labeltoken.encode(KEY, LabelToken(7, copy)) for copy in (1, 2))
    assert sum(a == b for a, b in zip(one, two, strict=True)) < 8


def test_a_token_of_another_company_is_refused():
    with pytest.raises(InvalidToken):
        labeltoken.decode(bytes(16), labeltoken.encode(KEY, LabelToken(1, 1)))


@pytest.mark.parametrize(
    "block",
    [
        bytes([2]) + bytes(15),
        bytes([1]) + bytes(10) + bytes(4) + b"\x01",
        bytes([1]) + (10**12).to_bytes(6, "big") + bytes(9),
    ],
    ids=["another version", "check not zero", "sequence out of range"],
)
def test_every_field_of_the_block_is_checked(block):
    from base64 import b32encode

    text = b32encode(sm4_ecb(KEY, block)).decode()[:26]
    with pytest.raises(InvalidToken):
        labeltoken.decode(KEY, text)


@pytest.mark.parametrize(("sequence", "print_id"), [(-1, 0), (10**12, 0), (0, -1), (0, 2**40)])
def test_a_token_out_of_range_is_a_mistake(sequence, print_id):
    with pytest.raises(ValueError, match="below"):
        LabelToken(sequence, print_id)


def test_a_key_of_another_length_is_a_mistake():
    with pytest.raises(ValueError, match="16 bytes"):
        labeltoken.encode(bytes(15), LabelToken(1, 1))
    with pytest.raises(ValueError, match="16 bytes"):
        labeltoken.decode(bytes(17), "A" * 26)


@given(st.text(max_size=30))
def test_any_text_is_refused_without_an_accident(text):
    with pytest.raises(InvalidToken):
        labeltoken.decode(KEY, text)


def test_the_page_shows_the_bytes_of_the_vectors():
    page = (Path(__file__).parents[2] / "specs" / "label-token.md").read_text(encoding="utf-8")
    assert [text for text in [VECTORS["cases"][3]["token"]] if text not in page] == []
    assert VECTORS["key"] in page
