"""What the rule lets onto a label, and what it never does."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from midan.core.actor import Actor
from midan.core.masking.address import mask_address
from midan.core.masking.name import mask_name
from midan.core.masking.phone import mask_phone
from midan.core.number import encode
from midan.label import rules
from midan.label.errors import ForbiddenOnLabel
from midan.label.rules import Parcel
from midan.ui.saying import sentence
from tests.label.models import NUMBER, ORDINARY, PAYLOAD, TOKEN, longest, model

DIGITS = "0123456789"
PERSONAL = ("recipient_name", "recipient_address", "sender_name", "sender_address")
TEXTS = (
    *PERSONAL,
    "recipient_phone",
    "sender_phone",
    "destination",
    "company",
    "goods_kind",
    "sorting_code",
    "payload",
)


def refusal(**changes: object) -> tuple[str, str]:
    with pytest.raises(ForbiddenOnLabel) as caught:
        rules.check(model(**changes))
    return caught.value.field, caught.value.reason


def test_ordinary_and_longest_labels_pass():
    assert rules.check(model()) == model()
    assert rules.check(longest()) == longest()


@pytest.mark.parametrize(
    "phone", ["17000001234", "170****1234", "", "*****1234", "******12345", "0571-8888****"]
)
def test_a_phone_with_fewer_than_six_hidden_digits_is_refused(phone: str):
    assert refusal(recipient_phone=phone) == ("recipient_phone", "phone_not_hidden")


@pytest.mark.parametrize("name", ["孙试乙", "孙", "", "Alice"])
def test_a_name_without_a_hidden_character_is_refused(name: str):
    assert refusal(sender_name=name) == ("sender_name", "name_not_hidden")


@pytest.mark.parametrize(
    "address",
    ["浙江省杭州市西湖区测试大道东方测试花园3幢2单元501室", "浙江省杭州市西湖区测试大道东方测试花园3-2-501"],
)
def test_an_address_with_a_visible_unit_is_refused(address: str):
    assert refusal(recipient_address=address) == ("recipient_address", "unit_visible")


@pytest.mark.parametrize(
    "number", ["110101190001010014", "11010119000101001X", "110101900101001", "11**************14"]
)
@pytest.mark.parametrize("field", TEXTS)
def test_an_identity_number_is_refused_wherever_it_stands(field: str, number: str):
    assert refusal(**{field: f"{ORDINARY[field]}{number}"})[0] == field


@pytest.mark.parametrize("field", ["destination", "company"])
@pytest.mark.parametrize(
    "number", ["110101190001010014", "１１０１０１１９０００１０１００１４", "110101 19000101 0014"]
)
def test_an_identity_number_is_recognised_in_the_companys_own_texts(field: str, number: str):
    assert refusal(**{field: f"网点{number}"}) == (field, "identity_number")


@pytest.mark.parametrize("field", ["goods_name", "remark", "order_ref", "id_number"])
def test_what_has_no_place_on_a_label_is_refused_by_name(field: str):
    with pytest.raises(ForbiddenOnLabel) as caught:
        rules.build(ORDINARY | {field: "x"})
    assert caught.value.field == field


def test_an_unknown_field_is_refused_not_ignored():
    with pytest.raises(ForbiddenOnLabel) as caught:
        rules.build(ORDINARY | {"gift_message": "x"})
    assert (caught.value.field, caught.value.reason) == ("label", "unknown_field")


def test_a_model_with_more_fields_than_a_label_is_refused():
    class Wider(rules.LabelModel):
        nickname = "x"

    with pytest.raises(ForbiddenOnLabel) as caught:
        rules.check(Wider(**ORDINARY))
    assert caught.value.reason == "unknown_field"


@pytest.mark.parametrize(
    "payload",
    [
        f"{PAYLOAD}?phone=17000001234",
        f"HTTP://LOCALHOST:8000/L/{NUMBER}",
        PAYLOAD.lower(),
        f"{PAYLOAD}A",
        PAYLOAD[:-1],
        f"{PAYLOAD}\n",
        TOKEN,
    ],
)
def test_the_square_carries_the_token_url_and_nothing_else(payload: str):
    assert refusal(payload=payload) == ("payload", "more_than_a_token")


@pytest.mark.parametrize("number", ["MD0000000000000", "110101190001010014", f"{NUMBER} ", NUMBER.lower()])
def test_the_bars_carry_a_waybill_number_and_nothing_else(number: str):
    assert refusal(number=number) == ("number", "not_a_waybill_number")


@pytest.mark.parametrize("field", ["quantity", "weight_g", "copy_no"])
@pytest.mark.parametrize("count", [-1, "17000001234", 110101190001010014, 1.5, True])
def test_a_count_is_a_count(field: str, count: object):
    assert refusal(**{field: count}) == (field, "not_a_count")


def test_one_label_of_a_batch_that_may_not_be_printed_is_named():
    fine, other = model(), model(number=encode(bytes(16), 8), recipient_address="测试大道东方测试花园3-2-501")
    assert other.number != fine.number
    with pytest.raises(ForbiddenOnLabel) as caught:
        rules.check_all([fine, other, fine])
    assert caught.value.details == {
        "waybill": other.number,
        "field": "recipient_address",
        "reason": "unit_visible",
    }
    assert other.number in sentence(caught.value)
    with pytest.raises(ForbiddenOnLabel) as caught:
        rules.check_all([model(number="17000009731")])
    assert caught.value.details == {"field": "number", "reason": "not_a_waybill_number"}


def test_an_error_never_repeats_the_value():
    with pytest.raises(ForbiddenOnLabel) as caught:
        rules.check(model(recipient_phone="17000009731"))
    assert "9731" not in repr(caught.value.as_dict())


names = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), min_size=1, max_size=30)
phones = st.one_of(
    st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True),
    st.from_regex(r"0[1-9][0-9]{1,2}-[1-9][0-9]{6,7}", fullmatch=True),
    st.text(DIGITS + "-+ ()", min_size=1, max_size=20),
)


@given(name=names)
def test_no_raw_name_passes_unless_its_mask_is_itself(name: str):
    if mask_name(name) == name and "*" in name:
        return
    assert refusal(recipient_name=name)[0] == "recipient_name"


@given(phone=phones)
def test_no_phone_with_more_than_four_digits_showing_passes(phone: str):
    if sum(map(str.isdecimal, phone)) > 4:
        assert refusal(sender_phone=phone) == ("sender_phone", "phone_not_hidden")


@given(
    road=st.sampled_from(
        ["浙江省杭州市西湖区测试路", "江苏省南京市玄武区测试花园", "上海市浦东新区测试镇测试村"]
    ),
    unit=st.from_regex(r"[1-9][0-9]?(幢|栋|号楼)[1-9](单元)[1-9]0[1-9]室?", fullmatch=True),
)
def test_an_address_passes_only_after_its_unit_is_hidden(road: str, unit: str):
    assert refusal(recipient_address=road + unit) == ("recipient_address", "unit_visible")
    assert rules.check(model(recipient_address=mask_address(road + unit)))


@given(
    phone=st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True),
    name=st.text("赵钱孙李周吴郑王试甲乙丙", min_size=2, max_size=4),
)
def test_what_the_mask_leaves_passes(phone: str, name: str):
    assert rules.check(model(recipient_phone=mask_phone(phone), recipient_name=mask_name(name)))


@given(
    name=st.from_regex(r"[\u4e00-\u9fff]\*{1,3}", fullmatch=True),
    tail=st.from_regex(r"[0-9]{4}", fullmatch=True),
)
def test_the_short_ways_judge_as_the_masks_do(name: str, tail: str):
    assert mask_name(name) == name
    assert mask_phone(f"*******{tail}") == f"*******{tail}"
    assert rules.check(model(recipient_name=name, recipient_phone=f"*******{tail}"))


@given(
    field=st.sampled_from(["recipient_name", "recipient_address", "destination", "company", "goods_kind"]),
    digits=st.text(DIGITS, min_size=18, max_size=18),
    before=st.text("测试路网点", max_size=6),
)
def test_eighteen_digits_pass_nowhere(field: str, digits: str, before: str):
    assert refusal(**{field: before + digits})[0] == field


def staff(role: str, branch: str = "HZ001") -> Actor:
    return Actor(kind="staff", name="S00001", role=role, branch=branch)


def parcel(**changes: object) -> Parcel:
    values = {
        "client": "shop",
        "branch": "HZ001",
        "handler": "",
        "status": "created",
        "route": frozenset({"HZ001"}),
    }
    return Parcel(**(values | changes))


@pytest.mark.parametrize("role", ["branch_manager", "clerk", "sorter"])
def test_the_floor_prints_for_parcels_on_its_route_only(role: str):
    assert rules.may_print(staff(role), parcel())
    assert not rules.may_print(staff(role, "BJ001"), parcel())
    assert not rules.may_print(staff(role, ""), parcel(route=frozenset({""})))


def test_a_courier_prints_for_what_is_in_hand_or_waits_for_its_first_scan():
    assert rules.may_print(staff("courier"), parcel())
    assert rules.may_print(staff("courier"), parcel(status="out_for_delivery", handler="S00001"))
    assert not rules.may_print(staff("courier"), parcel(status="arrived"))
    assert not rules.may_print(staff("courier"), parcel(status="out_for_delivery", handler="S00002"))
    assert not rules.may_print(staff("courier", "BJ001"), parcel())


def test_a_client_prints_its_own_waybills_only():
    shop = Actor(kind="client", name="shop", role="integrator")
    assert rules.may_print(shop, parcel())
    assert not rules.may_print(shop, parcel(client="other"))
    assert not rules.may_print(Actor(kind="client", name=""), parcel(client=""))


@pytest.mark.parametrize(
    "role",
    [
        "agent",
        "hr",
        "privacy_officer",
        "analyst",
        "auditor",
        "regulator",
        "integrator",
        "sysadmin",
        "",
        "king",
    ],
)
def test_every_other_post_is_denied(role: str):
    assert not rules.may_print(staff(role), parcel(handler="S00001"))
    assert not rules.prints_labels(staff(role))


def test_a_stranger_is_denied():
    assert not rules.may_print(Actor(kind="public", name="x"), parcel(client="x", handler="x"))
