"""Key files: the published ones open, and nothing that differs in a byte, a label or the passphrase does."""

import json
from pathlib import Path

import pytest

from midan.core import passphrase
from midan.core.errors import MidanError

CASES = json.loads((Path(__file__).parents[2] / "vectors" / "keyfile.json").read_text("utf-8"))["cases"]


def outcome(case):
    try:
        return passphrase.unseal(
            case["passphrase"].encode(), bytes.fromhex(case["file"]), label=case["label"]
        ).hex()
    except MidanError as error:
        return error.code


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["comment"])
def test_a_published_key_file_opens_or_is_refused_as_said(case):
    assert outcome(case) == (case["secret"] if case["expect"] == "success" else case["expect"])


def test_a_refusal_names_the_label_and_no_byte_of_file_or_passphrase():
    case = next(case for case in CASES if case["expect"] == "wrong_passphrase")
    with pytest.raises(passphrase.WrongPassphrase) as caught:
        passphrase.unseal(case["passphrase"].encode(), bytes.fromhex(case["file"]), label=case["label"])
    assert caught.value.details == {"label": case["label"]}
    assert case["passphrase"] not in str(caught.value)
