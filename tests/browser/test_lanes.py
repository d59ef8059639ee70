"""A courier's round and a clerk's counter, on their own screens: one tap, one value, gone again."""

import json
import os
import subprocess
import sys

import pytest

TO_SHELF = """
import json, sys
from midan.config.start import ready
ready()
from django.utils import timezone
from midan.collection.selectors import current_version
from midan.collection.services import intake
from midan.core.actor import Actor
from midan.waybill.pickup.selectors import code_of
from midan.waybill.selectors import get
from midan.waybill.services import scan
courier, ends, mark = sys.argv[1], json.loads(sys.argv[2]), sys.argv[3]
found = []
for place, (address, last) in enumerate(ends):
    row = {"order_ref": f"{mark}-{place}", "sender_name": "沈澄澄", "sender_phone": "16000001234",
           "sender_address": "浙江省杭州市西湖区曙光路122号6幢2单元301室", "recipient_name": "欧阳小禾",
           "recipient_phone": "16100005678", "recipient_address": address, "goods_name": "羊毛围巾",
           "goods_kind": "服装", "quantity": 1, "weight_g": 800, "remark": "", "notice_version": current_version()}
    now = timezone.now()
    number = intake(actor=Actor.system("test"), client="test", branch="HZ001", rows=[row], now=now).results[0].waybill
    for event in ["collected", "departed", "arrived", "out_for_delivery"] + [last] * bool(last):
        now = timezone.now()
        scan(actor=Actor(kind="system", name=courier, role="system"), number=number, event=event, branch="HZ001",
             station="HZ101" if event == "at_station" else "", at=now, now=now)
    found.append((number, code_of(get(number).seq)))
print(json.dumps(found))
"""
ROAD = "浙江省杭州市西湖区翠苑街道"
FAR, NEAR = f"{ROAD}文三路112号3栋1202", f"{ROAD}文三路9号2栋501"


def run(server, script, *words):
    """Run a script in the server's home; return what it printed."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MIDAN_")}
    done = subprocess.run(
        [sys.executable, "-c", script, *words],
        env=kept | {"MIDAN_HOME": str(server.home)},
        capture_output=True,
        check=True,
        timeout=120,
    )
    return done.stdout


def sent(server, mark, *ends):
    """Take parcels in and scan them out to the courier, or onto the station's shelf; return (number, code) of each."""
    done = run(server, TO_SHELF, server.people["courier"]["staff_no"], json.dumps(ends), mark)
    return json.loads(done.splitlines()[-1])


def fits(page):
    return page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


@pytest.mark.every_screen
def test_a_courier_walks_the_list_and_opens_one_address_at_a_time(visit, server, screen):
    (far, _), (near, _) = sent(server, f"c{screen[0]}{screen[1]}", (FAR, ""), (NEAR, ""))
    page = visit("courier").page("/deliveries/")
    numbers = page.locator(".parcel a.mono").all_inner_texts()
    assert numbers.index(near) < numbers.index(far)
    assert "2栋501" not in page.content()
    assert page.locator(".watermark").count() == 1
    assert fits(page)

    slot, button = f"#at-{near}", page.locator(f"[data-tap=at-{near}] button")
    height = button.bounding_box()["height"]
    assert height >= 48
    sent_before = []
    page.on("request", lambda asked: sent_before.append(asked.method))
    button.click()
    page.wait_for_selector(f"{slot} [data-opened]")
    assert sent_before == ["POST"]
    assert page.inner_text(f"{slot} .value") == NEAR
    assert fits(page)
    chosen = "getComputedStyle(document.querySelector('.opened .value')).userSelect"
    assert page.evaluate(chosen) == "none"
    copied = "() => !document.dispatchEvent(new ClipboardEvent('copy', { cancelable: true }))"
    assert page.evaluate(copied)

    page.emulate_media(media="print")
    assert not page.locator(f"{slot} .opened").is_visible()
    assert page.locator(f"{slot} .printed-mask").is_visible()
    assert page.locator(".only-print").is_visible()
    page.emulate_media(media="screen")
    assert page.locator(f"{slot} .opened").is_visible()
    page.screenshot(path=f"tests/browser/shots/lane-opened-{screen[0]}-{screen[1]}.png")
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert NEAR not in page.content()

    button.click()
    page.wait_for_selector(f"{slot} [data-opened]")
    page.evaluate("window.dispatchEvent(new Event('blur'))")
    assert NEAR not in page.content()


