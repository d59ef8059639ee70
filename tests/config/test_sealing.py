"""Second factors and sessions at rest: the published values open under their key, and no others."""

import json
from base64 import urlsafe_b64encode
from pathlib import Path

import pytest

from midan.config.sealing import FactorUnreadable, SealedFactors, SealedSession
from midan.core.sm import Tampered

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "signin.json").read_text("utf-8"))


@pytest.fixture(autouse=True)
def published_key(settings):
    settings.SECRET_KEY = VECTORS["secret_key"]


def read(case):
    if case["kind"] == "factor":
        return SealedFactors().decrypt(case["stored"])
    return SealedSession().loads(bytes.fromhex(case["stored"]))


@pytest.mark.parametrize("case", VECTORS["cases"], ids=lambda case: case["comment"])
def test_a_published_value_opens(case):
    assert read(case) == (case["plain"] if case["kind"] == "factor" else json.loads(case["plain"]))


@pytest.mark.parametrize("case", VECTORS["refused"], ids=lambda case: case["comment"])
def test_what_was_not_sealed_or_was_altered_does_not_open(case):
    with pytest.raises(FactorUnreadable if case["kind"] == "factor" else Tampered):
        read(case)


@pytest.mark.parametrize("case", VECTORS["cases"], ids=lambda case: case["comment"])
def test_another_key_opens_nothing(case, settings):
    settings.SECRET_KEY = "another key"
    with pytest.raises((FactorUnreadable, Tampered)):
        read(case)


def test_a_factor_is_no_session():
    session = urlsafe_b64encode(SealedSession().dumps({"a": 1})).decode()
    with pytest.raises(FactorUnreadable):
        SealedFactors().decrypt(f"sm4.{session}")
