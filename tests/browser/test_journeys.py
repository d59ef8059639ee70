"""What people do, in a real browser against the real server, at a desk in Chinese and on a phone in English."""

import csv
import io
import uuid
from pathlib import Path

import pytest

from midan.collection.rules import COLUMNS

PHONE = "16100005678"
SHOTS = Path(__file__).parent / "shots"


@pytest.fixture
def order_file(tmp_path, visit, server):
    page = visit("").page("/track")
    notice = page.locator("footer a").first.get_attribute("href").rsplit("/", 1)[1]
    text = io.StringIO()
    table = csv.DictWriter(text, COLUMNS)
    table.writeheader()
    for at, phone in enumerate((PHONE, "no phone")):
        table.writerow(
            {
                "order_ref": f"{uuid.uuid4().hex[:12]}-{at}",
                "sender_name": "沈澄澄",
                "sender_phone": "16000001234",
                "sender_address": "浙江省杭州市西湖区曙光路122号6幢2单元301室",
                "recipient_name": "欧阳小禾",
                "recipient_phone": phone,
                "recipient_address": "浙江省杭州市滨江区江南大道88号3栋1202",
                "goods_name": "羊毛围巾",
                "goods_kind": "服装",
                "quantity": "1",
                "weight_g": "800",
                "remark": "请放在门口",
                "notice_version": notice,
            }
        )
    path = tmp_path / "orders.csv"
    path.write_text(text.getvalue(), encoding="utf-8")
    return path


def ask_for(page, field, purpose):
    page.click(f"[data-reveal={field}]")
    page.select_option("#purpose", purpose)
    page.click("#reveal-form .btn-primary")


@pytest.mark.every_screen
def test_upload_label_search_refusal_reveal_log(visit, screen, order_file):
    manager = visit("branch_manager")
    page = manager.page("/waybills/upload/")
    page.set_input_files("#file", str(order_file))
    page.click("#send")
    page.wait_for_selector("#result [data-count=accepted]")
    assert page.inner_text("[data-count=accepted]") == "1"
    assert page.inner_text("[data-count=rejected]") == "1"
    assert "recipient_phone" in page.inner_text("#result")
    assert "no phone" not in page.content()

    page.goto(manager.server.url + "/waybills/search/")
    page.select_option("#id_kind", "phone")
    page.fill("#id_value", PHONE)
    page.click(".search-form .btn-primary")
    assert PHONE not in page.url
    assert PHONE not in page.content()
    page.click("table a.mono >> nth=0")
    number = page.url.rstrip("/").rsplit("/", 1)[1]
    assert (
        page.locator(".label-preview").evaluate("image => image.decode().then(() => image.naturalWidth)")
        > 100
    )

    page.click("[data-dialog=print]")
    for choice in ("reason", "size", "format", "dpi"):
        assert page.locator(f"#print-{choice}").is_visible()
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    page.screenshot(path=SHOTS / f"print-dialogue-{screen[0]}-{screen[1]}.png")
    page.keyboard.press("Escape")

    ask_for(page, "goods_name", "customer_service")
    page.wait_for_selector("#reveal-answer .note-box")
    refusal = page.inner_text("#reveal-answer")
    assert "L2.2" in refusal or "L3.1" in refusal

    ask_for(page, "recipient_phone", "customer_service")
    page.wait_for_selector("#slot-recipient_phone [data-opened]")
    assert page.inner_text("#slot-recipient_phone .value") == PHONE
    assert PHONE not in page.title() + page.url
    page.evaluate("window.dispatchEvent(new Event('blur'))")
    assert PHONE not in page.content()
    assert page.inner_text("#slot-recipient_phone").endswith("5678")

    page.wait_for_selector("#history tbody tr:nth-child(2)")
    log = visit("auditor").page(f"/log/?object=waybill:{number}")
    assert log.locator("tbody tr").count() >= 2
    log.click(".page-head button.btn-primary")
    log.wait_for_selector("#verified .note-box.good")


def test_a_revealed_value_leaves_by_itself(visit, server):
    page = visit("privacy_officer").page("/waybills/")
    page.click("table a.mono >> nth=0")
    page.clock.install()
    ask_for(page, "recipient_name", "rights_request")
    page.wait_for_selector("#slot-recipient_name [data-opened]")
    page.clock.fast_forward(31_000)
    page.wait_for_selector("#slot-recipient_name .masked")
    assert page.locator("[data-opened]").count() == 0