def test_an_address_leaves_by_itself(visit, server, screen):
    ((number, _),) = sent(server, f"t{screen[0]}{screen[1]}", (NEAR, ""))
    page = visit("courier").page("/deliveries/")
    page.clock.install()
    page.click(f"[data-tap=at-{number}] button")
    page.wait_for_selector(f"#at-{number} [data-opened]")
    page.clock.fast_forward(31_000)
    page.wait_for_function("no => !document.querySelector(`#at-${no} [data-opened]`)", arg=number)
    assert NEAR not in page.content()


def test_without_a_network_the_list_says_so_and_asks_nothing(visit, server, screen):
    ((number, _),) = sent(server, f"o{screen[0]}{screen[1]}", (NEAR, ""))
    visitor = visit("courier")
    page = visitor.page("/deliveries/")
    visitor.context.set_offline(True)
    page.wait_for_selector("#offline:not([hidden])")
    assert page.locator(f"[data-tap=at-{number}] button").is_disabled()
    page.screenshot(path=f"tests/browser/shots/lane-offline-{screen[0]}-{screen[1]}.png")
    visitor.context.set_offline(False)
    page.wait_for_selector("#offline[hidden]", state="attached")
    assert page.locator(f"[data-tap=at-{number}] button").is_enabled()
    assert page.evaluate("navigator.serviceWorker.getRegistrations().then(all => all.length)") == 0
    assert page.evaluate("caches.keys().then(all => all.length)") == 0


def test_a_refused_tap_says_which_clause_beside_the_parcel(visit, server, screen):
    ((number, _),) = sent(server, f"r{screen[0]}{screen[1]}", (NEAR, ""))
    page = visit("courier").page("/deliveries/")
    sent_away = f"""
from midan.config.start import ready
ready()
from django.utils import timezone
from midan.core.actor import Actor
from midan.waybill.services import scan
now = timezone.now()
scan(actor=Actor(kind="system", name="x", role="system"), number="{number}", event="delivered", branch="HZ001", at=now, now=now)
"""
    run(server, sent_away)
    page.click(f"[data-tap=at-{number}] button")
    said = page.locator(".parcel", has=page.locator(f"#at-{number}")).locator("#reveal-answer .note-box")
    said.wait_for()
    assert "L2.2" in said.inner_text()
    assert fits(page)


@pytest.mark.every_screen
def test_a_clerk_finds_by_code_and_by_tail_compares_and_hands_over(visit, server, screen):
    ((number, code),) = sent(server, f"s{screen[0]}{screen[1]}", (NEAR, "at_station"))
    page = visit("clerk").page("/station/")
    page.fill("#id_said", "5678")
    page.click(".shelf-search button")
    assert number in page.locator(".parcel a.mono").all_inner_texts()
    page.fill("#id_said", code)
    page.click(".shelf-search button")
    page.wait_for_selector(f"#name-{number}")
    assert code not in page.url
    assert "欧阳小禾" not in page.content()
    assert fits(page)
    page.click(f"[data-tap=name-{number}] button")
    page.wait_for_selector(f"#name-{number} [data-opened]")
    assert page.inner_text(f"#name-{number} .value") == "欧阳小禾"
    assert fits(page)
    page.screenshot(path=f"tests/browser/shots/station-compared-{screen[0]}-{screen[1]}.png")
    page.click(f"form[action*='{number}/hand-over'] button")
    page.wait_for_selector("[role=status]")
    page.fill("#id_said", code)
    page.click(".shelf-search button")
    page.wait_for_selector(".empty-state")
    assert fits(page)
