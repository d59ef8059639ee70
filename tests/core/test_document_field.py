"""Numbers of identity documents: one spelling for each kind, a stable reason for what is none, and no echo."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from midan.core.fields.document import LONGEST, DocumentKind, normalise_document
from midan.core.fields.errors import InvalidField
from midan.core.fields.idcard import check_character

TODAY = date(2026, 11, 24)
# Days long past, made-up sequences: nobody's.
CARD, PERMIT = "110101190001010006", "81000019000101001"
GOOD = {
    DocumentKind.RESIDENT: (CARD, "１１０１０１ 19000101 0006", "110101-19000101-0006"),
    DocumentKind.TEMPORARY: (CARD,),
    DocumentKind.RESIDENCE: (PERMIT + check_character(PERMIT),),
    DocumentKind.MILITARY: ("军字第0000001号", "南字第 00000012 号"),
    DocumentKind.ARMED_POLICE: ("武字第0000001号",),
    DocumentKind.HK_MACAU_PERMIT: ("H00000001", "m0000000102"),
    DocumentKind.TAIWAN_PERMIT: ("00000001", "0000000102(B)"),
    DocumentKind.PASSPORT: ("E00000001", "ea0000001", "X0000 001"),
}


def reason_of(kind: DocumentKind, raw: str) -> str:
    with pytest.raises(InvalidField) as refused:
        normalise_document(kind, raw, today=TODAY)
    assert refused.value.field == "id_number"
    return refused.value.reason


def spelt(kind: DocumentKind, raw: str) -> str:
    """Return the number, or the reason why there is none."""
    try:
        return normalise_document(kind, raw, today=TODAY)
    except InvalidField as refused:
        return refused.reason


@pytest.mark.parametrize(("kind", "raw"), [(kind, raw) for kind, raws in GOOD.items() for raw in raws])
def test_a_number_has_one_spelling_and_keeps_it(kind, raw):
    found = normalise_document(kind, raw, today=TODAY)
    assert normalise_document(kind, found, today=TODAY) == found
    assert found == found.upper()
    assert not set(found) & set(" -　")


@pytest.mark.parametrize(
    ("kind", "raw", "reason"),
    [
        (DocumentKind.RESIDENT, CARD[:-1] + "7", "id_check"),
        (DocumentKind.RESIDENT, "11010119001301000X", "id_date"),
        (DocumentKind.RESIDENT, "E00000001", "id_length"),
        (DocumentKind.RESIDENT, GOOD[DocumentKind.RESIDENCE][0], "id_region"),
        (DocumentKind.RESIDENCE, CARD, "id_region"),
        (DocumentKind.PASSPORT, CARD, "id_shape"),
        (DocumentKind.PASSPORT, "ABCDEFGH", "id_shape"),
        (DocumentKind.PASSPORT, " - ", "id_empty"),
        (DocumentKind.PASSPORT, "1" * (LONGEST + 1), "id_length"),
        (DocumentKind.HK_MACAU_PERMIT, "T00000001", "id_shape"),
        (DocumentKind.TAIWAN_PERMIT, "0000001", "id_shape"),
        (DocumentKind.MILITARY, "17000001234", "id_shape"),
    ],
)
def test_what_is_none_is_refused_with_its_reason(kind, raw, reason):
    assert reason_of(kind, raw) == reason


def test_every_kind_has_a_number_that_is_taken():
    assert set(GOOD) == set(DocumentKind)


@given(st.sampled_from(DocumentKind), st.text(max_size=LONGEST + 6))
def test_whatever_is_typed_is_a_number_or_a_reason_and_never_repeated(kind, raw):
    found = spelt(kind, raw)
    assert found.startswith("id_") or spelt(kind, found) == found


@given(st.dates(date(1900, 1, 1), TODAY), st.integers(0, 999), st.integers(0, 16), st.integers(0, 9))
def test_one_wrong_digit_of_a_card_is_never_taken_for_another_card(born, running, place, digit):
    body = f"110101{born:%Y%m%d}{running:03d}"
    card = body + check_character(body)
    assert normalise_document(DocumentKind.RESIDENT, card, today=TODAY) == card
    if card[place] != str(digit):
        wrong = card[:place] + str(digit) + card[place + 1 :]
        assert reason_of(DocumentKind.RESIDENT, wrong).startswith("id_")