def at_a_waybill(officer):
    page = officer.page("/waybills/")
    page.click("table a.mono >> nth=0")
    page.wait_for_selector("[data-reveal=recipient_name]")
    return page


def answer_of(page, screen, chinese, english):
    said = page.locator("#reveal-answer .note-box")
    said.wait_for()
    assert (english if screen[1] == "en-US" else chinese) in said.inner_text()
    assert page.locator("[data-opened]").count() == 0
    return True


def test_who_reveals_or_uploads_after_the_session_ended_comes_to_sign_in_and_back(visit, order_file):
    officer = visit("privacy_officer")
    page = at_a_waybill(officer)
    waybill = page.url.removeprefix(officer.server.url)
    officer.context.clear_cookies(name="sessionid")
    ask_for(page, "recipient_name", "rights_request")
    page.wait_for_url("**/accounts/login/**")
    assert page.locator("#id_login").is_visible()
    assert page.evaluate("new URLSearchParams(location.search).get('next')") == waybill

    manager = visit("branch_manager")
    page = manager.page("/waybills/upload/")
    manager.context.clear_cookies(name="sessionid")
    page.set_input_files("#file", str(order_file))
    page.click("#send")
    page.wait_for_url("**/accounts/login/**")
    assert page.evaluate("new URLSearchParams(location.search).get('next')") == "/waybills/upload/"


def test_a_reveal_without_an_answer_says_so_and_nothing_is_shown(visit, screen):
    officer = visit("privacy_officer")
    page = at_a_waybill(officer)
    officer.context.set_offline(True)
    ask_for(page, "recipient_name", "rights_request")
    assert answer_of(page, screen, "没有收到服务器的答复", "did not answer")
    officer.context.set_offline(False)
    # Chromium itself prints that it reached nobody.
    assert officer.faults
    assert all("net::ERR" in fault for fault in officer.faults)
    officer.faults.clear()
    page.route("**/reveal", lambda route: route.fulfill(status=500, body=""))
    ask_for(page, "recipient_name", "rights_request")
    assert answer_of(page, screen, "没能办到", "could not do it")
    officer.faults.clear()


def test_a_reveal_for_a_window_that_is_not_in_front_says_that_it_was_not_shown(visit, screen):
    page = at_a_waybill(visit("privacy_officer"))
    page.evaluate("document.hasFocus = () => false")
    ask_for(page, "recipient_name", "rights_request")
    assert answer_of(page, screen, "不在前台", "not in front")


def test_a_reveal_that_lacks_the_second_factor_leads_to_it(visit):
    page = at_a_waybill(visit("privacy_officer"))
    door = {"HX-Redirect": "/accounts/2fa/reauthenticate/"}
    page.route("**/reveal", lambda route: route.fulfill(status=401, headers=door))
    ask_for(page, "recipient_name", "rights_request")
    page.wait_for_url("**/accounts/2fa/reauthenticate/?next=**")


@pytest.mark.parametrize(
    "path",
    ["/overview/", "/waybills/", "/catalogue/", "/notices/", "/log/", "/clauses/", "/waybills/search/"],
)
def test_pages_fit_the_screen_and_speak_its_language(visit, screen, path):
    page = visit("privacy_officer").page(path)
    page.wait_for_load_state("networkidle")
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    assert page.get_attribute("html", "lang") == ("en" if screen[1] == "en-US" else "zh-CN")
    if path == "/overview/":
        assert page.locator("[data-chart] canvas").count() >= 2


def test_keys_lead_everywhere(visit):
    page = visit("privacy_officer").page("/overview/")
    page.keyboard.press("?")
    assert page.locator("#keys").is_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("g")
    page.keyboard.press("c")
    page.wait_for_url("**/clauses/")
    page.keyboard.press("/")
    page.wait_for_url("**/waybills/search/")


def test_dark_and_light_are_a_choice_that_stays(visit):
    page = visit("").page("/track")
    before = page.get_attribute("html", "data-bs-theme")
    page.click("[data-theme-switch]")
    page.reload()
    assert page.get_attribute("html", "data-bs-theme") != before


def test_a_stranger_learns_the_status_and_no_more(visit):
    page = visit("").page("/track")
    page.fill("#number", "MD0000000000000")
    page.click("main .btn-primary")
    page.wait_for_selector(".note-box")
    assert "MD0000000000000" not in page.url
