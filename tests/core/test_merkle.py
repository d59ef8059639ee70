"""The log's mathematics: published roots, every proof, every way a proof can be wrong."""

import json
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from midan.core import merkle
from midan.core.sm import SigningKey, sm3

ROOT = Path(__file__).parents[2]
VECTORS = json.loads((ROOT / "vectors" / "merkle.json").read_text(encoding="utf-8"))
DIGESTS = {"sm3": sm3, "sha256": lambda data: sha256(data).digest()}

# Roots of the growing reference tree, as published with the Certificate Transparency log code.
CT_ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def leaves(count):
    return [merkle.leaf_hash(index.to_bytes(4, "big")) for index in range(count)]


def look_up(hashes):
    def get(level, index):
        assert (index + 1) << level <= len(hashes), "asked for a subtree that is not complete"
        return merkle.fold(hashes[index << level : (index + 1) << level])

    return get


def flip(data, bit=0):
    return bytes([data[0] ^ (1 << bit)]) + data[1:]


def test_the_published_reference_roots_come_out():
    tree = VECTORS["trees"][0]
    data = [bytes.fromhex(leaf) for leaf in tree["leaves"]]
    roots = [merkle.root(data[:size], digest=DIGESTS["sha256"]).hex() for size in range(9)]
    assert roots == CT_ROOTS == tree["roots"]


@pytest.mark.parametrize("tree", VECTORS["trees"], ids=lambda tree: tree["comment"])
def test_every_vector_proof_is_made_and_accepted(tree):
    digest = DIGESTS[tree["hash"]]
    hashes = [merkle.leaf_hash(bytes.fromhex(leaf), digest=digest) for leaf in tree["leaves"]]
    roots = [bytes.fromhex(root) for root in tree["roots"]]
    for case in tree["inclusion"]:
        proof = [bytes.fromhex(item) for item in case["proof"]]
        index, size = case["index"], case["size"]
        head = merkle.Head(size, roots[size])
        merkle.verify_inclusion(head, index=index, leaf=hashes[index], proof=proof, digest=digest)
    for case in tree["consistency"]:
        proof = [bytes.fromhex(item) for item in case["proof"]]
        old, new = (merkle.Head(case[end], roots[case[end]]) for end in ("old", "new"))
        merkle.verify_consistency(old, new, proof=proof, digest=digest)


@given(st.integers(0, 300), st.lists(st.integers(1, 80), max_size=6))
@settings(max_examples=60, deadline=None)
def test_growing_by_any_steps_gives_the_same_root(singles, steps):
    hashes = leaves(singles + sum(steps))
    tree = merkle.Compact()
    for leaf in hashes[:singles]:
        tree.append(leaf)
    at = singles
    for step in steps:
        tree = merkle.Compact.from_bytes(tree.to_bytes())
        tree.extend(hashes[at : at + step])
        at += step
    assert (tree.size, tree.root()) == (len(hashes), merkle.fold(hashes))


@pytest.mark.parametrize("state", [b"", b"\x02" + bytes(8), b"\x01" + bytes(7), b"\x01" + bytes(7) + b"\x01"])
def test_a_damaged_tree_state_is_refused(state):
    with pytest.raises(merkle.MalformedCheckpoint):
        merkle.Compact.from_bytes(state)


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_a_proof_of_inclusion_holds_for_its_leaf_and_nothing_else(data):
    size = data.draw(st.integers(1, 200))
    index = data.draw(st.integers(0, size - 1))
    hashes = leaves(size)
    head = merkle.Head(size, merkle.fold(hashes))
    proof = merkle.inclusion_proof(index, size, look_up(hashes))
    merkle.verify_inclusion(head, index=index, leaf=hashes[index], proof=proof)
    wrong = [
        (head, index, flip(hashes[index]), proof),
        (merkle.Head(size, flip(head.root, 7)), index, hashes[index], proof),
        (head, index, hashes[index], [*proof, bytes(32)]),
        (head, size, hashes[index], proof),
        (head, -1, hashes[index], proof),
        (head, index, hashes[index][:-1], proof),
    ]
    if size > 1:
        place = data.draw(st.integers(0, len(proof) - 1))
        wrong += [
            (head, (index + 1) % size, hashes[index], proof),
            (head, index, hashes[index], proof[:-1]),
            (head, index, hashes[index], [*proof[:place], flip(proof[place]), *proof[place + 1 :]]),
        ]
    for claimed, at, leaf, path in wrong:
        with pytest.raises(merkle.ProofMismatch):
            merkle.verify_inclusion(claimed, index=at, leaf=leaf, proof=path)


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_a_proof_of_growth_holds_only_for_a_log_that_grew(data):
    new = data.draw(st.integers(1, 200))
    old = data.draw(st.integers(1, new))
    hashes = leaves(new)
    before = merkle.Head(old, merkle.fold(hashes[:old]))
    after = merkle.Head(new, merkle.fold(hashes))
    proof = merkle.consistency_proof(old, new, look_up(hashes))
    merkle.verify_consistency(before, after, proof=proof)
    rewritten = merkle.Head(old, merkle.fold([flip(hashes[0]), *hashes[1:old]]))
    wrong = [
        (rewritten, after, proof),
        (before, merkle.Head(new, flip(after.root)), proof),
        (before, after, [*proof, bytes(32)]),
        (before, merkle.Head(old - 1, after.root), proof),
        (before, after, [flip(item) for item in proof] or [bytes(32)]),
    ]
    if proof:
        wrong.append((before, after, proof[:-1]))
    for first, second, path in wrong:
        with pytest.raises(merkle.ProofMismatch):
            merkle.verify_consistency(first, second, proof=path)


