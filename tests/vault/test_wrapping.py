"""Epoch state v1 byte for byte: the example of specs/epoch-state.md, and rows that were moved."""

from collections.abc import Callable
from itertools import count

import pytest

from midan.core.blind import index_secret
from midan.core.keyruns import cut, unpack_run
from midan.core.keytree import Node
from midan.vault.errors import StateDamaged
from midan.vault.keyd import wrapping

GENERATION = wrapping.Generation(1, bytes(range(0x80, 0xA0)))
ROOT, STATE_KEY = bytes(range(32)), bytes(range(32, 64))


def counting() -> Callable[[int], bytes]:
    stream = count()
    return lambda size: bytes(next(stream) % 256 for _ in range(size))


def made(epoch: int = 7):
    return wrapping.new_epoch(GENERATION, epoch, counting())


def test_the_example_of_the_specification_comes_out():
    state = made()
    assert GENERATION.to_bytes().hex() == "0100000001" + bytes(range(0x80, 0xA0)).hex()
    assert state.wrapped.hex() == (
        "404142434445464748494a4bd887ac7f9c0713cd5dc889297cde8e175692963dbb3a5204099618e8f3909945215f017f3ac4ade47261bb5477b6eea2"
    )
    assert state.index_secret.hex() == (
        "4c4d4e4f5051525354555657351d898ecbcbad80613e70441cd44cddaac78e7ea9130364c22b39147b1c0e7c54802dac4fd4bc37df0c37487a7f322d"
    )
    assert state.frontier[0].sealed.hex() == (
        "58595a5b5c5d5e5f606162630831bce89a21b6505fc2e12401dfe1d7bb287f73d02d76790c42fff9e12036321b46258ea9f9c6e5b8840d66e7dc6cd6d1ef9e59082a"
    )


def test_what_was_sealed_opens_as_it_was():
    state = made()
    key = wrapping.open_state(GENERATION, 7, 1, state.wrapped)
    assert key == STATE_KEY
    assert wrapping.open_index(key, 7, state.index_secret) == index_secret(ROOT)
    assert list(wrapping.Runs(key, 7, state.frontier)) == [Node(0, 0, ROOT).to_bytes()]
    assert wrapping.Generation.from_bytes(GENERATION.to_bytes()) == GENERATION


@pytest.mark.parametrize(("epoch", "version"), [(8, 1), (7, 2)])
def test_a_state_of_another_epoch_or_version_does_not_open(epoch, version):
    with pytest.raises(StateDamaged):
        wrapping.open_state(GENERATION, epoch, version, made().wrapped)


def test_a_node_moved_in_the_tree_or_to_another_epoch_does_not_open():
    (row,) = made().frontier
    for epoch, moved in ((8, row), (7, row._replace(depth=1)), (7, row._replace(depth=1, prefix=1))):
        with pytest.raises(StateDamaged):
            wrapping.Runs(STATE_KEY, epoch, [moved])


def test_an_index_secret_of_another_epoch_does_not_open():
    with pytest.raises(StateDamaged):
        wrapping.open_index(STATE_KEY, 8, made().index_secret)


def test_a_company_secret_under_another_name_or_generation_does_not_open():
    sealed = wrapping.seal_company_secret(GENERATION, "number", bytes(16), counting())
    assert wrapping.open_company_secret(GENERATION, "number", sealed) == bytes(16)
    with pytest.raises(StateDamaged):
        wrapping.open_company_secret(GENERATION, "label-token", sealed)
    with pytest.raises(StateDamaged):
        wrapping.open_company_secret(wrapping.Generation(2, bytes(32)), "number", sealed)


@pytest.mark.parametrize("blob", [b"", b"\x01" * 5, bytes(37), b"\x01" * 38])
def test_bytes_that_are_no_generation_are_refused(blob):
    with pytest.raises(StateDamaged):
        wrapping.Generation.from_bytes(blob)


@pytest.mark.parametrize("size", [0, 5, 12, 27])
def test_truncated_rows_are_refused_and_not_read(size):
    with pytest.raises(StateDamaged):
        wrapping.open_state(GENERATION, 7, 1, made().wrapped[:size])


def test_a_large_frontier_lies_in_rows_of_many_nodes_and_opens_as_it_was():
    rows, _ = cut([(0, 0, ROOT)], [(30, record) for record in range(0, 4_000, 7)])
    state = wrapping.next_state(GENERATION, 7, 2, rows, b"i" * 32, counting())
    key = wrapping.open_state(GENERATION, 7, 2, state.wrapped)
    assert len(state.frontier) == -(-len(rows) // 128) > 1
    opened = wrapping.Runs(key, 7, reversed(state.frontier))
    assert [row for run in opened for row in unpack_run(run)] == rows
    assert wrapping.open_index(key, 7, state.index_secret) == b"i" * 32


def test_a_row_that_begins_elsewhere_than_it_says_does_not_open():
    wrong = wrapping._seal_run(STATE_KEY, 7, [(1, 1, ROOT)], counting())._replace(prefix=0)
    aad = wrapping._NODE_AAD.pack(b"midan/frontier/1", 7, 1, 0)
    forged = wrong._replace(sealed=wrapping._seal(STATE_KEY, Node(1, 1, ROOT).to_bytes(), aad, counting()))
    with pytest.raises(StateDamaged):
        wrapping.Runs(STATE_KEY, 7, [forged])


def test_a_row_is_opened_when_it_is_needed_and_damage_shows_then():
    rows, _ = cut([(0, 0, ROOT)], [(30, record) for record in range(0, 4_000, 7)])
    state = wrapping.next_state(GENERATION, 7, 2, rows, b"i" * 32, counting())
    key = wrapping.open_state(GENERATION, 7, 2, state.wrapped)
    last = state.frontier[-1]._replace(sealed=state.frontier[-1].sealed[:-1] + b"\0")
    runs = wrapping.Runs(key, 7, [*state.frontier[:-1], last])
    assert len(runs[0]) == 3 + 128 * 37
    with pytest.raises(StateDamaged):
        runs[len(runs) - 1]
