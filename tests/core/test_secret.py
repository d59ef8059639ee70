"""Secrets: no accidental way out."""

import copy
import dataclasses
import gc
import inspect
import io
import json
import logging
import operator
import pickle
import pprint
import traceback
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from midan.core.grant import Grant
from midan.core.secret import SHOWN, GrantMismatch, Secret

ENTRY = "00112233445566778899aabbccddeeff"
GRANT = Grant(
    actor="staff:S00001",
    waybill="MD0311228243038",
    fields=frozenset({"recipient_phone"}),
    purpose="deliver",
    entry_id=ENTRY,
    issued_at=datetime(2026, 1, 2, tzinfo=UTC),
)
VALUE = "Canary-Zhang-7788"  # invented and unmistakable


@dataclasses.dataclass
class Holder:
    phone: Secret[str]


def test_the_grant_of_its_entry_opens_it():
    assert Secret(VALUE).reveal(GRANT) == VALUE
    assert Secret(VALUE, entry_id=ENTRY).reveal(GRANT) == VALUE


def test_the_grant_of_another_entry_does_not():
    with pytest.raises(GrantMismatch) as refused:
        Secret(VALUE, entry_id="f" * 32).reveal(GRANT)
    assert VALUE not in str(refused.value.as_dict())


@pytest.mark.parametrize("key", [None, True, ENTRY, object()])
def test_nothing_but_a_grant_opens_it(key):
    with pytest.raises(TypeError):
        Secret(VALUE).reveal(key)


@pytest.mark.parametrize(
    "show",
    [
        repr, str, ascii, format, pprint.pformat, lambda s: f"{s}", lambda s: f"{s!r:>80}", lambda s: f"{s:.3}",
        lambda s: operator.mod("%s|%r", (s, s)), "{0} {0!r}".format, lambda s: str([s, {"k": s}, (s,)]), lambda s: repr(Holder(s)),
        lambda s: json.dumps({"k": s}, default=str), lambda s: str(ValueError(s)), lambda s: str(inspect.getmembers(s)),
        lambda s: str([getattr(s, slot) for slot in Secret.__slots__]), lambda s: str(dir(s)),
    ],
)  # fmt: skip
def test_no_way_of_showing_shows_it(show):
    assert VALUE not in show(Secret(VALUE))


@given(st.text(min_size=1), st.text(st.sampled_from("<>^ 0123456789.s"), max_size=8))
def test_every_value_and_every_format_look_the_same(value, spec):
    assert format(Secret(value), spec) == str(Secret(value)) == SHOWN


@pytest.mark.parametrize(
    "leak",
    [
        vars, pickle.dumps, copy.copy, copy.deepcopy, json.dumps, bytes, list, dict, len, int, hash, iter,
        lambda s: dataclasses.asdict(Holder(s)), lambda s: dataclasses.astuple(Holder(s)), lambda s: operator.mod("%d", s),
        lambda s: "" + s, lambda s: s + "", lambda s: "Canary" in s, lambda s: s[0], lambda s: s < Secret("z"),
        lambda s: s.__getstate__(), lambda s: s.__reduce__(), lambda s: pickle.dumps(s, protocol=0),
        lambda s: {s: 1}, lambda s: io.StringIO().write(s),
    ],
)  # fmt: skip
def test_serialising_copying_and_counting_refuse(leak):
    with pytest.raises(TypeError) as refused:
        leak(Secret(VALUE))
    assert VALUE not in str(refused.value)


def test_a_log_line_and_a_traceback_with_locals_hold_nothing(caplog):
    secret = Secret(VALUE)
    try:
        secret.missing  # noqa: B018 - the failure is the point
    except AttributeError as error:
        report = "".join(traceback.TracebackException.from_exception(error, capture_locals=True).format())
        logging.getLogger("test").exception("opened %s", secret)
    assert SHOWN in report
    assert VALUE not in "\n".join(line for line in report.splitlines() if "VALUE" not in line)
    assert VALUE not in caplog.text


def test_it_does_not_change_and_carries_no_room_for_more():
    secret = Secret(VALUE)
    for change in (
        lambda: setattr(secret, "_open", None),
        lambda: setattr(secret, "new", 1),
        lambda: delattr(secret, "_open"),
    ):
        with pytest.raises(AttributeError):
            change()
    assert not hasattr(secret, "__dict__")
    assert VALUE not in [item for item in gc.get_referents(secret) if isinstance(item, str)]


@given(st.text(), st.text())
def test_texts_compare_by_value(one, two):
    assert (Secret(one) == Secret(two)) is (one == two)
    assert Secret(one.encode("utf-8", "surrogatepass")) == Secret(one.encode("utf-8", "surrogatepass"))


def test_a_plain_guess_is_never_equal():
    assert (Secret(VALUE) == VALUE) is False
    assert Secret(VALUE) != Secret(VALUE.encode())
    assert Secret((1, 2)) == Secret((1, 2))
