"""Search digests: stable bytes, one epoch's digests useless in another, unambiguous values."""

import json
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from midan.core.blind import Indexer, Kind, digests_many, index_secret, name_tail_value, phone_tail

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "blind.json").read_text(encoding="utf-8"))

secrets = st.binary(min_size=32, max_size=32)
kinds = st.sampled_from(Kind)
values = st.text(st.characters(codec="utf-8"), min_size=1, max_size=40)
phones = st.from_regex(r"\+?[0-9]{1,4}-?[0-9]{4,8}", fullmatch=True)


@pytest.mark.parametrize("case", VECTORS["cases"], ids=lambda case: Kind(case["kind"]).name)
def test_a_golden_digest_never_changes(case):
    secret = index_secret(bytes.fromhex(VECTORS["root"]))
    assert secret.hex() == VECTORS["index_secret"]
    assert Indexer(secret).digest(Kind(case["kind"]), case["value"]).hex() == case["digest"]


@given(secrets, kinds, values)
def test_a_digest_has_16_bytes_and_is_repeatable(secret, kind, value):
    digest = Indexer(secret).digest(kind, value)
    assert len(digest) == 16
    assert Indexer(secret).digest(kind, value) == digest


@given(st.tuples(secrets, kinds, values), st.tuples(secrets, kinds, values))
def test_another_epoch_kind_or_value_gives_another_digest(one, other):
    assume(one != other)
    digests = {Indexer(secret).digest(kind, value) for secret, kind, value in (one, other)}
    assert len(digests) == 2


@given(st.lists(secrets, max_size=6), kinds, values)
def test_a_search_over_many_epochs_agrees_with_each_of_them(many, kind, value):
    indexers = [Indexer(secret) for secret in many]
    assert digests_many(indexers, kind, value) == [indexer.digest(kind, value) for indexer in indexers]


@given(values, phones, values, phones)
def test_two_people_share_a_name_and_tail_value_only_by_sharing_both(name, phone, other_name, other_phone):
    same_people = (name, phone_tail(phone)) == (other_name, phone_tail(other_phone))
    assert (name_tail_value(name, phone) == name_tail_value(other_name, other_phone)) is same_people


@pytest.mark.parametrize(
    ("phone", "tail"),
    [("10012345678", "5678"), ("0571-1001-23", "0123"), ("+86 100 1234 5 6 7 8", "5678"), ("1234", "1234")],
)
def test_the_tail_is_the_last_four_digits(phone, tail):
    assert phone_tail(phone) == tail


@pytest.mark.parametrize("phone", ["", "123", "１２３４", "12-3"])
def test_fewer_than_four_digits_have_no_tail(phone):
    with pytest.raises(ValueError, match="four digits"):
        phone_tail(phone)


@pytest.mark.parametrize(("kind", "value"), [(Kind.PHONE, ""), (9, "x"), (0, "x"), (Kind.PHONE, "林\ud800")])
def test_a_value_that_cannot_be_digested_is_refused_without_being_shown(kind, value):
    with pytest.raises(ValueError, match="known kind") as caught:
        Indexer(bytes(32)).digest(kind, value)
    assert "林" not in str(caught.value)
    assert caught.value.__context__ is None
    with pytest.raises(ValueError, match="known kind"):
        digests_many([], kind, value)


@pytest.mark.parametrize("secret", [b"", bytes(16), bytes(33)])
def test_roots_and_index_secrets_have_32_bytes(secret):
    with pytest.raises(ValueError, match="32 bytes"):
        Indexer(secret)
    with pytest.raises(ValueError, match="32 bytes"):
        index_secret(secret)


def test_kind_codes_are_stable():
    assert {kind.name: int(kind) for kind in Kind} == {
        "PHONE": 1,
        "PHONE_TAIL": 2,
        "NAME_TAIL": 3,
        "ORDER_REF": 4,
    }
