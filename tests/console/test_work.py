"""The pages of work: a reveal that asks for the factor again leads there and back; hours are set on a person's page."""

import re

from django.test import Client
from django.urls import reverse

from midan.core.actor import Actor
from midan.people import factors
from midan.people.hours.rules import Hours
from midan.people.hours.selectors import hours_of
from midan.people.models import Staff
from tests.signing_in import sign_in

TRACE = {"field": "sender_name", "purpose": "security_review", "reason": "leak_tracing"}


def staff_no(role):
    return Staff.objects.get(role=role).staff_no


def test_a_reveal_that_asks_for_the_factor_again_leads_to_it_and_back(company):
    analyst = Client(SERVER_NAME="localhost")
    factors.enrol_totp(actor=Actor.system("test"), staff_no=staff_no("analyst"))
    sign_in(analyst, ago=301, role="analyst")
    address = reverse("console:reveal", args=[company.number])
    refused = analyst.post(address, TRACE)
    assert refused.status_code == 403
    (link,) = re.findall(r'href="([^"]*reauthenticate[^"]*)"', refused.content.decode())
    assert link.endswith("next=%2Fwaybills%2F" + company.number + "%2F")
    assert analyst.get(link.replace("&amp;", "&")).status_code == 200
    confirmed = Client(SERVER_NAME="localhost")
    sign_in(confirmed, ago=1, role="analyst")
    assert "沈澄澄" in confirmed.post(address, TRACE).content.decode()


def test_other_refusals_lead_to_no_factor(company):
    manager = company.client("branch_manager")
    refused = manager.post(reverse("console:reveal", args=[company.number]), TRACE)
    assert refused.status_code == 403
    assert "reauthenticate" not in refused.content.decode()


def test_a_manager_sets_and_clears_the_hours_of_a_courier_on_the_page(company):
    courier, manager = staff_no("courier"), company.client("branch_manager")
    page, form = reverse("console:person", args=[courier]), reverse("console:set-hours", args=[courier])
    assert 'id="hours"' in manager.get(page).content.decode()
    said = {"whose": "person", "answer": "set", "days": ["0", "5"], "begins": "07:30", "ends": "19:00"}
    shown = manager.post(form, said, follow=True).content.decode()
    assert "07:30-19:00" in shown
    assert hours_of("person", courier) == Hours(days=0b0100001, begins=450, ends=1_140)
    bad = manager.post(form, {"whose": "person", "answer": "set"})
    assert (bad.status_code, "bad_hours" in bad.content.decode()) == (400, True)
    assert manager.post(form, {"whose": "planet", "answer": "set"}).status_code == 400
    manager.post(form, {"whose": "person", "answer": "clear"})
    assert hours_of("person", courier) is None
    branch = manager.post(form, said | {"whose": "branch"}, follow=True).content.decode()
    assert "网点的时间" in branch
    assert hours_of("branch", "HZ001") is not None


def test_nobody_sets_their_own_and_a_courier_none(company):
    manager, own = company.client("branch_manager"), staff_no("branch_manager")
    assert 'id="hours"' not in manager.get(reverse("console:person", args=[own])).content.decode()
    said = {"whose": "person", "answer": "clear"}
    assert manager.post(reverse("console:set-hours", args=[own]), said).status_code == 403
    courier = company.client("courier")
    assert courier.post(reverse("console:set-hours", args=[own]), said).status_code == 403
