"""The pieces of a set are what specs/backup.md says to the byte, and nothing else is taken for one."""

import io
import json
import re
from pathlib import Path
from typing import get_args

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from midan.vault.backup import chunks, sealer
from midan.vault.backup import key as keys
from midan.vault.backup.errors import BackupDamaged, BackupKeyWrong, EscrowUnreadable
from midan.vault.backup.format import (
    Header,
    PieceSealer,
    open_chunks,
    piece_key,
    read_header,
    tags_digest,
    unwrap,
    wrap,
)
from midan.vault.backup.manifest import Column, Form, Keys, Log, Manifest, Mark, Table, read

SPEC_FOLDER = Path(__file__).resolve().parents[2] / "specs"
SPEC = (SPEC_FOLDER / "backup.md").read_text("utf-8")
KEY, COMPANY, SET = bytes(range(32)), bytes(range(0x10, 0x20)), bytes(range(0x20, 0x30))
SECRET, NONCE = bytes(range(0x40, 0x60)), bytes(range(0x60, 0x6C))
ROWS = [[(1, 7, 1000), (2, 7, 1001)], [(3, 7, 1002)]]


def example() -> dict[str, bytes]:
    """The first block of the page: label → bytes, spaces and line breaks aside."""
    block = SPEC.split("```")[1].strip("\n")
    found: dict[str, str] = {}
    label = ""
    for line in block.splitlines():
        label = line[:12].strip() or label
        found[label] = found.get(label, "") + line[12:].replace(" ", "")
    return {name: bytes.fromhex(text) for name, text in found.items() if name != "escrow"}


def header(name: str = "vault_record") -> Header:
    wrapped = wrap(KEY, company=COMPANY, set_id=SET, secret=SECRET, nonce=NONCE)
    return Header(company=COMPANY, set_id=SET, wrapped=wrapped, name=name)


def piece(blocks: list[bytes], name: str = "vault_record") -> bytes:
    mine = header(name)
    sealing = PieceSealer(piece_key(SECRET, name), mine.to_bytes())
    frames = [sealing.seal(block, final=at == len(blocks) - 1) for at, block in enumerate(blocks)]
    return mine.to_bytes() + b"".join(frames)


def opened(data: bytes, name: str = "vault_record") -> list[bytes]:
    file = io.BytesIO(data)
    found = read_header(file, name)
    secret = unwrap(KEY, found)
    return [plain for plain, _ in open_chunks(file, found, secret)]


PLAIN = [msgspec.msgpack.encode(block) for block in ROWS]


def test_the_example_of_the_page_is_what_the_code_writes():
    said = example()
    assert header().to_bytes() == said["header"]
    assert piece_key(SECRET, "vault_record") == said["piece key"]
    assert [said["plain 0"], said["plain 1"]] == PLAIN
    assert piece(PLAIN) == said["header"] + said["chunk 0"] + said["chunk 1"]
    assert tags_digest(said["chunk 0"][-16:] + said["chunk 1"][-16:]) == said["tags"].hex()
    assert opened(said["header"] + said["chunk 0"] + said["chunk 1"]) == PLAIN


def test_the_manifest_of_the_page_reads_and_is_spelled_in_one_way():
    text = SPEC.split("```")[3].replace("\n", "")
    table = Table(
        name="vault_record",
        columns=(Column("seq", "int"), Column("epoch", "int"), Column("record_no", "int")),
        rows=3, chunks=2, bytes=len(piece(PLAIN)), tags=example()["tags"].hex(),
    )  # fmt: skip
    manifest = Manifest(
        v=3, set=SET.hex(), company=COMPANY.hex(), created="2026-11-25T00:00:00.000000Z",
        life_until="2026-12-30T00:00:00.000000Z", engine="sqlite", migrations={"vault": ("0001_sealed_parts",)},
        tables=(table,), log=Log(size=977, checkpoint="midan.log/…", pending=()), next_epoch=8, keys=Keys(generation=2, pack=41),
        marks=(Mark(7, 65536),), rows=3, bytes=table.bytes,
    )  # fmt: skip
    assert manifest.to_bytes().decode() == text
    assert read(text.encode()) == manifest
    for other in (text.replace(":3,", ": 3,"), text.replace('"v":3', '"v":2'), text[:-1], "[]", text + "\n"):
        with pytest.raises(BackupDamaged):
            read(other.encode())


