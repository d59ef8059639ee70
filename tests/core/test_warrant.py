"""The digest of a target list is one for every way of writing the list, and another for every other list."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from midan.core.parts import PartCode
from midan.core.warrant import Cut, Warrant, target_digest

CUTS = st.builds(Cut, st.integers(0, 2**63), st.sampled_from([None, PartCode.SENDER, PartCode.GOODS]))


def test_the_digest_of_a_list_is_what_the_specification_shows():
    digest = target_digest([7, 5], [Cut(9), Cut(8, PartCode.RECIPIENT), Cut(8, None, 3, 4)])
    assert digest.hex() == "6c0185854b11bfc93a4f1403b6050a1e93b70ea4fb393c2504b2d6a42e46ec68"


@given(epochs=st.lists(st.integers(0, 2**32 - 1)), cuts=st.lists(CUTS), seed=st.randoms())
def test_order_and_repeats_make_no_difference(epochs, cuts, seed):
    shuffled = [*epochs, *epochs[:1]], [*cuts, *cuts[:1]]
    for part in shuffled:
        seed.shuffle(part)
    assert target_digest(*shuffled) == target_digest(epochs, cuts)


@pytest.mark.parametrize(
    ("epochs", "cuts"),
    [
        ([1, 2], []),
        ([1], [Cut(2)]),
        ([1], [Cut(2, PartCode.SENDER)]),
        ([1], [Cut(2, None, 1, 0)]),
        ([], [Cut(2), Cut(1)]),
        ([], []),
    ],
)
def test_another_list_has_another_digest(epochs, cuts):
    assert target_digest(epochs, cuts) != target_digest([1], [Cut(3)])
    assert (
        Warrant(entry_id="0" * 32, epochs=tuple(epochs), cuts=tuple(cuts)).targets
        == target_digest(epochs, cuts).hex()
    )


def test_a_place_is_named_whole_or_not_at_all():
    with pytest.raises(ValueError, match="record number"):
        Cut(1, None, 3)
