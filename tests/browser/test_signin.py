"""Signing in, in Chromium with its virtual authenticator: the first administrator, a passkey, a shared computer."""

import json
import os
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.browser.conftest import SHOTS, Visitor, _free_port, _wait, one_time_code

PASSWORD = "nine purple otters recite a tide table"


@contextmanager
def virtual_passkeys(page):
    """Give the page's browser an authenticator that asks nobody, as a fingerprint reader would look from outside."""
    tools = page.context.new_cdp_session(page)
    tools.send("WebAuthn.enable")
    made = tools.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )
    yield tools, made["authenticatorId"]


def shot(page, name, screen):
    page.wait_for_load_state()
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    SHOTS.mkdir(exist_ok=True)
    page.screenshot(path=SHOTS / f"signin-{name}-{screen[0]}-{screen[1]}.png", full_page=True)


@pytest.fixture
def empty_server(tmp_path):
    """A real company's first day: no demo, nobody appointed. Returns its address and the link that was printed."""
    port = _free_port()
    url = f"http://localhost:{port}"
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MIDAN_")}
    environment = kept | {"MIDAN_HOME": str(tmp_path), "MIDAN_BASE_URL": url}
    midan = [str(Path(sys.executable).with_name("midan"))]
    said = subprocess.run(
        [*midan, "init"], env=environment, check=True, capture_output=True, text=True, timeout=240
    )
    log = tmp_path / "serve.log"
    with log.open("w") as out:
        process = subprocess.Popen(
            [*midan, "serve", "--port", str(port), "--workers", "1"], env=environment, stdout=out, stderr=out
        )
        try:
            _wait(url, process, log)
            yield url, said.stdout.strip().rsplit(" ", 1)[1].removeprefix(url)
        finally:
            process.terminate()
            process.wait(timeout=30)


@pytest.mark.every_screen
def test_the_first_administrator_begins_with_a_link_and_a_passkey(chromium, screen, empty_server):
    url, link = empty_server
    context = chromium.new_context(viewport={"width": screen[0], "height": 800}, locale=screen[1])
    server = type("Server", (), {"url": url})
    visitor = Visitor(server=server, context=context)
    page = visitor.page(link)
    shot(page, "first", screen)
    page.fill("#id_username", "founder")
    page.fill("#id_display_name", "任人贤")
    page.fill("#id_password", PASSWORD)
    page.fill("#id_again", PASSWORD)
    page.click("main form button")
    page.wait_for_url("**/accounts/login/")
    page.fill("#id_login", "founder")
    page.fill("#id_password", PASSWORD)
    shot(page, "login", screen)
    page.click("main form[action$='login/'] >> nth=0 >> button")
    page.wait_for_url("**/totp/activate/")
    shot(page, "totp", screen)
    with virtual_passkeys(page) as (tools, number):
        page.click("a[href$='webauthn/add/']")
        page.wait_for_url("**/webauthn/add/")
        shot(page, "add", screen)
        page.click("main form[data-passkey=make] button")
        page.wait_for_url("**/webauthn/reauthenticate/**")
        shot(page, "show", screen)
        (kept,) = tools.send("WebAuthn.getCredentials", {"authenticatorId": number})["credentials"]
        assert (kept["rpId"], kept["isResidentCredential"]) == ("localhost", True)
        page.click("main form[data-passkey=show] button")
        page.wait_for_selector("pre.paper")
        page.goto(url + "/accounts/2fa/")
        page.wait_for_selector(".frame")
        shot(page, "security", screen)
        page.goto(url + "/sessions/")
        assert page.locator("tbody tr").count() == 1
        shot(page, "sessions", screen)
        assert page.goto(url + link).status == 404
        # Who lost the machine's sign-in takes it up again with the key alone.
        context.clear_cookies(name="sessionid")
        page.goto(url + "/accounts/login/")
        page.click("main form[data-passkey=enter] button")
        page.wait_for_selector(".frame")
        # A copy of the key that counted less far is refused.
        tools.send(
            "WebAuthn.removeCredential", {"authenticatorId": number, "credentialId": kept["credentialId"]}
        )
        tools.send("WebAuthn.addCredential", {"authenticatorId": number, "credential": kept})
        context.clear_cookies(name="sessionid")
        page.goto(url + "/accounts/login/")
        page.click("main form[data-passkey=enter] button")
        page.wait_for_selector("main .note-box")
        assert page.locator("#id_login").is_visible()
        shot(page, "copy", screen)
    assert visitor.faults == []
    context.close()


# Two whom no other journey uses: a sign-in ends the one before.
def test_at_a_shared_computer_the_next_person_takes_over_with_one_tap(chromium, server):
    import time

    context = chromium.new_context(viewport={"width": 1280, "height": 800}, locale="zh-CN")
    visitor = Visitor(server=server, context=context)
    people = {user["username"]: user for user in json.loads((server.home / "demo.json").read_text())["users"]}

    def enter(page, name):
        page.goto(server.url + "/accounts/login/")
        page.fill("#id_login", name)
        page.fill("#id_password", people[name]["password"])
        page.click("main form[action$='login/'] >> nth=0 >> button")
        page.fill("#id_code", one_time_code(people[name]["totp_secret"], time.time()))
        page.click("main form[action*='authenticate'] button >> nth=0")
        page.wait_for_selector(".frame")

    page = visitor.page("/track")
    with virtual_passkeys(page):
        enter(page, "courier2")
        page.goto(server.url + "/accounts/2fa/webauthn/add/")
        page.click("main form[data-passkey=make] button")
        page.wait_for_selector(".frame")
        page.click("header form[action$='logout/'] button")
        enter(page, "manager_bj")
        assert people["manager_bj"]["staff_no"] in page.inner_text(".who")
        page.click("header form[data-passkey=enter] button")
        page.wait_for_function(
            "no => document.querySelector('.who').innerText.includes(no)", arg=people["courier2"]["staff_no"]
        )
    assert visitor.faults == []
    context.close()
