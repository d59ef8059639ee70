"""Notices: what they must say, that they stay as they were published, and the bases they tell."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction

from midan.audit import selectors as log
from midan.catalog.rules import PURPOSES, LegalBasis, Purpose
from midan.collection import controls, selectors, services
from midan.collection.errors import NoticeExists, NoticeIncomplete, UnknownNotice
from midan.collection.models import Basis, Notice
from midan.collection.rules import LANGUAGES, is_version, missing_from, same_uses
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
    assert "2026-12" not in selectors.notice_versions()


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
    assert selectors.notice_versions() == {"2026-11", "2026-12"}


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
    assert selectors.basis_of("2026-11", "recipient", "deliver") is LegalBasis.CONTRACT
    assert selectors.basis_of("2026-11", "sender", "real_name") is LegalBasis.LEGAL_DUTY
    assert selectors.basis_of("2026-11", "sender", "marketing") is LegalBasis.CONSENT
    assert selectors.basis_of("2026-11", "recipient", "real_name") is None
    assert selectors.basis_of("2031-01", "recipient", "deliver") is None


@pytest.mark.usefixtures("company")
def test_only_what_was_told_counts_as_told():
    told = selectors.purposes_told("2026-11")
    assert {"deliver", "contact", "real_name"} <= told
    assert "analytics" not in told
    assert selectors.purposes_told("2031-01") == frozenset()


@pytest.mark.usefixtures("installation")
def test_without_a_notice_nothing_is_current_and_controls_say_so():
    with pytest.raises(UnknownNotice):
        selectors.current_notice()
    states = {control.clause: control.state for control in controls.controls(None)}
    assert states["G1"] == states["G5"] == states["L1.2"] == "not_yet"


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


@pytest.mark.usefixtures("company")
def test_a_notice_tampered_with_past_the_guards_turns_its_control(monkeypatch):
    monkeypatch.setattr(selectors, "sm3", lambda _: bytes(32))
    states = {control.clause: control.state for control in controls.controls(None)}
    assert states["G5"] == "not_yet"


@pytest.mark.parametrize(
    ("version", "fits"),
    [("2026-11", True), ("2026-01-2", True), ("2026-13", False), ("v1", False), ("", False)],
)
def test_a_version_reads_like_a_month(version, fits):
    assert is_version(version) is fits
