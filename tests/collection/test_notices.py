"""Notices: what they must say, that they stay as they were published, and the bases they tell."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction

from midan.audit import selectors as log
from midan.audit.errors import EntryUnknown
from midan.catalog.rules import PURPOSES, Purpose
from midan.collection import controls, selectors, services
from midan.collection.errors import NoticeExists, NoticeIncomplete, UnknownNotice
from midan.collection.models import Basis, Notice
from midan.collection.rules import LANGUAGES, check_row, is_version, missing_from, same_uses, specimens
from midan.core.actor import Actor
from midan.people.models import Company
from tests.collection.orders import ACTOR, CLIENT, order

OFFICER = Actor(kind="staff", name="S00009", role="privacy_officer")


def bodies():
    return {lang: services.starter_body(lang) for lang in LANGUAGES}


@pytest.mark.usefixtures("company")
def test_the_starter_notice_is_published_in_both_languages_and_logged_with_its_digests():
    for lang in LANGUAGES:
        view = selectors.current_notice(lang)
        assert (view.version, view.lang, view.intact) == ("2026-11", lang, True)
        assert log.entry(view.entry_id).entry.details[f"sm3_{lang}"] == view.digest
    assert log.entry(view.entry_id).entry.act == "collection:notice:published"


@pytest.mark.usefixtures("db")
def test_the_starter_texts_say_all_the_law_asks_for():
    assert [missing_from(body) for body in bodies().values()] == [(), ()]
    assert same_uses(*bodies().values())


@pytest.mark.usefixtures("db")
def test_the_starter_texts_carry_the_company_and_the_retention_of_the_catalogue():
    Company.objects.create(
        name="测试速递",
        credit_code="91330000TEST",
        contact_phone="0571-88000000",
        contact_email="privacy@example.com",
        address="杭州",
        complaint_phone="0571-88000001",
    )
    for body in bodies().values():
        text = body.canonical().decode()
        assert "测试速递" in body.handler
        assert "0571-88000001" in body.complaint
        assert "180" in body.retention[0].text
        assert "{" not in body.handler + body.contact + body.complaint + body.retention[0].text
        assert "待补充" not in text


@pytest.mark.parametrize(
    "name", ["title", "handler", "contact", "introduction", "at_end", "complaint", "minors", "changes"]
)
@pytest.mark.usefixtures("company")
def test_a_notice_that_lacks_a_text_is_not_published(now, name):
    lacking = bodies() | {"zh": replace(bodies()["zh"], **{name: " "})}
    with pytest.raises(NoticeIncomplete) as caught:
        services.publish_notice(actor=OFFICER, version="2026-12", bodies=lacking, now=now)
    assert caught.value.details["fields"] == name
    assert "2026-12" not in selectors.notice_versions(now)


@pytest.mark.parametrize("name", ["purposes", "retention", "measures", "rights"])
@pytest.mark.usefixtures("company")
def test_a_notice_that_lacks_a_list_is_not_published(now, name):
    lacking = {lang: replace(body, **{name: ()}) for lang, body in bodies().items()}
    with pytest.raises(NoticeIncomplete):
        services.publish_notice(actor=OFFICER, version="2026-12", bodies=lacking, now=now)


@pytest.mark.usefixtures("db")
def test_a_notice_may_not_promise_a_use_the_catalogue_forbids():
    body = bodies()["zh"]
    deliver = next(use for use in body.purposes if use.purpose == "deliver")
    wider = replace(body, purposes=(replace(deliver, fields=("id_number",)),))
    assert "purposes.fields" in missing_from(wider)
    assert "purposes.purpose" in missing_from(replace(body, purposes=(replace(deliver, purpose="resale"),)))
    assert "purposes.parties" in missing_from(
        replace(body, purposes=(replace(deliver, parties=("everybody",)),))
    )


@pytest.mark.usefixtures("company")
def test_both_languages_must_promise_the_same(now):
    narrowed = bodies()
    narrowed["en"] = replace(narrowed["en"], purposes=narrowed["en"].purposes[1:])
    for wrong in (narrowed, {"zh": bodies()["zh"]}):
        with pytest.raises(NoticeIncomplete) as caught:
            services.publish_notice(actor=OFFICER, version="2026-12", bodies=wrong, now=now)
        assert caught.value.details["fields"] == "languages"


@pytest.mark.usefixtures("company")
def test_a_published_version_is_never_published_again(now):
    with pytest.raises(NoticeExists):
        services.publish_notice(actor=OFFICER, version="2026-11", bodies=bodies(), now=now)


@pytest.mark.usefixtures("company")
def test_the_database_refuses_to_change_or_remove_a_notice():
    for change in (
        lambda: Notice.objects.update(body=b"{}"),
        lambda: Notice.objects.all().delete(),
        lambda: Basis.objects.update(basis="consent"),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
    assert Notice.objects.count() == 2


@pytest.mark.usefixtures("company")
def test_the_newest_notice_is_in_force_and_older_ones_stay_readable(now):
    services.publish_notice(actor=OFFICER, version="2026-12", bodies=bodies(), now=now + timedelta(days=30))
    assert selectors.current_version() == "2026-12"
    assert selectors.notice("2026-11", "en").lang == "en"


@pytest.mark.usefixtures("company")
def test_a_superseded_notice_is_named_for_ninety_days_more_and_then_unknown(now):
    day = timedelta(days=1)
    services.publish_notice(actor=OFFICER, version="2026-12", bodies=bodies(), now=now + 30 * day)
    services.publish_notice(actor=OFFICER, version="2027-01", bodies=bodies(), now=now + 60 * day)

    def taken(version, at):
        row = order(int(at.timestamp()) % 10_000_000, notice_version=version)
        result = services.intake(actor=ACTOR, client=CLIENT, branch="HZ001", rows=[row], now=at)
        return [str(reject.code) for reject in result.results[0].rejects]

    assert taken("2026-11", now + 119 * day) == []
    assert taken("2026-11", now + 120 * day) == ["unknown_notice"]
    assert taken("2026-12", now + 149 * day) == []
    assert taken("2026-12", now + 150 * day) == ["unknown_notice"]
    assert taken("2027-01", now + 900 * day) == []


@pytest.mark.usefixtures("company")
def test_an_order_under_a_notice_nobody_published_is_refused(now):
    result = services.intake(
        actor=ACTOR, client=CLIENT, branch="HZ001", rows=[order(notice_version="2031-01")], now=now
    )
    assert [(reject.field, str(reject.code)) for reject in result.results[0].rejects] == [
        ("notice_version", "unknown_notice")
    ]


@pytest.mark.usefixtures("company")
def test_the_basis_of_every_purpose_told_is_the_catalogues():
    for base in selectors.bases("2026-11"):
        assert base.basis == PURPOSES[Purpose(base.purpose)].basis


@pytest.mark.usefixtures("installation")
def test_without_a_notice_nothing_is_current_and_controls_say_so():
    with pytest.raises(UnknownNotice):
        selectors.current_notice()
    states = {control.clause: control.state for control in controls.controls(None)}
    assert states["G1"] == states["G5"] == states["L1.2"] == "not_yet"


@pytest.mark.usefixtures("installation")
def test_a_notice_that_does_not_say_whose_it_is_proves_nothing(now):
    services.publish_starter_notices(actor=ACTOR, now=now)
    assert state("G5") == "not_yet"


@pytest.mark.usefixtures("company")
def test_controls_show_figures_and_never_claim_the_form_that_is_not_there(now):
    services.intake(actor=ACTOR, client=CLIENT, branch="HZ001", rows=[order(1), order(2)], now=now)
    found = {control.clause: control for control in controls.controls(now.date())}
    assert set(found) == {"G1", "G2", "G5", "L1.1", "L1.2", "L1.3"}
    assert {clause: control.state for clause, control in found.items()} == {
        "G1": "enforced",
        "G2": "enforced",
        "G5": "proved",
        "L1.1": "not_yet",
        "L1.2": "enforced",
        "L1.3": "enforced",
    }
    assert found["G2"].figures["accepted"] == 2
    for control in found.values():
        assert control.evidence % control.figures


def state(clause):
    return next(found for found in controls.controls(None) if found.clause == clause).state


@pytest.mark.usefixtures("company")
def test_a_notice_tampered_with_past_the_guards_turns_its_control(monkeypatch):
    assert state("G5") == "proved"
    monkeypatch.setattr(selectors, "sm3", lambda _: bytes(32))
    assert state("G5") == "not_yet"


@pytest.mark.parametrize("lost", [True, False])
@pytest.mark.usefixtures("company")
def test_a_notice_the_log_says_otherwise_of_turns_its_control(monkeypatch, lost):
    kept = controls.audit.entry(selectors.current_notice().entry_id)

    def another(_entry_id):
        if lost:
            raise EntryUnknown("x")
        return replace(kept, entry=replace(kept.entry, details={"sm3_zh": "00", "sm3_en": "00"}))

    monkeypatch.setattr(controls.audit, "entry", another)
    assert state("G5") == "not_yet"


@pytest.mark.usefixtures("company")
def test_a_basis_the_catalogue_does_not_give_turns_g1(monkeypatch):
    assert state("G1") == "enforced"
    wrong = tuple(replace(base, basis="consent") for base in selectors.bases("2026-11"))
    monkeypatch.setattr(selectors, "bases", lambda _: wrong)
    assert state("G1") == "not_yet"


@pytest.mark.usefixtures("company")
def test_a_field_taken_without_telling_what_it_is_needed_for_turns_g2(now):
    assert state("G2") == "enforced"
    silent = {}
    for lang, body in bodies().items():
        uses = tuple(
            replace(use, fields=tuple(name for name in use.fields if name != "weight_g"))
            for use in body.purposes
        )
        silent[lang] = replace(body, purposes=uses)
    services.publish_notice(actor=OFFICER, version="2026-12", bodies=silent, now=now + timedelta(days=1))
    found = next(found for found in controls.controls(None) if found.clause == "G2")
    assert (found.state, found.figures["untold"]) == ("not_yet", 1)


@pytest.mark.usefixtures("company")
def test_a_door_that_takes_everything_turns_g2_and_l1_3(monkeypatch):
    assert (state("G2"), state("L1.3")) == ("enforced", "enforced")
    taken = check_row(specimens.GOOD, notices=frozenset({"2026-11"}))
    monkeypatch.setattr(specimens, "check_row", lambda *_, **__: taken)
    assert (state("G2"), state("L1.3")) == ("not_yet", "not_yet")


@pytest.mark.usefixtures("company")
def test_a_door_that_takes_nothing_turns_l1_3(monkeypatch):
    monkeypatch.setattr(specimens, "check_row", lambda *_, **__: ())
    assert state("L1.3") == "not_yet"


@pytest.mark.usefixtures("company")
def test_an_order_from_before_its_notice_turns_l1_2(now):
    services.intake(actor=ACTOR, client=CLIENT, branch="HZ001", rows=[order(1)], now=now)
    assert state("L1.2") == "enforced"
    services.intake(actor=ACTOR, client=CLIENT, branch="HZ001", rows=[order(2)], now=now - timedelta(days=1))
    found = next(found for found in controls.controls(None) if found.clause == "L1.2")
    assert (found.state, found.figures["unfounded"]) == ("not_yet", 1)


@pytest.mark.usefixtures("db")
def test_the_starter_texts_promise_nothing_the_program_does_not_do():
    for body in bodies().values():
        text = body.canonical().decode()
        for absent in (
            "证明",
            "培训",
            "保密协议",
            "certificate",
            "trained",
            "bound to secrecy",
        ):
            assert absent not in text
        rights = " ".join(term.text for term in body.rights)
        assert "/track" not in rights
        assert "查询页" not in rights
        assert "tracking page" not in rights
        used = {use.purpose for use in body.purposes}
        assert "marketing" not in used
        assert {use.purpose for use in body.purposes if "id_number" in use.fields} == {"real_name"}


@pytest.mark.parametrize(
    ("version", "fits"),
    [("2026-11", True), ("2026-01-2", True), ("2026-13", False), ("v1", False), ("", False)],
)
def test_a_version_reads_like_a_month(version, fits):
    assert is_version(version) is fits
