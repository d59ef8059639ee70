"""Telephone numbers: one canonical text however typed, one reason for each refusal, never a full number in a mask."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from midan.core.fields.errors import InvalidField
from midan.core.fields.phone import Phone, PhoneKind, normalise_phone, parse_phone
from midan.core.masking.phone import mask_phone

SAME_MOBILE = [
    "17000001234",
    " 17000001234 ",
    "170 0000 1234",
    "170-0000-1234",
    "170.0000.1234",
    "(170)0000-1234",
    "+8617000001234",
    "+86 170 0000 1234",
    "(+86)170-0000-1234",
    "008617000001234",
    "0086-170-0000-1234",
    "86-17000001234",
    "017000001234",
    "１７０００００１２３４",
    "１７０－００００－１２３４",
    "170\u00a00000\u30001234",
    "1\u200b7000001234",
    "'17000001234",
]


@pytest.mark.parametrize("raw", SAME_MOBILE)
def test_every_way_of_typing_a_mobile_gives_the_same_text(raw):
    assert normalise_phone(raw) == Phone(kind=PhoneKind.MOBILE, number="17000001234")


@pytest.mark.parametrize(
    ("raw", "kind", "text"),
    [
        ("0571-88001234", "landline", "057188001234"),
        ("(0571) 8800 1234", "landline", "057188001234"),
        ("+86 571 88001234", "landline", "057188001234"),
        ("+86 (0)571-88001234", "landline", "057188001234"),
        ("010 88001234", "landline", "01088001234"),
        ("0570-3001234", "landline", "05703001234"),
        ("0571-88001234转801", "landline", "057188001234x801"),
        ("0571-88001234-801", "landline", "057188001234x801"),
        ("0571-88001234 ext. 801", "landline", "057188001234x801"),
        ("057188001234#801", "landline", "057188001234x801"),
        ("0571-88001234 分机:801", "landline", "057188001234x801"),
        ("057188001234x801", "landline", "057188001234x801"),
        ("170 0000 1234 转 5678", "mobile", "17000001234x5678"),
        ("17000001234,5678", "mobile", "17000001234x5678"),
        ("400-000-1234", "service", "4000001234"),
        ("8000001234", "service", "8000001234"),
        ("95000", "service", "95000"),
        ("+852 5000 1234", "hk", "+85250001234"),
        ("00852-50001234", "hk", "+85250001234"),
        ("+853 6600 1234", "macau", "+85366001234"),
        ("+886 0912 000 123", "taiwan", "+886912000123"),
        ("+886 2 2700 1234", "taiwan", "+886227001234"),
        ("+1 (202) 555-0100", "international", "+12025550100"),
    ],
)
def test_other_numbers_keep_country_area_and_extension(raw, kind, text):
    phone = normalise_phone(raw)
    assert (phone.kind.value, phone.text) == (kind, text)
    assert normalise_phone(phone.text) == phone


def test_the_tail_is_the_numbers_and_not_the_extensions():
    assert normalise_phone("0571-88001234转801").tail == "1234"


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        ("", "phone_empty"),
        (" \u3000\u200b", "phone_empty"),
        ("12345", "phone_too_short"),
        ("1700000123", "phone_invalid"),
        ("12000001234", "phone_invalid"),
        ("170000012345", "phone_invalid"),
        ("88001234", "phone_area_code_missing"),
        ("17000001234/17000005678", "phone_two_numbers"),
        ("1" * 17, "phone_too_long"),
        ("电话" + "1" * 60, "phone_too_long"),
        ("没有", "phone_invalid"),
        ("1700000abcd", "phone_invalid"),
        ("一七〇零零零零一二三四", "phone_invalid"),
    ],
)
def test_a_refusal_has_a_stable_reason_and_never_the_value(raw, reason):
    with pytest.raises(InvalidField) as refused:
        normalise_phone(raw)
    assert refused.value.reason == reason
    assert not raw.strip() or raw not in str(refused.value.as_dict())


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("17000001234", "*******1234"),
        ("170-0000-1234", "***-****-1234"),
        ("+86 170 0000 1234", "+** *** **** 1234"),
        ("１７０００００１２３４", "*******１２３４"),
        ("0571-88001234", "****-****1234"),
        ("057188001234x801", "********1234x***"),
        ("0571-88001234-801", "****-****1234-***"),
        ("400-000-1234", "***-***-1234"),
        ("88001234", "********"),
        ("95000", "*****"),
        ("+852 5000 1234", "+*** **** **34"),
        ("17000001234/17000005678", "*" * 23),
        ("打给张三17000001234", "*" * 15),
        ("1\u200b7\u200b000001234", "*\u200b*\u200b*****1234"),
        ("\u200b".join("17000001234"), "\u200b".join("*******1234")),
        ("", ""),
    ],
)
def test_a_mask_hides_six_digits_or_everything(raw, shown):
    assert mask_phone(raw) == shown
    assert mask_phone(shown) == shown


@given(st.from_regex(r"(\+86[ -]?)?1[3-9][0-9][ -]?[0-9]{4}[ -]?[0-9]{4}", fullmatch=True))
def test_at_least_six_of_eleven_digits_are_hidden_whatever_the_form(raw):
    shown = mask_phone(raw)
    assert len(shown) == len(raw)
    assert shown.count("*") >= 7
    assert "".join(filter(str.isdigit, shown)) == raw.replace("-", "").replace(" ", "")[-4:]
    assert mask_phone(normalise_phone(raw).text)[-4:] == shown.replace("-", "").replace(" ", "")[-4:]


@given(st.text(max_size=45) | st.text(alphabet="0123456789+-() *转x#,.：１２３", max_size=30))
def test_masking_never_raises_keeps_length_and_repeats_nothing(raw):
    shown = mask_phone(raw)
    assert len(shown) == len(raw)
    assert mask_phone(shown) == shown
    assert sum(map(str.isdigit, shown)) <= 4


@given(st.text(max_size=45))
def test_normalising_returns_a_phone_or_refuses(raw):
    parsed = parse_phone(raw)
    if parsed is None:
        with pytest.raises(InvalidField, match=r"^phone: phone_"):
            normalise_phone(raw)
    else:
        assert normalise_phone(raw) == parsed[0] == normalise_phone(parsed[0].text)
