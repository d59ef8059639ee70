"""Break-glass on the real pages: refused, broken, seen, alarmed, reviewed; and every page of it fits its screen."""

import time

import pytest

from tests.browser.conftest import one_time_code


def ask(page):
    page.click("[data-reveal=recipient_phone]")
    page.select_option("#purpose", "customer_service")
    page.click("#reveal-form .btn-primary")


def confirm(page, server, role, wanted):
    """Show the second factor anew where the borrowed sign-in is older than five minutes."""
    page.wait_for_selector(f"{wanted}, #id_code")
    if page.query_selector("#id_code"):
        page.fill("#id_code", one_time_code(server.people[role]["totp_secret"], time.time()))
        page.click("main form[action*='reauthenticate'] button")
        page.wait_for_selector(wanted)


def test_from_the_refusal_to_the_review(visit, server):
    page = visit("agent").page("/waybills/")
    page.click("table a.mono >> nth=0")
    page.wait_for_selector("[data-reveal=recipient_phone]")
    ask(page)
    page.click("#reveal-answer a[href^='/glass/?']")
    confirm(page, server, "agent", "#id_note")
    assert page.is_checked("input[value=recipient_phone]")
    page.fill("#id_note", "工单系统打不开，客户在线等")
    page.click("button.btn-danger")
    page.wait_for_selector(".note-box.good")
    ask(page)
    page.wait_for_selector("#slot-recipient_phone [data-opened]")

    officer = visit("privacy_officer").page("/overview/")
    officer.click(".note-box.danger a[href='/glass/review/']")
    officer.wait_for_selector("button[value=not_justified]")
    assert "no_ticket" in officer.inner_text("main")
    officer.fill("input[name=note]", "没有客户来电的记录")
    officer.click("button[value=not_justified]")
    confirm(officer, server, "privacy_officer", ".note-box.good, input[name=note]")
    if officer.query_selector("input[name=note]"):
        officer.fill("input[name=note]", "没有客户来电的记录")
        officer.click("button[value=not_justified]")
        officer.wait_for_selector(".note-box.good")
    officer.goto(f"{server.url}/overview/")
    officer.wait_for_selector("h1")
    assert officer.locator("a[href='/glass/review/'] b").count() == 0

    page.reload()
    ask(page)
    page.wait_for_selector("#reveal-answer .note-box")


@pytest.mark.every_screen
@pytest.mark.parametrize("path", ["/glass/review/", "/cases/", "/policies/"])
def test_every_page_of_it_fits_its_screen(visit, path):
    page = visit("privacy_officer").page(path)
    page.wait_for_selector("h1")
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
