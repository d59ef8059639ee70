"""Clause L6.2: a certificate holds as it was issued, with the log's public key alone, and in no other byte."""

import json
from base64 import b64encode

import pytest

from midan.core.certificate import CertificateRefused, canonical, facts_digest, read, write
from midan.core.entry import Entry, entry_leaf
from midan.core.merkle import Checkpoint, Signed, Verifier, inclusion_proof, node_hash, sign_checkpoint
from midan.core.merkle.hashing import leaf_hash
from midan.core.sm import SigningKey

KEY, OTHER = SigningKey.from_bytes(bytes(31) + b"\x07"), SigningKey.from_bytes(bytes(31) + b"\x09")
NAME = "midan.log/0011223344556677"
KNOWN = Verifier(name=NAME, public=KEY.public)
SALT = bytes(range(32))
FACTS = {
    "number": "D20261123-0001",
    "status": "final",
    "totals": {"records": 3, "persons": 0},
    "times": {"content_unreadable_since": "2026-11-23T06:30:00.000000Z"},
    "condition": {"zh": "当且仅当旧一代密钥没有任何副本留存", "en": "if and only if"},
}


def entry(facts, **changes):
    wanted = {
        "entry_id": "ab" * 16,
        "time": "2026-11-23T06:30:00.000000Z",
        "actor": "system:destruction",
        "act": "destruction:certificate:issued",
        "object": "certificate:D20261123-0001",
        "outcome": "done",
        "details": {"facts": facts_digest(facts), "status": "final"},
    }
    return Entry(**(wanted | changes))


def proof_of(one, *, key=KEY, name=NAME):
    """A log of two entries, ours the second."""
    leaves = [leaf_hash(b"another"), entry_leaf(SALT, one.to_bytes())]
    head = Checkpoint(origin=name, size=2, root=node_hash(*leaves))
    signed = Signed(checkpoint=head, signatures=(sign_checkpoint(head, name=name, key=key),))
    return {
        "v": 1,
        "entry": b64encode(one.to_bytes()).decode(),
        "salt": SALT.hex(),
        "index": 1,
        "size": 2,
        "proof": [item.hex() for item in inclusion_proof(1, 2, lambda _level, index: leaves[index])],
        "checkpoint": signed.to_text(),
    }


@pytest.fixture(scope="module")
def issued():
    return write(FACTS, proof_of(entry(FACTS)), name=NAME, key=KEY)


def refused(data, trusted=KNOWN):
    with pytest.raises(CertificateRefused) as error:
        read(data, trusted=trusted)
    assert (error.value.clause, error.value.exit_code) == ("L6.2", 1)
    return error.value.details["fault"]


def test_it_holds_with_the_public_key_alone(issued):
    found = read(issued, trusted=KNOWN)
    assert (found.number, found.status, found.log_index, found.log_size) == ("D20261123-0001", "final", 1, 2)
    assert found.facts["condition"]["zh"].startswith("当且仅当")


def test_any_byte_changed_and_it_does_not_hold(issued):
    for place in range(len(issued)):
        for flip in (0x01, 0x20, 0x80):
            refused(issued[:place] + bytes((issued[place] ^ flip,)) + issued[place + 1 :])


@pytest.mark.parametrize("cut", [0, 1, 100, -1])
def test_a_piece_of_it_does_not_hold(issued, cut):
    refused(issued[:cut])
    refused(issued + b"\n")
    refused(issued + issued)


def test_another_spelling_of_the_same_facts_does_not_hold(issued):
    assert refused(json.dumps(json.loads(issued)).encode()) == "spelling"
    assert refused(issued.rstrip()) == "spelling"


def test_another_key_another_name_does_not_hold(issued):
    assert refused(issued, Verifier(name=NAME, public=OTHER.public)) == "signature"
    assert refused(issued, Verifier(name="midan.log/0000000000000000", public=KEY.public)) == "signature"


def test_facts_the_log_does_not_name_do_not_hold_however_well_signed():
    more = FACTS | {"totals": {"records": 4, "persons": 0}}
    assert refused(write(more, proof_of(entry(FACTS)), name=NAME, key=KEY)) == "entry"
    for changes in ({"act": "destruction:run:started"}, {"object": "certificate:D20261123-0002"}):
        assert refused(write(FACTS, proof_of(entry(FACTS, **changes)), name=NAME, key=KEY)) == "entry"


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("index", 0),
        ("index", True),
        ("size", 3),
        ("size", "2"),
        ("proof", []),
        ("proof", ["zz"]),
        ("proof", "00"),
        ("salt", "00" * 32),
        ("salt", 7),
        ("checkpoint", ""),
        ("checkpoint", None),
        ("v", 2),
    ],
)
def test_a_proof_that_is_none_does_not_hold(member, value):
    log = proof_of(entry(FACTS)) | {member: value}
    assert refused(write(FACTS, log, name=NAME, key=KEY)) == "proof"


def test_a_log_signed_by_somebody_else_does_not_hold():
    log = proof_of(entry(FACTS), key=OTHER)
    assert refused(write(FACTS, log, name=NAME, key=KEY)) == "proof"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{}",
        b"[]",
        b"null",
        b"\xff",
        b'{"v":1}',
        b"[" * 100_000,
        b'{"facts":1,"kind":1,"log":1,"signature":1,"v":1}\n',
    ],
)
def test_what_is_no_certificate_is_refused_in_one_word(data):
    assert refused(data) in {"unreadable", "spelling"}


def test_two_canonical_values_never_share_a_spelling():
    assert canonical({"b": 1, "a": "号"}) == '{"a":"号","b":1}'.encode()
