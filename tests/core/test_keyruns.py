"""Many punctures at once leave what as many single ones leave, and rows read back as what was packed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from midan.core.keynode import DEPTH, MalformedFrontier, leaf_of
from midan.core.keyruns import RUN, cut, first_leaf, pack_run, runs, unpack_run
from midan.core.keytree import Frontier, Node

ROOT = (0, 0, bytes(range(32)))
# Near each other, so that they meet; single leaves, records, larger subtrees.
NEAR = st.integers(0, 63).flatmap(
    lambda leaf: st.integers(26, DEPTH).map(lambda depth: (depth, leaf >> (DEPTH - depth)))
)
ANY = st.integers(0, DEPTH).flatmap(lambda depth: st.tuples(st.just(depth), st.integers(0, (1 << depth) - 1)))


def one_by_one(rows, targets):
    frontier = Frontier(Node(*row) for row in rows)
    lost = []
    for target in targets:
        change = frontier.puncture(*target)
        frontier = change.frontier
        lost += [target] if change.removed else []
    return [(node.depth, node.prefix, node.secret) for node in frontier], lost


@given(before=st.lists(NEAR, max_size=12), targets=st.lists(NEAR, max_size=12))
def test_many_at_once_are_as_many_one_after_the_other(before, targets):
    rows, _ = cut([ROOT], before)
    assert rows == one_by_one([ROOT], before)[0]
    assert cut(rows, targets)[0] == one_by_one(rows, targets)[0]


@given(targets=st.lists(ANY, max_size=6))
def test_anywhere_in_the_tree(targets):
    assert cut([ROOT], targets)[0] == one_by_one([ROOT], targets)[0]


@given(before=st.lists(NEAR, max_size=8), targets=st.lists(NEAR, max_size=8, unique=True))
def test_what_was_gone_before_is_not_counted_again(before, targets):
    rows, _ = cut([ROOT], before)
    lost = cut(rows, targets)[1]
    again = cut(cut(rows, targets)[0], targets)[1]
    assert again == []
    largest_first = sorted(targets)
    assert set(lost) <= set(one_by_one(rows, largest_first)[1])
    covered = lambda leaf, spans: any(a <= leaf < b for a, b in spans)  # noqa: E731
    spans = [(p << (DEPTH - d), (p + 1) << (DEPTH - d)) for d, p in lost]
    frontier = Frontier(Node(*row) for row in rows)
    for depth, prefix in targets:
        for leaf in range(prefix << (DEPTH - depth), (prefix + 1) << (DEPTH - depth)):
            if leaf < 64 and frontier.covers(leaf):
                assert covered(leaf, spans)


def test_a_target_that_begins_where_an_opened_node_ended_is_found():
    rows, _ = cut([ROOT], [(28, 3)])
    holes, _ = cut(rows, [(30, 8), (32, 40)])
    assert cut(holes, [(32, 36), (29, 5)])[1] == [(29, 5), (32, 36)]


def test_a_person_of_a_record_goes_without_the_other():
    rows, lost = cut([ROOT], [(32, leaf_of(7, 1))])
    frontier = Frontier(Node(*row) for row in rows)
    assert lost == [(32, 29)]
    assert [frontier.covers(leaf) for leaf in range(28, 32)] == [True, False, True, True]


@given(targets=st.lists(st.integers(0, 5000), max_size=200))
def test_rows_read_back_as_what_was_packed(targets):
    rows, _ = cut([ROOT], [(30, record) for record in targets])
    packed = [pack_run(run) for run in runs(rows)]
    assert [row for data in packed for row in unpack_run(data)] == rows
    assert all(len(unpack_run(data)) <= RUN for data in packed)
    assert sorted(rows, key=first_leaf) == rows


def test_a_row_of_one_node_is_what_it_was_before_there_were_runs():
    assert pack_run([ROOT]) == Node(*ROOT).to_bytes()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x03" + bytes(37),
        b"\x01" + bytes(36),
        b"\x01" + bytes(74),
        b"\x02\x00\x01" + bytes(37),
        b"\x02\x00\x03" + b"\x20\x00\x00\x00\x00" + bytes(32) + b"\x20\x00\x00\x00\x01" + bytes(32),
        b"\x02\x00\x02" + b"\x20\x00\x00\x00\x01" + bytes(32) + b"\x20\x00\x00\x00\x00" + bytes(32),
        b"\x02\x00\x02" + b"\x20\x00\x00\x00\x00" + bytes(32) + b"\x20\x00\x00\x00\x00" + bytes(32),
        b"\x02\x00\x02" + b"\x01\x00\x00\x00\x02" + bytes(32) + b"\x20\x00\x00\x00\x01" + bytes(32),
        b"\x02\x00\x02" + b"\x21\x00\x00\x00\x00" + bytes(32) + b"\x20\x00\x00\x00\x01" + bytes(32),
        b"\x02\x00\x00",
    ],
    ids=[
        "empty",
        "version",
        "short",
        "two as one",
        "one as many",
        "count",
        "order",
        "overlap",
        "prefix",
        "depth",
        "none",
    ],
)
def test_anything_else_is_no_row(data):
    with pytest.raises(MalformedFrontier):
        unpack_run(data)
