"""The key tree: what was punctured never opens, everything else always does, and bytes come back exactly."""

import hashlib
import json
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from midan.core import keytree
from midan.core.keytree import (
    Frontier,
    MalformedFrontier,
    Node,
    Punctured,
    Subject,
    leaf_of,
    leaves_of,
)

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "keytree.json").read_text(encoding="utf-8"))
ROOT = bytes.fromhex(VECTORS["root"])
WHOLE = Frontier.root(ROOT)
LAST = 2**32 - 1

leaves = st.one_of(st.integers(0, 63), st.integers(0, LAST), st.just(LAST))
depths = st.integers(0, 32)
subtrees = depths.flatmap(lambda depth: st.tuples(st.just(depth), st.integers(0, 2**depth - 1)))
deep_subtrees = st.tuples(st.integers(26, 32), leaves).map(lambda pair: (pair[0], pair[1] >> (32 - pair[0])))


def walk(depth, prefix):
    """Derive by the definition, with another library's SM3."""
    secret = ROOT
    for bit in f"{prefix:0{depth}b}" if depth else "":
        secret = hashlib.new("sm3", b"midan/tree/1" + secret + bytes([int(bit)])).digest()
    return secret


def node(fields):
    return Node(fields["depth"], fields["prefix"], bytes.fromhex(fields["secret"]))


def below(depth, prefix):
    return range(prefix << (32 - depth), (prefix + 1) << (32 - depth))


# --- golden vectors


@pytest.mark.parametrize("fields", VECTORS["subtrees"], ids=lambda f: f"{f['depth']}-{f['prefix']}")
def test_a_golden_subtree_is_derived(fields):
    assert WHOLE.derive_subtree(fields["depth"], fields["prefix"]) == node(fields)


def test_the_golden_row_is_read_and_written():
    expected, row = node(VECTORS["row"]["node"]), bytes.fromhex(VECTORS["row"]["bytes"])
    assert Node.from_bytes(row) == expected
    assert expected.to_bytes() == row
    assert len(row) == 38


def test_the_golden_block_is_covered_and_derived_by_a_worker():
    block = VECTORS["block"]
    nodes = WHOLE.block_nodes(block["first_record"], block["count"])
    assert nodes == tuple(map(node, block["nodes"]))
    assert [secret.hex() for secret in leaves_of(nodes)] == block["leaves"]


def test_the_golden_punctures_lead_from_frontier_to_frontier():
    frontier = WHOLE
    for step in VECTORS["punctures"]:
        change = frontier.puncture(step["depth"], step["prefix"])
        frontier = change.frontier
        assert [[gone.depth, gone.prefix] for gone in change.removed] == step["removed"]
        assert change.added == tuple(map(node, step["added"]))
        assert frontier.to_bytes().hex() == step["frontier"]
        assert Frontier.from_bytes(bytes.fromhex(step["frontier"])) == frontier


@pytest.mark.parametrize("case", VECTORS["malformed"], ids=lambda case: case["comment"])
def test_malformed_bytes_are_no_frontier(case):
    with pytest.raises(MalformedFrontier):
        Frontier.from_bytes(bytes.fromhex(case["bytes"]))


# --- derivation


@given(subtrees)
def test_a_subtree_follows_the_definition(subtree):
    assert WHOLE.derive_subtree(*subtree) == Node(*subtree, walk(*subtree))


@given(leaves, st.integers(0, 40))
def test_a_range_of_leaves_equals_its_leaves_one_by_one(first, count):
    count = min(count, LAST + 1 - first)
    assert WHOLE.leaves(first, count) == [WHOLE.derive(first + at) for at in range(count)]


@given(leaves, st.integers(0, 300))
def test_a_cover_holds_exactly_its_range_and_is_as_small_as_can_be(first, count):
    count = min(count, LAST + 1 - first)
    cover = WHOLE.cover(first, count)
    assert [leaf for part in cover for leaf in below(part.depth, part.prefix)] == [
        *range(first, first + count)
    ]
    assert leaves_of(cover) == WHOLE.leaves(first, count)
    # Two siblings side by side would have been their parent.
    assert not any(
        a.depth == b.depth and a.prefix ^ 1 == b.prefix and not a.prefix & 1 for a, b in pairwise(cover)
    )


