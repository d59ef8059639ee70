"""Names: whose name, how long the family name, and that something is always hidden."""

import time

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from midan.core.fields.errors import InvalidField
from midan.core.fields.name import NameKind, company_ending, normalise_name
from midan.core.fields.surnames import COMPOUND, SINGLE
from midan.core.masking.name import mask_name


@pytest.mark.parametrize(
    ("raw", "text", "family"),
    [
        ("王建国", "王建国", 1),
        (" 王 建国 ", "王建国", 1),
        ("欧阳娜娜", "欧阳娜娜", 2),
        ("叶赫那拉静", "叶赫那拉静", 4),
        ("买买提•艾力", "买买提·艾力", 0),
        ("买买提 ． 艾力", "买买提·艾力", 0),
        ("阿依古丽・买买提江", "阿依古丽·买买提江", 0),
        ("王建国（收）", "王建国", 1),
        ("王建国 收", "王建国", 1),
        ("Ｌｉｌｙ Wang", "Lily Wang", 0),
        ("𠮷野", "𠮷野", 0),
    ],
)
def test_a_persons_name_is_made_plain(raw, text, family):
    name = normalise_name(raw)
    assert (name.kind, name.text, name.surname_length) == (NameKind.PERSON, text, family)
    assert normalise_name(name.text) == name


@pytest.mark.parametrize(
    "raw", ["杭州云山茶业有限公司", "云山大药房", "菜鸟驿站", "第二人民医院", "云山便利店", "物业服务中心"]
)
def test_a_company_is_told_from_a_person(raw):
    assert normalise_name(raw).kind is NameKind.COMPANY


def test_a_form_of_address_does_not_count_when_names_are_compared():
    assert normalise_name("王建国先生").bare == normalise_name("王建国").bare
    assert normalise_name("王先生").bare == "王先生"


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        ("", "name_empty"),
        ("  ", "name_empty"),
        ("12345", "name_digits"),
        ("12", "name_digits"),
        ("王建国17000001234", "name_phone"),
        ("王建国😀", "name_emoji"),
        ("王\x00建国", "name_control"),
        ("王\u202e建国", "name_control"),
        ("王建国\n李", "name_control"),
        ("王建国$", "name_char"),
        ("--", "name_char"),
        ("王" * 51, "name_too_long"),
        ("云" * 77 + "有限公司", "name_too_long"),
    ],
)
def test_a_refusal_has_a_stable_reason_and_never_the_value(raw, reason):
    with pytest.raises(InvalidField) as refused:
        normalise_name(raw)
    assert refused.value.reason == reason
    assert not raw.strip() or raw not in str(refused.value.as_dict())


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("王建国", "王**"),
        ("王伟", "王*"),
        ("王", "*"),
        ("欧阳娜娜", "欧阳**"),
        ("欧阳静", "欧阳*"),
        ("欧阳", "欧*"),
        ("诸葛明", "诸葛*"),
        ("叶赫那拉静", "叶赫那拉*"),
        ("王先生", "王**"),
        ("买买提·艾力", "买**·**"),
        ("阿依古丽•买买提江", "阿***•****"),
        ("John Smith", "J*** *****"),
        ("王 建国", "王 **"),
        ("王建国17000001234", "王*************"),
        ("杭州云山茶业有限公司", "杭州****有限公司"),
        ("王建国便利店", "王**便利店"),
        ("😀", "*"),
        ("王!", "**"),
        ("欧阳!", "欧**"),
        ("A·", "*·"),
        ("", ""),
    ],
)
def test_the_family_name_stays_and_the_rest_is_hidden(raw, shown):
    assert mask_name(raw) == shown
    assert mask_name(shown) == shown


HAN_NAMES = st.text(alphabet="".join(chr(code) for code in range(0x4E00, 0x9FA5, 7)), min_size=1, max_size=6)


@given(st.sampled_from(sorted(SINGLE)), HAN_NAMES)
def test_no_given_name_survives_behind_a_single_family_name(family, given_name):
    assume(not company_ending(family + given_name))
    shown = mask_name(family + given_name)
    assert len(shown) == len(family + given_name)
    assert shown.rstrip("*") in {family, *COMPOUND}
    assert shown.endswith("*")


@given(st.sampled_from(sorted(COMPOUND)), HAN_NAMES)
def test_a_compound_family_name_is_never_kept_longer_than_it_is(family, given_name):
    assume(not company_ending(family + given_name[:2]))
    assert mask_name(family + given_name[:2]).rstrip("*") in {family, family[0], *COMPOUND}


@given(st.text(max_size=40) | st.text(alphabet="王欧阳司马·•. 　Aa1*有限公司便利店先生收", max_size=14))
def test_masking_never_raises_keeps_length_and_repeats_nothing(raw):
    shown = mask_name(raw)
    assert len(shown) == len(raw)
    assert mask_name(shown) == shown
    assert not raw.strip() or shown != raw or "*" in raw or not any(map(str.isalnum, raw))


def test_there_are_enough_compound_family_names():
    assert len(COMPOUND) >= 80


def test_a_long_name_takes_time_in_proportion_to_its_length():
    started = time.process_time()
    for raw in ("王" * 5000 + "!", "王 " * 2500 + "!", "欧阳·" * 2000 + "!"):
        assert len(mask_name(raw)) == len(raw)
    assert time.process_time() - started < 2
