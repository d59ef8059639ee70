"""Identity numbers: check digit, date and region decide; only the ends are ever shown."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from midan.core.fields.errors import InvalidField
from midan.core.fields.idcard import check_character, normalise_idcard
from midan.core.masking.idcard import mask_id

TODAY = date(2026, 11, 23)
BODY = "11010519491231002"  # the worked example of the standard itself; its check character is X


def test_the_standards_own_example_is_accepted():
    card = normalise_idcard(BODY + "X", today=TODAY)
    assert (card.number, card.birth, card.region) == (BODY + "X", date(1949, 12, 31), "110105")


@pytest.mark.parametrize(
    "raw",
    [
        BODY + "x",
        "110105 19491231 002X",
        "110105-19491231-002x",
        "１１０１０５１９４９１２３１００２Ｘ",
        "110105\u200b19491231002X",
        "110105491231002",
    ],
)
def test_every_way_of_writing_it_gives_one_number(raw):
    assert normalise_idcard(raw, today=TODAY).number == BODY + "X"


def _with_check(body):
    return body + check_character(body)


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        ("", "id_empty"),
        ("12345", "id_length"),
        ("11010519491231002A", "id_shape"),
        ("1101051949X231002X", "id_shape"),
        (_with_check("99010519491231002"), "id_region"),
        (_with_check("11010519491301002"), "id_date"),
        (_with_check("11010519490230002"), "id_date"),
        (_with_check("11010518001231002"), "id_date"),
        (_with_check("11010520261124002"), "id_future"),
        (BODY + "0", "id_check"),
        ("110105491331002", "id_date"),
    ],
)
def test_a_refusal_names_the_rule_and_not_the_number(raw, reason):
    with pytest.raises(InvalidField) as refused:
        normalise_idcard(raw, today=TODAY)
    assert refused.value.reason == reason
    assert not raw or raw not in str(refused.value.as_dict())


@given(st.integers(0, 16), st.sampled_from("0123456789"))
def test_one_wrong_digit_is_always_refused(place, digit):
    if BODY[place] == digit:
        return
    with pytest.raises(InvalidField):
        normalise_idcard(BODY[:place] + digit + BODY[place + 1 :] + "X", today=TODAY)


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        (BODY + "X", "11**************2X"),
        ("110105 19491231 002X", "11**** ******** **2X"),
        ("E12345678", "E1*****78"),
        ("1234567", "*******"),
        ("", ""),
    ],
)
def test_only_two_characters_at_each_end_are_shown(raw, shown):
    assert mask_id(raw) == shown


@pytest.mark.parametrize(
    "raw",
    [
        BODY + "X王建国",
        "王建国" + BODY + "X",
        "身份证号：" + BODY + "X",
        BODY + "X," + BODY + "X",
        "军字第0000000号",
        "一一零一零五一九四九",
    ],
)
def test_what_is_more_or_less_than_one_number_is_hidden_whole(raw):
    assert mask_id(raw) == "*" * len(raw)


@given(st.text(max_size=30) | st.from_regex(r"[0-9]{17}[0-9Xx]", fullmatch=True))
def test_masking_keeps_length_and_repeats_nothing(raw):
    shown = mask_id(raw)
    assert len(shown) == len(raw)
    assert mask_id(shown) == shown
    assert sum(letter.isalnum() for letter in shown) <= 4
