"""The notice is public while everybody can open it and what it names; the control opens them itself."""

from dataclasses import replace
from datetime import date

import pytest
from django.utils import timezone

from midan.collection import services as collection
from midan.collection.rules import LANGUAGES
from midan.core.actor import Actor
from midan.portal import controls

SYSTEM = Actor.system("test")


def control():
    (found,) = controls.controls(date(2026, 11, 23))
    return found


def publish(version, **changes):
    bodies = {lang: replace(collection.starter_body(lang, version=version), **changes) for lang in LANGUAGES}
    collection.publish_notice(actor=SYSTEM, version=version, bodies=bodies, now=timezone.now())


def test_every_page_the_notice_names_opens(company):
    found = control()
    assert (found.state, found.figures["promised"], found.figures["versions"]) == ("proved", 2, 1)
    publish("2026-12")
    assert (control().state, control().figures["versions"]) == ("proved", 2)
    assert found.evidence % found.figures


@pytest.mark.parametrize(
    "named",
    [
        "/my-data",
        "http://localhost:8000/my-data",
        "http://localhost:8000/notice/2031-01",
        "https://elsewhere.example/track",
    ],
)
def test_a_page_that_is_promised_and_does_not_exist_turns_it(company, named):
    publish("2026-12", changes=f"See {named} .")
    assert control().state == "not_yet"


def test_a_version_nobody_can_open_turns_it(company, monkeypatch):
    monkeypatch.setattr("midan.portal.views.collection.notice", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        control()
    from midan.collection.errors import UnknownNotice

    def lost(*_):
        raise UnknownNotice("x")

    monkeypatch.setattr("midan.portal.views.collection.notice", lost)
    assert (control().state, control().figures["closed"]) == ("not_yet", 1)


def test_without_a_notice_there_is_nothing_to_open(db):
    assert control().state == "not_yet"
