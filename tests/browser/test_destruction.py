"""Two people destroy what one alone cannot, in a real browser: the officer asks, is refused, the analyst agrees."""

import json
import time
from pathlib import Path

from midan.core.certificate import KIND


def first_number(page, server):
    page.goto(server.url + "/waybills/")
    return page.locator("table a.mono").first.inner_text()


def ask_to_erase(page, server, number):
    page.goto(server.url + "/keep/")
    page.click("[data-dialog=request]")
    page.fill("#request-waybills", number)
    page.select_option("#request-part", "recipient")
    page.click("#request .btn-primary")
    page.wait_for_selector("#run")
    return page.url.rstrip("/").rsplit("/", 1)[1]


def test_one_person_asks_another_allows_and_the_certificate_is_handed_out(visit):
    officer = visit("privacy_officer")
    page = officer.page("/keep/")
    number = first_number(page, officer.server)
    run = ask_to_erase(page, officer.server, number)
    assert page.locator("#run form[action*='approve']").count() == 0

    page.goto(officer.server.url + "/approvals/")
    row = page.locator("tr", has=page.locator(f"a[href*='{run}']"))
    assert row.locator("form").count() == 0

    analyst = visit("analyst")
    desk = analyst.page("/approvals/")
    row = desk.locator("tr", has=desk.locator(f"a[href*='{run}']"))
    row.locator("form[action*='approve'] button").click()
    desk.wait_for_selector("[role=status]")

    page.goto(f"{officer.server.url}/keep/runs/{run}/")
    page.wait_for_selector("a[href$='certificate.json']", timeout=90_000)
    with page.expect_download() as download:
        page.click("a[href$='certificate.json']")
    data = json.loads(Path(download.value.path()).read_bytes())
    assert (data["kind"], data["facts"]["number"]) == (KIND, run)
    assert data["facts"]["responsible"][1]["as"] == "approver"
    with page.expect_download() as download:
        page.click("a[href$='certificate.pdf']")
    assert Path(download.value.path()).read_bytes()[:5] == b"%PDF-"

    page.goto(f"{officer.server.url}/waybills/{number}/")
    assert "recipient_phone" not in page.content()


def test_a_hold_is_placed_from_the_waybill_and_ends_by_two_people(visit):
    officer = visit("privacy_officer")
    page = officer.page("/waybills/")
    number = page.locator("table a.mono").nth(1).inner_text()
    page.goto(f"{officer.server.url}/keep/holds/?waybill={number}")
    page.wait_for_selector("dialog#place[open]")
    assert page.input_value("#hold-waybills") == number
    page.select_option("#hold-reason", "complaint_open")
    page.click("#place .btn-primary")
    page.wait_for_selector("[role=status]")
    page.goto(f"{officer.server.url}/waybills/{number}/")
    assert page.locator(".tag.enforced .icon use[href*='shield-lock']").count() >= 1
    page.goto(officer.server.url + "/keep/holds/")
    page.locator("[data-dialog^=end-]").first.click()
    page.locator("dialog[open] .btn-primary").click()
    page.wait_for_selector("[role=status]")

    analyst = visit("analyst")
    desk = analyst.page("/approvals/")
    desk.locator("form[action*='approve'] button").first.click()
    desk.wait_for_selector("[role=status]")
    page.goto(f"{officer.server.url}/waybills/{number}/")
    time.sleep(0.1)
    assert page.locator("h1").count() == 1


def test_pages_fit_the_screen(visit):
    officer = visit("privacy_officer")
    page = officer.page("/keep/")
    for path in ("/keep/", "/keep/holds/", "/approvals/"):
        page.goto(officer.server.url + path)
        assert page.evaluate(
            "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
        ), path


def test_a_length_above_the_cap_is_refused_on_the_page_with_its_clause(visit):
    officer = visit("privacy_officer")
    page = officer.page("/keep/")
    page.click("[data-dialog=length]")
    page.fill("#length-days", "2000")
    page.click("#length .btn-primary")
    page.wait_for_selector(".note-box.late")
    assert "L2.4" in page.inner_text(".note-box.late")
