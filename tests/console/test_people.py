"""The rooms of the staff: a post granted by two, a list looked over before it is taken in, a leaver closed and checked."""

import re

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from midan.people import selectors
from midan.people.models import Staff
from midan.people.posts.selectors import matrix

HEADER = "username,display_name,role,branch\n"


def number(role):
    return Staff.objects.get(role=role).staff_no


def send(client, address, *args, **data):
    return client.post(reverse(f"console:{address}", args=args), data, follow=True)


def text(answer):
    return answer.content.decode()


def test_a_post_in_the_own_branch_waits_in_the_inbox_of_the_officer_and_is_given_with_the_click(company):
    courier = number("courier")
    hr, officer = company.client("hr"), company.client("privacy_officer")
    asked = send(hr, "grant-post", courier, role="sorter", branch="HZ001", reason="moved")
    assert "须由另一人审批" in text(asked)
    assert "等待另一人审批" in text(asked)
    inbox = text(officer.get(reverse("console:approvals")))
    assert courier in inbox
    (code,) = set(re.findall(r"/approvals/([0-9a-f]{16})/", inbox))
    assert "approval_own_request" in text(send(hr, "approve", code))
    assert selectors.staff(courier).role == "courier"
    send(officer, "approve", code)
    assert selectors.staff(courier).role == "sorter"
    refused = send(hr, "grant-post", courier, role="boss", branch="HZ001", reason="moved")
    assert (refused.status_code, "staff_form_refused" in text(refused)) == (400, True)


def test_a_list_is_shown_first_and_taken_in_once(company):
    hr = company.client("hr")
    content = (HEADER + "lihua,李华测,courier,HZ001\n").encode()
    shown = send(hr, "roster", file=SimpleUploadedFile("staff.csv", content))
    assert "李华测" in text(shown)
    assert not Staff.objects.filter(username="lihua").exists()
    assert "已登记 1 人" in text(send(hr, "take-roster"))
    assert Staff.objects.get(username="lihua").state == "joining"
    again = send(hr, "take-roster")
    assert again.status_code == 400
    bad = send(hr, "roster", file=SimpleUploadedFile("staff.csv", content + "er,二测,boss,XX1\n".encode()))
    assert {"name_taken", "unknown_role", "unknown_branch"} <= set(
        text(bad).replace("<", " ").replace(">", " ").split()
    )
    assert send(hr, "take-roster").status_code == 400


def test_a_leaver_signs_gives_back_and_is_closed_and_the_page_says_what_is_open(company):
    sorter = number("sorter")
    hr, leaver = company.client("hr"), company.client("sorter")
    send(hr, "announce-leaving", sorter, reason="resigned", last_day="2026-12-01")
    assert "请签署离职保密提醒" in text(leaver.get(reverse("console:own-leaving")))
    assert "已签署" in text(send(leaver, "sign-reminder"))
    closed = text(send(hr, "close-person", sorter, reason="resigned", successor=""))
    assert "还没有了结" in closed
    assert "载体未交回" in closed
    assert leaver.get(reverse("console:own-leaving"))["Location"].startswith("/accounts/login/")
    for kind in ("paper", "scanner", "phone", "storage", "keys"):
        page = text(send(hr, "receive-carrier", sorter, kind=kind, state="back"))
    assert "没有遗留" in page
    assert "没有遗留" in text(company.client("auditor").get(reverse("console:leavers")))


def test_a_manager_sees_and_looks_over_the_own_branch_alone(company):
    from midan.core.actor import Actor
    from midan.people import services

    system = Actor.system("test")
    services.create_branch(
        actor=system, code="SH001", name="远店", kind="own", district_code="310101", city="上海市"
    )
    services.assign(actor=system, staff_no=number("clerk"), role="clerk", branch="SH001")
    manager = company.client("branch_manager")
    clerk, courier = number("clerk"), number("courier")
    assert clerk not in text(manager.get(reverse("console:people")))
    assert manager.get(reverse("console:person", args=[clerk])).status_code == 404
    page = text(manager.get(reverse("console:reviews")))
    assert courier in page
    assert number("auditor") not in page
    send(manager, "review-person", courier, answer="revoke")
    assert not selectors.staff(courier).active
    assert company.client("courier").get("/waybills/").status_code == 302


def test_the_matrix_and_the_owners_stand_on_their_pages(company):
    page = text(company.client("auditor", language="en").get(reverse("console:conflicts")))
    assert all(row.id in page for row in matrix())
    officer = company.client("privacy_officer")
    assert "没有在岗的责任人" in text(officer.get(reverse("console:catalogue")))
    for kind in ("asset", "system", "use"):
        send(officer, "name-owner", kind=kind, name="", staff_no=number("sysadmin"))
    page = text(officer.get(reverse("console:catalogue")))
    assert "没有在岗的责任人" not in page
    assert number("sysadmin") in page
