"""One row: what is accepted and in which form, what is refused and by which code, and that nothing is repeated."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from midan.collection.rules import COLUMNS, KINDS, Order, Reject, check_row, kind_of
from tests.collection.orders import CANARY_NAME, CANARY_PHONE, VERSION, canary, leaked, order

NOTICES = frozenset({VERSION})
# Invented: no person was ever born on this day in this division with this sequence and check digit.
ID_NUMBER = "110101190001010014"
WORDS = ("name", "phone", "address", "goods_name", "goods_kind", "remark", "order_ref", "notice_version")
TEXT_FIELDS = [name for name in COLUMNS if name.endswith(WORDS)]


def codes(row):
    checked = check_row(row, notices=NOTICES)
    assert isinstance(checked, tuple), "the row was accepted"
    return {(reject.field, str(reject.code)) for reject in checked}


def test_a_good_row_comes_back_in_its_one_form():
    row = order(
        recipient_phone="+86 170-0000-1234", recipient_name=" 孙 试乙 收", goods_kind="书籍", remark=" 轻放 "
    )
    checked = check_row(row, notices=NOTICES)
    assert isinstance(checked, Order)
    assert checked.recipient_phone == "17000001234"
    assert checked.recipient_name == "孙试乙"
    assert checked.goods_kind == "图书"
    assert checked.remark == "轻放"
    assert checked.recipient_address.district_code == "320102"
    assert checked.sender_address.district_code == "330106"


@pytest.mark.parametrize("name", COLUMNS)
def test_every_field_of_the_contract_must_be_there(name):
    row = order()
    del row[name]
    assert codes(row) == {(name, "missing_field")}


def test_a_field_the_service_does_not_need_is_refused_not_ignored():
    assert codes(order(id_number=ID_NUMBER)) == {("id_number", "unknown_field")}
    assert codes(order(birthday="1990-01-01")) == {("birthday", "unknown_field")}


def test_an_unknown_field_whose_name_may_hold_data_is_not_named():
    assert codes(order() | {f"{CANARY_NAME}{CANARY_PHONE}": 1}) == {("?", "unknown_field")}


@pytest.mark.parametrize("name", COLUMNS)
def test_null_is_no_value(name):
    assert codes(order(**{name: None})) == {(name, "null_value")}


@pytest.mark.parametrize("name", TEXT_FIELDS)
@pytest.mark.parametrize("value", [17000000001, 1.5, True, ["x"], {"a": 1}, b"bytes"])
def test_text_must_be_text(name, value):
    assert codes(order(**{name: value})) == {(name, "not_text")}


@pytest.mark.parametrize("name", ["quantity", "weight_g"])
@pytest.mark.parametrize("value", ["1", 1.0, True, "many", [1]])
def test_numbers_must_be_whole_numbers(name, value):
    assert codes(order(**{name: value})) == {(name, "not_a_number")}


@pytest.mark.parametrize(
    ("name", "value"),
    [("quantity", 0), ("quantity", -1), ("quantity", 10_000), ("weight_g", 0), ("weight_g", 10**30)],
)
def test_numbers_have_bounds(name, value):
    assert codes(order(**{name: value})) == {(name, "out_of_range")}


@pytest.mark.parametrize("name", [name for name in TEXT_FIELDS if name != "remark"])
@pytest.mark.parametrize("value", ["", "   ", "\u3000"])
def test_only_the_remark_may_be_empty(name, value):
    assert codes(order(**{name: value})) == {(name, "empty_value")}
    assert isinstance(check_row(order(remark=value), notices=NOTICES), Order)


@pytest.mark.parametrize("name", TEXT_FIELDS)
def test_a_million_characters_are_refused_at_once(name):
    row = order(**{name: "测" * 1_000_000})
    began = time.perf_counter()
    assert codes(row) == {(name, "too_long")}
    assert time.perf_counter() - began < 0.05


@pytest.mark.parametrize("name", TEXT_FIELDS)
@pytest.mark.parametrize(
    "mark", ["\x00", "\n", "\r", "\t", "\x1b", "\x7f", "\x85", "\u202e", "\u2028", "\ud800"]
)
def test_control_characters_are_refused(name, mark):
    assert codes(order(**{name: f"测试{mark}字"})) == {(name, "control_character")}


@pytest.mark.parametrize("name", [name for name in TEXT_FIELDS if name != "notice_version"])
@pytest.mark.parametrize("value", ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", " =1", "＝1", "＠x"])
def test_spreadsheet_formulas_are_refused(name, value):
    assert codes(order(**{name: value})) == {(name, "formula_not_allowed")}


def test_a_phone_may_begin_with_plus_and_a_country_code():
    checked = check_row(order(sender_phone="+8617000000001"), notices=NOTICES)
    assert isinstance(checked, Order)
    assert checked.sender_phone == "17000000001"


@pytest.mark.parametrize("name", [name for name in TEXT_FIELDS if name != "notice_version"])
@pytest.mark.parametrize(
    "written",
    [ID_NUMBER, "１１０１０１１９０００１０１００１４", "110101 19000101 0014", "110101-19000101-0014"],
    ids=["plain", "full width", "spaced", "dashed"],
)
def test_an_identity_number_is_refused_in_every_field(name, written):
    assert codes(order(**{name: written})) == {(name, "identity_number_not_allowed")}


def test_an_identity_number_inside_a_remark_is_found():
    assert codes(order(remark=f"证件{ID_NUMBER}请核对")) == {("remark", "identity_number_not_allowed")}


def test_a_mistyped_identity_number_in_a_remark_is_still_one():
    assert codes(order(remark=ID_NUMBER[:-1] + "9")) == {("remark", "identity_number_not_allowed")}


def test_an_old_identity_number_of_fifteen_digits_is_found_in_text():
    assert codes(order(remark="110101000101001")) == {("remark", "identity_number_not_allowed")}


@pytest.mark.parametrize(
    "reference",
    ["202611230000123456", "110101190001010015", "4200001234202611230000000001", "110101000101001"],
)
def test_a_long_order_reference_is_no_identity_number_unless_its_check_digit_says_so(reference):
    assert isinstance(check_row(order(order_ref=reference), notices=NOTICES), Order)


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("sender_phone", "12345", "phone_too_short"),
        ("recipient_phone", "一二三", "phone_invalid"),
        ("recipient_name", "12345678", "name_digits"),
        ("recipient_address", "某个说不清的地方", "address_no_division"),
    ],
)
def test_a_field_that_breaks_its_own_rule_says_which(name, value, code):
    assert codes(order(**{name: value})) == {(name, code)}


def test_an_order_that_names_a_notice_nobody_published_is_refused():
    assert codes(order(notice_version="1999-01")) == {("notice_version", "unknown_notice")}


def test_every_fault_of_a_row_is_told_at_once():
    found = codes(order(sender_phone="1", quantity=0, notice_version="x", remark=None))
    assert {field for field, _ in found} == {"sender_phone", "quantity", "notice_version", "remark"}


def test_a_kind_outside_the_list_never_reaches_the_clear_table():
    checked = check_row(order(goods_kind=CANARY_NAME), notices=NOTICES)
    assert isinstance(checked, Order)
    assert checked.goods_kind == "其他"
    assert all(kind_of(kind) == kind for kind in KINDS)


def test_neither_an_order_nor_a_refusal_shows_a_value():
    good = check_row(canary(), notices=NOTICES)
    bad = check_row(canary(quantity=None, sender_phone=CANARY_PHONE + CANARY_PHONE), notices=NOTICES)
    assert isinstance(good, Order)
    assert isinstance(bad, tuple)
    assert leaked(repr(good), str(good), repr(good.recipient_address), repr(bad)) == []


def test_the_same_order_written_otherwise_is_the_same_order():
    one = check_row(order(recipient_phone="17000001234"), notices=NOTICES)
    other = check_row(order(recipient_phone="+86 170-0000-1234"), notices=NOTICES)
    assert one.canonical() == other.canonical()


@given(st.sampled_from([name for name in COLUMNS if name != "goods_kind"]))
def test_any_difference_in_a_field_is_another_content(name):
    changed = {
        "quantity": 2,
        "weight_g": 501,
        "sender_phone": "17000000002",
        "recipient_phone": "17000000003",
        "sender_name": "李试丙",
        "recipient_name": "李试丁",
        "notice_version": "2026-12",
    }.get(name, f"{order()[name]}乙")
    notices = frozenset({VERSION, "2026-12"})
    one, other = (check_row(row, notices=notices) for row in (order(), order(**{name: changed})))
    assert one.canonical() != other.canonical()


@given(
    st.dictionaries(
        st.sampled_from(COLUMNS), st.text() | st.integers() | st.none() | st.floats(), max_size=13
    )
)
def test_whatever_stands_in_a_row_it_is_an_order_or_a_list_of_codes(changes):
    checked = check_row(order() | changes, notices=NOTICES)
    assert isinstance(checked, Order) or all(isinstance(reject, Reject) for reject in checked)


def test_a_row_is_checked_in_well_under_a_millisecond():
    rows = [order(number) for number in range(300)]
    best = min(_seconds(rows) for _ in range(5))
    assert best / len(rows) < 300e-6


def _seconds(rows):
    began = time.process_time()
    for row in rows:
        check_row(row, notices=NOTICES)
    return time.process_time() - began