def test_every_log_grows_out_of_the_empty_one_but_not_out_of_a_false_empty_one():
    nothing, something = merkle.Head(0, sm3(b"")), merkle.Head(3, merkle.fold(leaves(3)))
    merkle.verify_consistency(nothing, nothing, proof=[])
    merkle.verify_consistency(nothing, something, proof=[])
    for old, new in (
        (merkle.Head(0, bytes(32)), something),
        (merkle.Head(0, bytes(32)), merkle.Head(0, bytes(32))),
    ):
        with pytest.raises(merkle.ProofMismatch):
            merkle.verify_consistency(old, new, proof=[])


def test_no_proof_exists_of_what_is_not_there():
    with pytest.raises(merkle.ProofMismatch):
        merkle.inclusion_proof(3, 3, look_up(leaves(3)))
    with pytest.raises(merkle.ProofMismatch):
        merkle.consistency_proof(4, 3, look_up(leaves(3)))


def test_a_node_cannot_pose_as_a_leaf():
    left, right = leaves(2)
    assert merkle.leaf_hash(left + right) != merkle.node_hash(left, right)


@pytest.mark.parametrize("case", VECTORS["tile_paths"], ids=lambda case: case["path"])
def test_tile_paths_read_back(case):
    tile = merkle.Tile(case["level"], case["index"], case["width"])
    assert merkle.tile_path(tile) == case["path"]
    assert merkle.parse_tile_path(case["path"]) == tile


@pytest.mark.parametrize("path", [*VECTORS["bad_tile_paths"], "tile/0/000\n", "tile/0/../000"])
def test_other_spellings_of_a_tile_path_are_refused(path):
    with pytest.raises(merkle.MalformedTile):
        merkle.parse_tile_path(path)


@given(st.integers(0, 63), st.integers(0, 10**18), st.integers(1, 256))
def test_any_tile_has_one_path(level, index, width):
    tile = merkle.Tile(level, index, width)
    assert merkle.parse_tile_path(merkle.tile_path(tile)) == tile


def store_tiles(hashes, size, since, tiles):
    for tile in merkle.tiles_for(size, since=since):
        span = 256**tile.level
        first = tile.index * 256
        parts = [merkle.fold(hashes[at * span : (at + 1) * span]) for at in range(first, first + tile.width)]
        tiles[merkle.tile_path(tile)] = merkle.tile_bytes(parts)


