"""The pages of formats: each is on the list, each label of the code is on a page, each example is of the vectors."""

import ast
import json
import re
from base64 import urlsafe_b64decode
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SPECS, VECTORS = ROOT / "specs", ROOT / "vectors"
# What is sealed, signed or hashed begins with one of these: midan/part/1, midan-backup-key/1, MIDANPAK.
LABEL = re.compile(
    rb"\xff?midan[/-][a-z0-9-]+/[0-9]|midan/[a-z-]+|MIDAN(?:KEY|PAK|BAK|-CERT-[0-9])|ticket phone|call id"
)


def pages() -> dict[str, str]:
    return {path.stem: path.read_text("utf-8") for path in SPECS.glob("*.md") if path.stem != "README"}


def labels() -> dict[bytes, Path]:
    """Return the labels that stand in the package's code, each with a file it stands in."""
    found = {}
    for path in (ROOT / "midan").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, bytes | str):
                text = node.value if isinstance(node.value, bytes) else node.value.encode("utf-8", "replace")
                if match := LABEL.match(text):
                    found[match[0].lstrip(b"\xff")] = path
    return found


def test_every_label_of_the_code_stands_on_a_page():
    written = "\n".join(pages().values())
    found = labels()
    assert len(found) > 20
    missing = {label.decode(): str(path) for label, path in found.items() if label.decode() not in written}
    assert not missing, f"these begin something stored or sent and stand on no page under specs/: {missing}"


def test_the_list_names_every_page_and_every_file_of_vectors():
    listed = (SPECS / "README.md").read_text("utf-8")
    assert re.findall(r"^\| \[([a-z-]+)\]\(\1\.md\)", listed, flags=re.MULTILINE) != []
    assert set(re.findall(r"^\| \[([a-z-]+)\]\(\1\.md\)", listed, flags=re.MULTILINE)) == set(pages())
    assert [path.stem for path in VECTORS.glob("*.json") if f"`{path.stem}`" not in listed] == []
    assert [path.name for path in VECTORS.glob("verify_*.py") if f"`{path.name}`" not in listed] == []


@pytest.mark.parametrize("name", sorted(pages()))
def test_a_page_shows_an_example_and_its_limits_and_names_files_that_exist(name):
    page = pages()[name]
    assert "## Example" in page
    assert "## Limits, stated" in page
    named = re.findall(r"`((?:midan|vectors|tests|docs)/[\w./-]+\.(?:py|json|md))`", page)
    assert named
    assert [path for path in named if not (ROOT / path).exists()] == []


def shown(name: str) -> str:
    """Return a page's first example without white space."""
    return re.sub(r"\s", "", pages()[name].split("## Layout")[0])


def test_the_example_of_a_key_file_is_of_the_vectors():
    case = json.loads((VECTORS / "keyfile.json").read_text("utf-8"))["cases"][0]
    file = case["file"]
    pieces = [file[:16], file[16:18], file[18:50], file[50:74], file[74:-32], file[-32:]]
    assert [
        piece
        for piece in [*pieces, case["key"], case["passphrase"].replace(" ", "")]
        if piece not in shown("key-file")
    ] == []
    assert case["secret"] in shown("key-file")


def test_the_examples_of_order_digests_are_of_the_vectors():
    vectors = json.loads((VECTORS / "orderdigest.json").read_text("utf-8"))
    first = vectors["cases"][0]
    wanted = [vectors["secret"], first["reference"], first["content"], vectors["phones"][0]["digest"]]
    assert [text for text in wanted if text not in shown("order-digests")] == []


def test_the_example_of_a_call_event_is_of_the_vectors():
    vectors = json.loads((VECTORS / "callevent.json").read_text("utf-8"))
    first = vectors["cases"][0]
    wanted = [
        vectors["secret"],
        vectors["client"],
        vectors["key"],
        *(first[name] for name in ("timestamp", "tag")),
    ]
    wanted += [re.sub(r"\s", "", first["body"]), vectors["remembered"]["digest"]]
    assert [text for text in wanted if text not in shown("call-event")] == []


def test_the_example_of_a_sealed_factor_is_of_the_vectors():
    vectors = json.loads((VECTORS / "signin.json").read_text("utf-8"))
    stored = vectors["cases"][0]["stored"]
    sealed = urlsafe_b64decode(stored.removeprefix("sm4.")).hex()
    page = shown("sealed-sign-in")
    assert [text for text in [stored, sealed[:24], sealed[24:-32], sealed[-32:]] if text not in page] == []
    assert vectors["secret_key"].replace(" ", "") in page


def test_the_example_of_a_digest_in_an_entry_is_of_the_vectors():
    vectors = json.loads((VECTORS / "entrydigest.json").read_text("utf-8"))
    assert vectors["note"]["note"] in shown("entry-digests")
    assert vectors["note"]["digest"] in shown("entry-digests")


def test_the_example_of_a_kept_file_is_of_the_vectors():
    vectors = json.loads((VECTORS / "keptfile.json").read_text("utf-8"))
    first = vectors["cases"][0]
    wanted = [vectors["secret"], *(first[name] for name in ("owner", "plain", "sealed", "digest"))]
    assert [text for text in wanted if text not in shown("kept-file")] == []
