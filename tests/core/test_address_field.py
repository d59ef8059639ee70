"""When an address is accepted, and the reason when it is not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from midan.core.fields.address import LONGEST, Address, normalise_address
from midan.core.fields.errors import InvalidField

REASONS = {
    "address_control_characters",
    "address_too_short",
    "address_too_long",
    "address_no_division",
}


def reason_of(raw: str) -> str:
    with pytest.raises(InvalidField) as refused:
        normalise_address(raw)
    assert refused.value.field == "address"
    return refused.value.reason


def test_an_address_knows_its_division() -> None:
    assert normalise_address("浙江省杭州市余杭区文一西路969号") == Address(
        text="浙江省杭州市余杭区文一西路969号",
        code="330110",
        province="浙江省",
        city="杭州市",
        district="余杭区",
    )


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ("杭州市余杭区文一西路969号", "330110"),
        ("北京 北京市 朝阳区 工体北路8号", "110105"),
        ("北京朝阳区工体北路8号", "110105"),
        ("内蒙古呼和浩特市土默特左旗察素齐镇", "150121"),
        ("广东省东莞市长安镇乌沙社区", "441900"),
        ("湖北省仙桃市沙嘴街道", "429004"),
        ("江苏昆山玉山镇前进路1号", "320583"),
        ("香港特别行政区中西区皇后大道", "810001"),
        ("台湾省台北市信义路", "710000"),
    ],
)
def test_usual_spellings_of_a_division_are_read(raw: str, code: str) -> None:
    assert normalise_address(raw).code == code


def test_a_sure_city_with_a_zone_unknown_to_the_table_is_accepted_without_a_code() -> None:
    address = normalise_address("四川省成都市高新区天府大道1号")

    assert (address.code, address.city, address.district) == (None, "成都市", "高新区")


@pytest.mark.parametrize("province", ["香港", "澳门"])
def test_the_special_regions_are_accepted_at_the_province(province: str) -> None:
    assert normalise_address(f"{province}某某大道中1号").code is None


def test_spaces_and_invisible_characters_are_tidied_and_the_rest_kept() -> None:
    raw = "  浙江省 杭州市\u200b  余杭区　文一西路９６９号 "

    assert normalise_address(raw).text == "浙江省 杭州市 余杭区 文一西路９６９号"


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        ("", "address_too_short"),
        ("   ", "address_too_short"),
        ("杭州市", "address_too_short"),
        ("杭州市余杭区" + "长" * LONGEST, "address_too_long"),
        ("杭州市余杭区\x00文一西路", "address_control_characters"),
        ("杭州市余杭区\n文一西路", "address_control_characters"),
        ("杭州市余杭区\u202e文一西路", "address_control_characters"),
        ("杭州市余杭区\ud800文一西路", "address_control_characters"),
        ("阳光花园3栋2单元501", "address_no_division"),
        ("浙江省文一西路969号", "address_no_division"),
        ("朝阳区三里屯街道8号", "address_no_division"),
    ],
)
def test_a_refusal_names_its_reason(raw: str, reason: str) -> None:
    assert reason_of(raw) == reason


@given(st.text(max_size=12) | st.text(max_size=12).map("杭州市余杭区".__add__))
def test_a_refusal_names_the_field_and_never_the_value(raw: str) -> None:
    refusal: dict[str, object] = {}
    try:
        accepted = normalise_address(raw)
    except InvalidField as refused:
        refusal = refused.as_dict()
    else:
        assert normalise_address(accepted.text) == accepted

    if refusal:
        assert refusal["message"] in {f"address: {reason}" for reason in REASONS}
        assert set(refusal["details"]) == {"field", "reason"}