@pytest.mark.parametrize("sizes", [(1,), (255, 256, 257), (3, 700, 1000), (66_000,)])
def test_tiles_written_step_by_step_answer_for_every_subtree(sizes):
    hashes, tiles, since = leaves(sizes[-1]), {}, 0
    for size in sizes:
        store_tiles(hashes, size, since, tiles)
        since = size
        reader = merkle.TileReader(size, lambda tile: tiles[merkle.tile_path(tile)])
        head = merkle.Head(size, merkle.fold(hashes[:size]))
        for index in {0, size // 2, size - 1}:
            proof = merkle.inclusion_proof(index, size, reader)
            merkle.verify_inclusion(head, index=index, leaf=hashes[index], proof=proof)
        with pytest.raises(merkle.MalformedTile):
            reader(0, size)


def test_only_new_tiles_are_written_again():
    assert list(merkle.tiles_for(300, since=300)) == []
    assert list(merkle.tiles_for(513, since=256)) == [
        merkle.Tile(0, 1), merkle.Tile(0, 2, 1), merkle.Tile(1, 0, 2),
    ]  # fmt: skip


def test_a_tile_of_another_length_is_refused():
    for content, width in ((bytes(31), 1), (bytes(64), 1), (b"", 1)):
        with pytest.raises(merkle.MalformedTile):
            merkle.tile_hashes(content, width=width)
    for hashes in ([], [bytes(32), bytes(31)], [bytes(32)] * 257):
        with pytest.raises(merkle.MalformedTile):
            merkle.tile_bytes(hashes)


POINT = VECTORS["checkpoint"]
TRUSTED = [merkle.Verifier(name=POINT["name"], public=bytes.fromhex(POINT["public"]))]


def test_the_vector_checkpoint_opens():
    point = merkle.open_checkpoint(POINT["text"], trusted=TRUSTED, origin="midan.example/audit")
    assert (point.size, point.root.hex()) == (8, VECTORS["trees"][1]["roots"][8])
    assert TRUSTED[0].hint.hex() == POINT["hint"]


@pytest.mark.parametrize("case", POINT["bad"], ids=lambda case: case["comment"])
def test_a_broken_checkpoint_is_refused(case):
    with pytest.raises((merkle.MalformedCheckpoint, merkle.CheckpointUnsigned)) as refused:
        merkle.open_checkpoint(case["text"], trusted=TRUSTED)
    assert refused.value.code == case["expect"]


def test_a_witness_adds_its_line_and_both_can_be_demanded():
    witness = SigningKey.generate()
    signed = merkle.parse_checkpoint(POINT["text"])
    line = merkle.sign_checkpoint(signed.checkpoint, name="witness.example", key=witness)
    text = merkle.Signed(checkpoint=signed.checkpoint, signatures=(*signed.signatures, line)).to_text()
    both = [*TRUSTED, merkle.Verifier(name="witness.example", public=witness.public)]
    assert merkle.open_checkpoint(text, trusted=both, needed=2) == signed.checkpoint
    with pytest.raises(merkle.CheckpointUnsigned):
        merkle.open_checkpoint(POINT["text"], trusted=both, needed=2)


def test_one_key_signing_twice_is_one_signature():
    signed = merkle.parse_checkpoint(POINT["text"])
    text = merkle.Signed(checkpoint=signed.checkpoint, signatures=signed.signatures * 2).to_text()
    with pytest.raises(merkle.CheckpointUnsigned):
        merkle.open_checkpoint(text, trusted=TRUSTED, needed=2)


def test_nobody_trusted_or_another_log_means_no_checkpoint():
    with pytest.raises(merkle.CheckpointUnsigned):
        merkle.open_checkpoint(POINT["text"], trusted=[])
    with pytest.raises(merkle.CheckpointUnsigned):
        merkle.open_checkpoint(POINT["text"], trusted=[], needed=0)
    with pytest.raises(merkle.CheckpointUnsigned):
        merkle.open_checkpoint(POINT["text"], trusted=TRUSTED, origin="midan.example/other")


@given(st.text(max_size=200))
def test_any_text_is_read_one_way_or_refused(text):
    for candidate in (text, POINT["text"].replace("t 2026", text, 1)):
        try:
            signed = merkle.parse_checkpoint(candidate)
        except merkle.MalformedCheckpoint:
            continue
        assert signed.to_text() == candidate


def test_the_page_shows_the_bytes_of_the_vectors():
    page = (ROOT / "specs" / "audit-log.md").read_text(encoding="utf-8")
    proof = json.loads((ROOT / "vectors" / "entry-proof.json").read_text(encoding="utf-8"))["proof"]
    entries = json.loads((ROOT / "vectors" / "entry.json").read_text(encoding="utf-8"))["cases"]
    root = merkle.parse_checkpoint(proof["checkpoint"]).checkpoint.root
    shown = [proof["salt"], proof["checkpoint"], root.hex(), *(case["leaf"] for case in entries)]
    assert [text for text in shown if text not in page] == []
    assert entries[0]["bytes"] in page.replace("\n", "")
