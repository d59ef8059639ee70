"""The real server in a home of its own, and Chromium. Every page is watched: a console error fails the journey."""

import base64
import hashlib
import hmac
import json
import os
import shutil
import socket
import struct
import subprocess
import sys
import time
import urllib.request
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import pytest

pytestmark = pytest.mark.browser


def pytest_collection_modifyitems(items):
    for item in items:
        if "tests/browser" in item.nodeid:
            item.add_marker(pytest.mark.browser)


_FRESH = 120


def one_time_code(secret, at):
    """Return the six digits of RFC 6238 for a base32 secret."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    digest = hmac.new(key, struct.pack(">Q", int(at) // 30), hashlib.sha1).digest()
    start = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[start : start + 4])[0] & 0x7FFFFFFF) % 10**6:06d}"


@dataclass
class Server:
    url: str
    home: object
    people: dict
    cookies: dict = field(default_factory=dict)
    signed_in_at: dict = field(default_factory=dict)

    def sign_in(self, context, role):
        """Sign in once a person: an authenticator's code works once, so later contexts borrow the session."""
        # A factor is fresh for five minutes, and a journey takes some of them.
        if role in self.cookies and time.monotonic() - self.signed_in_at[role] < _FRESH:
            context.add_cookies(self.cookies[role])
            return
        person, page = self.people[role], context.new_page()
        page.goto(f"{self.url}/accounts/login/")
        page.fill("#id_login", person["username"])
        page.fill("#id_password", person["password"])
        page.click("main form[action$='login/'] button")
        page.wait_for_selector("#id_code, .frame")
        if page.query_selector("#id_code"):
            page.fill("#id_code", one_time_code(person["totp_secret"], time.time()))
            page.click("main form[action*='authenticate'] button")
        page.wait_for_selector(".frame")
        self.signed_in_at[role] = time.monotonic()
        self.cookies[role] = [cookie for cookie in context.cookies() if cookie["name"] == "sessionid"]
        page.close()


def _free_port():
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _wait(url, process, log):
    for _ in range(240):
        if process.poll() is not None:
            raise RuntimeError(log.read_text())
        try:
            with urllib.request.urlopen(f"{url}/track", timeout=5):
                return
        except OSError:
            time.sleep(0.25)
    raise RuntimeError("the server did not answer within a minute")


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    home = tmp_path_factory.mktemp("served")
    port = _free_port()
    url = f"http://localhost:{port}"
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MIDAN_")}
    # No MIDAN_BASE_URL: the port given to serve is the address.
    environment = kept | {"MIDAN_HOME": str(home)}
    midan = [str(Path(sys.executable).with_name("midan"))]
    subprocess.run([*midan, "init", "--demo"], env=environment, check=True, capture_output=True, timeout=240)
    log = home / "serve.log"
    with log.open("w") as out:
        process = subprocess.Popen(
            [*midan, "serve", "--port", str(port), "--workers", "1"], env=environment, stdout=out, stderr=out
        )
        try:
            _wait(url, process, log)
            demo = json.loads((home / "demo.json").read_text())
            assert demo["base_url"] == url
            users = demo["users"]
            people = {}
            for user in users:
                people.setdefault(user["role"], user)
            yield Server(url=url, home=home, people=people)
        finally:
            process.terminate()
            process.wait(timeout=30)


@pytest.fixture(scope="session")
def chromium():
    from playwright.sync_api import sync_playwright

    path = shutil.which("chromium")
    assert path, "Chromium is needed: apt-get install chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@dataclass
class Visitor:
    """One person at one screen; `faults` collects what the browser complained about."""

    server: Server
    context: object
    faults: list = field(default_factory=list)

    def page(self, path):
        page = self.context.new_page()
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("console", self._heard)
        page.goto(self.server.url + path)
        return page

    def _heard(self, message):
        # A refusal answers 403 or 404 on purpose, which Chromium also prints.
        if (
            message.type in {"error", "warning"}
            and "the server responded with a status of 4" not in message.text
        ):
            self.faults.append(message.text)


SCREENS = {
    "desk-zh": (1280, "zh-CN"),
    "phone-en": (360, "en-US"),
    "desk-en": (1280, "en-US"),
    "phone-zh": (360, "zh-CN"),
}
SHOTS = Path(__file__).parent / "shots"


def pytest_generate_tests(metafunc):
    """Walk the main journey on every screen in both languages, everything else on one screen a language."""
    if "screen" in metafunc.fixturenames:
        every = metafunc.definition.get_closest_marker("every_screen") is not None
        names = list(SCREENS)[: None if every else 2]
        metafunc.parametrize("screen", [SCREENS[name] for name in names], ids=names, indirect=True)


@pytest.fixture
def screen(request):
    return request.param


@pytest.fixture
def visit(request, server, chromium, screen):
    """Return a function that opens the screen for a post, or for a stranger with ''."""
    width, locale = screen
    visitors = []

    def open_for(role):
        context = chromium.new_context(viewport={"width": width, "height": 800}, locale=locale)
        visitor = Visitor(server=server, context=context)
        visitors.append(visitor)
        if role:
            server.sign_in(context, role)
        return visitor

    yield open_for
    faults = [fault for visitor in visitors for fault in visitor.faults]
    _keep_pictures(request.node.name, visitors)
    for visitor in visitors:
        visitor.context.close()
    assert faults == []


def _keep_pictures(name, visitors):
    """Keep what was on each page at the end of a journey: somebody looks at them before a release."""
    SHOTS.mkdir(exist_ok=True)
    plain = "".join(letter if letter.isalnum() else "-" for letter in name).strip("-")
    pages = [page for visitor in visitors for page in visitor.context.pages]
    for place, page in enumerate(pages, start=1):
        page.screenshot(path=SHOTS / f"{plain}-{place}.png", full_page=True)