def test_a_worker_reaches_its_own_block_and_nothing_beside_it():
    worker = Frontier(WHOLE.block_nodes(1000, 25))
    assert worker.leaves(4003, 10) == WHOLE.leaves(4003, 10)
    for leaf in (3999, 4100):
        assert not worker.covers(leaf)
        with pytest.raises(Punctured):
            worker.derive(leaf)
    with pytest.raises(Punctured):
        worker.leaves(4090, 20)


def test_a_record_owns_four_leaves():
    assert [leaf_of(5, subject) for subject in Subject] == [20, 21, 22, 23]
    assert [*below(30, 5)] == [20, 21, 22, 23]
    assert leaf_of(2**30 - 1, Subject.SPARE) == LAST


# --- puncturing


@given(deep_subtrees, leaves)
def test_a_punctured_leaf_never_opens_and_every_other_does(subtree, leaf):
    frontier = WHOLE.puncture(*subtree).frontier
    if leaf in below(*subtree):
        assert not frontier.covers(leaf)
        with pytest.raises(Punctured):
            frontier.derive(leaf)
    else:
        assert frontier.covers(leaf)
        assert frontier.derive(leaf) == walk(32, leaf)


@given(subtrees)
def test_a_puncture_leaves_the_siblings_on_the_path(subtree):
    depth, prefix = subtree
    change = WHOLE.puncture(depth, prefix)
    siblings = {(level, (prefix >> (depth - level)) ^ 1) for level in range(1, depth + 1)}
    assert {(part.depth, part.prefix) for part in change.added} == siblings
    assert [part.secret for part in change.removed] == [ROOT]
    assert tuple(change.frontier) == change.added
    assert all(part.secret == walk(part.depth, part.prefix) for part in change.added)


@given(deep_subtrees)
def test_puncturing_again_changes_nothing(subtree):
    once = WHOLE.puncture(*subtree).frontier
    again = once.puncture(*subtree)
    assert (again.removed, again.added) == ((), ())
    assert again.frontier is once


def test_a_puncture_does_not_touch_the_frontier_it_came_from():
    before = WHOLE.to_bytes()
    WHOLE.puncture(30, 7)
    assert WHOLE.to_bytes() == before


def test_the_rest_of_a_record_goes_after_one_of_its_people():
    after_one = WHOLE.puncture(32, leaf_of(5, Subject.RECIPIENT)).frontier
    change = after_one.puncture(30, 5)
    assert [(part.depth, part.prefix) for part in change.removed] == [(32, 20), (31, 11)]
    assert change.added == ()
    assert not any(change.frontier.covers(leaf) for leaf in below(30, 5))
    assert change.frontier == WHOLE.puncture(30, 5).frontier


def test_nothing_is_left_after_puncturing_the_whole_tree():
    frontier = WHOLE.puncture(30, 5).frontier.puncture(0, 0).frontier
    assert (len(frontier), tuple(frontier)) == (0, ())
    assert frontier.puncture(30, 5).removed == ()
    assert not frontier.covers(0)
    assert Frontier.from_bytes(frontier.to_bytes()) == frontier


