"""The rooms of 保存与销毁 by post: one person is refused, two are not; nothing typed is repeated."""

import json

import pytest
from django.urls import reverse
from django.utils import timezone

from midan.approval import selectors as approvals
from midan.core.actor import Actor
from midan.core.certificate import KIND
from midan.destruction import selectors, services
from midan.vault import selectors as vault
from midan.vault.keeping import selectors as keeping
from midan.waybill import selectors as waybills
from tests.console.conftest import CLEAR

JOB = Actor.system("destruction")


def ask(company, client, part="recipient"):
    sent = {"waybills": company.number, "part": part, "epochs": "", "reason": "deletion_requested"}
    answer = client.post(reverse("console:request-run"), sent)
    assert answer.status_code == 302
    (code,) = selectors.open_runs()
    return code


def work():
    return services.work(actor=JOB, clock=timezone.now, due=False)


def test_who_asked_cannot_approve_and_the_page_says_why(company):
    officer = company.client("privacy_officer")
    run = selectors.run(ask(company, officer))
    assert "approve" not in officer.get(reverse("console:run", args=[run.code])).content.decode()
    answer = officer.post(reverse("console:approve", args=[run.approval]))
    page = answer.content.decode()
    assert (answer.status_code, "approval_own_request" in page, "M1" in page) == (403, True, True)
    work()
    assert vault.masked([waybills.get(company.number).seq])
    assert selectors.run(run.code).step == "planned"


def test_another_person_approves_and_the_certificate_is_handed_out(company):
    officer, analyst = company.client("privacy_officer"), company.client("analyst", language="en")
    code = ask(company, officer)
    page = analyst.get(reverse("console:approvals")).content.decode()
    assert code in page
    assert "Destruction outside the schedule" in page
    assert analyst.post(reverse("console:approve", args=[selectors.run(code).approval])).status_code == 302
    assert officer.get(reverse("console:certificate-json", args=[code])).status_code == 409
    assert work().finished == (code,)
    order = vault.masked([waybills.get(company.number).seq])[waybills.get(company.number).seq]
    assert (order.recipient.name, bool(order.sender.name)) == ("", True)
    found = officer.get(reverse("console:certificate-json", args=[code]))
    assert (json.loads(found.content)["kind"], found["Cache-Control"]) == (KIND, "no-store")
    assert officer.get(reverse("console:certificate-pdf", args=[code])).content.startswith(b"%PDF-")
    for name in ("run", "run-progress"):
        page = officer.get(reverse(f"console:{name}", args=[code])).content.decode()
        assert code in page
        assert not any(value in page for value in CLEAR)
    assert company.client("courier").get(reverse("console:certificate-json", args=[code])).status_code == 403


def test_a_refusal_ends_it(company):
    officer, analyst = company.client("privacy_officer"), company.client("analyst")
    code = ask(company, officer)
    analyst.post(reverse("console:refuse", args=[selectors.run(code).approval]))
    work()
    assert "没有获得批准" in officer.get(reverse("console:run", args=[code])).content.decode()
    again = analyst.post(reverse("console:approve", args=[selectors.run(code).approval]))
    assert again.status_code == 409


def test_a_hold_and_a_restriction_are_placed_and_end_by_two_people(company):
    officer, analyst = company.client("privacy_officer"), company.client("analyst")
    seq = waybills.get(company.number).seq
    for kind in ("held", "restricted"):
        sent = {
            "kind": kind,
            "scope": "waybill",
            "label": "CASE-7",
            "reason": "litigation",
            "waybills": f" {company.number}\n",
        }
        assert officer.post(reverse("console:place-hold"), sent).status_code == 302
    assert (vault.state(seq).held, vault.state(seq).restricted) == (True, True)
    page = officer.get(reverse("console:waybill", args=[company.number])).content.decode()
    assert "保全中" in page
    assert "限制使用" in page
    refused = officer.post(
        reverse("console:reveal", args=[company.number]),
        {"field": "recipient_phone", "purpose": "rights_request", "reason": "copy_requested"},
    )
    assert refused.status_code == 403
    assert "限制使用" in refused.content.decode()
    for hold in keeping.holds(live=True):
        officer.post(reverse("console:end-hold", args=[hold.code]), {"reason": "dispute_settled"})
    for request in approvals.waiting(role="analyst", now=timezone.now()):
        assert officer.post(reverse("console:approve", args=[request.code])).status_code == 403
        assert analyst.post(reverse("console:approve", args=[request.code])).status_code == 302
    assert (vault.state(seq).held, vault.state(seq).restricted) == (False, False)
    assert "dispute" not in officer.get(reverse("console:holds")).content.decode()


@pytest.mark.parametrize(
    ("room", "sent", "status", "code"),
    [
        ("set-length", {"retention": "standard", "days": "1096", "settle_days": "0", "basis": "legal_duty"}, 422, "retention_above_cap"),
        ("set-length", {"retention": "evidence", "days": "10", "settle_days": "0", "basis": "legal_duty"}, 400, "form_refused"),
        ("set-length", {"retention": "standard", "days": "欧阳小禾", "settle_days": "0", "basis": "legal_duty"}, 400, "form_refused"),
        ("place-hold", {"kind": "held", "scope": "waybill", "reason": "litigation", "waybills": ""}, 400, "form_refused"),
        ("place-hold", {"kind": "held", "scope": "waybill", "reason": "litigation", "waybills": "欧阳小禾 MD1"}, 400, "form_refused"),
        ("place-hold", {"kind": "held", "scope": "waybill", "label": "欧阳小禾", "reason": "litigation", "waybills": "MD0000000000000"}, 400, "form_refused"),
        ("request-run", {"waybills": "", "part": "whole", "epochs": "99", "reason": "branch_closed"}, 404, "nothing_to_destroy"),
        ("request-run", {"waybills": "", "part": "heart", "epochs": "1", "reason": "branch_closed"}, 400, "form_refused"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_in_place_and_changes_nothing(company, room, sent, status, code):
    answer = company.client("privacy_officer").post(reverse(f"console:{room}"), sent)
    page = answer.content.decode()
    assert (answer.status_code, code in page, "没有任何改动" in page) == (status, True, True)
    assert not any(value in page for value in CLEAR)
    assert keeping.holds(live=True) == ()
    assert selectors.runs() == ()
    assert keeping.length("standard").set_by == ""


def test_a_length_is_set_and_shown_with_who_and_why(company):
    officer = company.client("privacy_officer")
    sent = {
        "retention": "standard",
        "days": "90",
        "settle_days": "15",
        "basis": "assessment",
        "document": "PIA-3",
    }
    assert officer.post(reverse("console:set-length"), sent).status_code == 302
    page = company.client("auditor").get(reverse("console:keep")).content.decode()
    assert "90 天" in page
    assert "PIA-3" in page
    assert 'data-dialog="length"' not in page