@given(at=st.integers(0, 400), bit=st.integers(0, 7))
def test_no_bit_can_be_turned(at, bit):
    data = bytearray(piece(PLAIN))
    data[at % len(data)] ^= 1 << bit
    with pytest.raises((BackupDamaged, BackupKeyWrong)):
        opened(bytes(data))


@given(cut=st.integers(0, 400))
def test_no_piece_can_be_cut_or_go_on(cut):
    data = piece(PLAIN)
    with pytest.raises(BackupDamaged):
        opened(data[: cut % len(data)])
    with pytest.raises(BackupDamaged):
        opened(data + b"\x00")


def test_chunks_keep_their_order_and_their_piece():
    data = piece([b"first", b"other", b"last!"])
    head, frame = len(header().to_bytes()), 5 + 5 + 16
    first, second, last = (data[head + at * frame : head + (at + 1) * frame] for at in range(3))
    for moved in (second + first + last, first + last, first + first + last, last, first + second):
        with pytest.raises(BackupDamaged):
            opened(data[:head] + moved)
    with pytest.raises(BackupDamaged):
        opened(data, "vault_part")
    renamed = header("vault_recorf").to_bytes() + data[head:]
    with pytest.raises(BackupDamaged):
        opened(renamed, "vault_recorf")


def test_an_empty_table_is_one_empty_chunk():
    assert opened(piece([b""])) == [b""]


def test_every_form_of_a_chunk_gives_the_same_rows():
    forms = json.loads((SPEC_FOLDER.parent / "vectors" / "backup.json").read_text("utf-8"))["forms"]
    columns = [Column(name, kind) for name, kind in forms["columns"]]
    assert set(forms["plain"]) == set(get_args(Form))
    for form, plain in forms["plain"].items():
        rows = chunks.unpacked(bytes.fromhex(plain), columns, form)
        shown = [[value.hex() if isinstance(value, bytes) else value for value in row] for row in rows]
        assert shown == forms["rows"], form
        for other in {*get_args(Form)} - {form}:
            with pytest.raises(ValueError, match="form|image|copy"):  # noqa: RUF043
                chunks.unpacked(bytes.fromhex(plain), columns, other)


def test_chunks_sealed_by_several_threads_keep_their_order(tmp_path):
    """Long ones first: the later, shorter ones are sealed before them."""
    plain = [bytes([at]) * (400_000 // (at % 5 * 40 + 1)) for at in range(1, 60)]
    mine = header()
    with sealer.started() as sealing:
        sealing.open(
            sealer.Order(
                folder=str(tmp_path), company=COMPANY, set_id=SET, wrapped=mine.wrapped, secret=SECRET
            )
        )
        sealing.begin("vault_record")
        for block in plain:
            sealing.chunk(block)
        sealed = sealing.finish()
    written = (tmp_path / "vault_record.mbk").read_bytes()
    assert written == piece(plain)
    assert (sealed.chunks, sealed.bytes) == (len(plain), len(written))


def test_another_backup_key_opens_nothing():
    with pytest.raises(BackupKeyWrong):
        unwrap(bytes(32), header())


def test_the_escrow_copy_is_the_pages_and_reads_back():
    text = keys.escrow_text(KEY, COMPANY.hex())
    rows = re.findall(r"[1-4]  (?:[0-9a-f]{4} ){4} [0-9a-f]{4}", SPEC)
    assert rows == text.splitlines()[2:]
    assert keys.read_escrow(text) == KEY
    assert keys.read_escrow("copied by hand:\n" + text.upper().replace("1  ", "  1  ", 1)) == KEY
    assert "0001 0203" not in repr(EscrowUnreadable())


@pytest.mark.parametrize("slip", ["wrong digit", "row left out", "rows exchanged", "nothing"])
def test_a_slip_of_the_pen_is_noticed(slip):
    text = keys.escrow_text(KEY, COMPANY.hex())
    bent = {
        "wrong digit": text.replace("0203", "0208"),
        "row left out": text.replace("3  1011 1213 1415 1617  ef23\n", ""),
        "rows exchanged": text.replace("1  0001", "9  0001").replace("2  0809", "1  0809"),
        "nothing": "",
    }[slip]
    with pytest.raises(EscrowUnreadable):
        keys.read_escrow(bent)