def test_thousands_of_punctures_cross_many_runs_and_stay_exact():
    records = range(0, 24_000, 12)
    frontier = WHOLE
    for record in records:
        frontier = frontier.puncture(30, record).frontier
    assert len(frontier._runs) > 3
    assert max(map(len, frontier._runs)) <= keytree._RUN
    for leaf in range(4 * 5_000, 4 * 5_100):
        assert frontier.covers(leaf) is (leaf // 4 not in records)
    half = frontier.puncture(16, 0)  # 65,536 leaves: ends in the midst of the punctured records
    assert len(half.removed) > 3 * keytree._RUN
    assert tuple(half.frontier) == tuple(part for part in frontier if part.first >= 65_536)
    assert half.frontier.puncture(15, 0).frontier == WHOLE.puncture(15, 0).frontier
    assert Frontier.from_bytes(frontier.to_bytes()) == frontier
    assert Frontier(reversed(tuple(frontier))) == frontier


class PuncturedTree(RuleBasedStateMachine):
    """Any order of punctures, against a plain set of what is gone; look near the punctures, where mistakes live."""

    def __init__(self):
        super().__init__()
        self.frontier = WHOLE
        self.gone = set()
        self.looked = {0, 63, 64, LAST}

    @rule(depth=st.integers(27, 32), leaf=st.integers(0, 63))
    def puncture(self, depth, leaf):
        change = self.frontier.puncture(depth, leaf >> (32 - depth))
        reach = set(below(depth, leaf >> (32 - depth)))
        assert (change.removed == ()) is (reach <= self.gone)
        assert set(self.frontier) - set(change.removed) | set(change.added) == set(change.frontier)
        self.frontier = change.frontier
        self.gone |= reach

    @rule(leaf=leaves)
    def look(self, leaf):
        self.looked.add(leaf)

    @rule()
    def store_and_load(self):
        self.frontier = Frontier.from_bytes(self.frontier.to_bytes())

    @rule()
    def store_and_load_rows(self):
        self.frontier = Frontier(Node.from_bytes(part.to_bytes()) for part in self.frontier)

    @invariant()
    def open_is_what_is_not_gone(self):
        for leaf in {*range(64), *self.looked}:
            assert self.frontier.covers(leaf) is (leaf not in self.gone)

    @invariant()
    def nothing_left_leads_back(self):
        held = {(part.depth, part.prefix) for part in self.frontier}
        for leaf in self.gone:
            assert not any((depth, leaf >> (32 - depth)) in held for depth in range(33))

    def teardown(self):
        for leaf in self.looked - self.gone:
            assert self.frontier.derive(leaf) == walk(32, leaf)


TestPuncturedTree = PuncturedTree.TestCase
TestPuncturedTree.settings = settings(max_examples=25, stateful_step_count=15, deadline=None)


# --- refusals


@given(st.binary(max_size=80))
def test_only_bytes_a_frontier_gives_are_one(data):
    try:
        frontier = Frontier.from_bytes(data)
    except MalformedFrontier:
        return
    assert frontier.to_bytes() == data


@pytest.mark.parametrize(
    "row",
    [
        b"",
        bytes(38),
        b"\1" + bytes(36),
        b"\1" + bytes(38),
        b"\1\x21" + bytes(36),
        b"\1\0\0\0\0\1" + bytes(32),
    ],
)
def test_malformed_bytes_are_no_node(row):
    with pytest.raises(MalformedFrontier):
        Node.from_bytes(row)


@pytest.mark.parametrize(
    ("depth", "prefix", "length"), [(-1, 0, 32), (33, 0, 32), (2, 4, 32), (2, -1, 32), (2, 1, 31)]
)
def test_a_node_lies_in_the_tree_and_has_a_whole_secret(depth, prefix, length):
    with pytest.raises(MalformedFrontier):
        Node(depth, prefix, bytes(length))


def test_nodes_of_a_frontier_do_not_overlap():
    with pytest.raises(MalformedFrontier):
        Frontier((Node(4, 3, bytes(32)), Node(8, 3 << 4, bytes(32))))


@pytest.mark.parametrize(("depth", "prefix"), [(-1, 0), (33, 0), (30, -1), (30, 2**30)])
def test_a_subtree_outside_the_tree_is_a_mistake(depth, prefix):
    for verb in (WHOLE.puncture, WHOLE.derive_subtree):
        with pytest.raises(ValueError, match="subtree"):
            verb(depth, prefix)


@pytest.mark.parametrize(("first", "count"), [(-1, 1), (0, -1), (LAST, 2), (LAST + 2, 0)])
def test_a_range_outside_the_tree_is_a_mistake(first, count):
    for verb in (WHOLE.leaves, WHOLE.cover):
        with pytest.raises(ValueError, match="range"):
            verb(first, count)


@pytest.mark.parametrize("leaf", [-1, LAST + 1])
def test_a_leaf_outside_the_tree_is_a_mistake(leaf):
    for verb in (WHOLE.covers, WHOLE.derive):
        with pytest.raises(ValueError, match="subtree"):
            verb(leaf)


@pytest.mark.parametrize(("record", "subject"), [(-1, 0), (2**30, 0), (0, 4), (0, -1)])
def test_a_record_number_or_subject_too_wide_is_a_mistake(record, subject):
    with pytest.raises(ValueError, match="30 bits"):
        leaf_of(record, subject)


def test_neither_nodes_nor_frontiers_show_their_secrets():
    part = WHOLE.derive_subtree(30, 5)
    for shown in (repr(part), repr(WHOLE), repr(WHOLE.puncture(30, 5))):
        assert part.secret.hex()[:8] not in shown
        assert repr(part.secret)[2:10] not in shown
    assert hash(Frontier(tuple(WHOLE))) == hash(WHOLE)
    assert WHOLE.puncture(30, 5).frontier != WHOLE
    assert tuple(WHOLE) != WHOLE
