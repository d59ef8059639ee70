"""A file the company keeps opens for its own purpose and owner only."""

import json
from pathlib import Path

import pytest

from midan.core.actor import Actor
from midan.core.sm import Tampered, sm3
from midan.vault import files, services
from midan.vault.files import open_file, seal_file

pytestmark = pytest.mark.django_db(transaction=True)
OWNER = bytes(range(16))
VECTORS = Path(__file__).parents[2] / "vectors" / "keptfile.json"


class Holder:
    """Stands for keyd: one secret."""

    def __init__(self, secret):
        self.secret = secret

    def company_secret(self, _name):
        return self.secret


def read(case):
    sealed, owner = bytes.fromhex(case["sealed"]), bytes.fromhex(case["owner"])
    return open_file(sealed, purpose=case["purpose"], owner=owner)


def test_what_was_sealed_opens_and_its_bytes_say_nothing(vault):
    sealed, digest = seal_file(b"shreds" * 100, purpose="paper-photo", owner=OWNER)
    assert b"shreds" not in sealed
    assert digest == sm3(b"shreds" * 100)
    assert open_file(sealed, purpose="paper-photo", owner=OWNER) == b"shreds" * 100


def test_it_opens_after_a_ratchet(vault, now):
    sealed, _ = seal_file(b"shreds", purpose="paper-photo", owner=OWNER)
    services.rotate(actor=Actor.system("test"), now=now)
    assert open_file(sealed, purpose="paper-photo", owner=OWNER) == b"shreds"


def test_the_same_file_never_looks_the_same(vault):
    first, second = (seal_file(b"shreds", purpose="paper-photo", owner=OWNER)[0] for _ in range(2))
    assert first != second


@pytest.mark.parametrize("changes", [{"purpose": "other"}, {"owner": bytes(16)}])
def test_for_another_purpose_or_owner_it_does_not_open(vault, changes):
    sealed, _ = seal_file(b"shreds", purpose="paper-photo", owner=OWNER)
    with pytest.raises(Tampered):
        open_file(sealed, **({"purpose": "paper-photo", "owner": OWNER} | changes))


def test_no_altered_or_shortened_byte_opens(vault):
    sealed, _ = seal_file(b"shreds", purpose="paper-photo", owner=OWNER)
    broken = [sealed[:at] + bytes((sealed[at] ^ 1,)) + sealed[at + 1 :] for at in range(len(sealed))]
    for other in (*broken, sealed[:-1], sealed[:5], b""):
        with pytest.raises(Tampered):
            open_file(other, purpose="paper-photo", owner=OWNER)


def test_published_vectors_open_and_what_they_refuse_is_refused(vault, monkeypatch):
    vectors = json.loads(VECTORS.read_text("utf-8"))
    monkeypatch.setattr(files.keyd, "connect", lambda: Holder(bytes.fromhex(vectors["secret"])))
    for case in vectors["cases"]:
        assert read(case).hex() == case["plain"]
    for case in vectors["refused"]:
        with pytest.raises(Tampered):
            read(case)
