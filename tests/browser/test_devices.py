"""A computer enrolled, reported and bound on the real pages, by the real agent; and the register that lists it."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

SECURITY = "/accounts/2fa/"


def agent(tmp_path, *words):
    """Run the agent as its person would, and return what it printed."""
    midan = str(Path(sys.executable).with_name("midan"))
    done = subprocess.run(
        [midan, "device", *words, "--folder", str(tmp_path / "agent")],
        env={name: value for name, value in os.environ.items() if not name.startswith(("MIDAN_", "DJANGO"))},
        capture_output=True,
        check=False,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def fits(page):
    return page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def test_a_computer_is_enrolled_by_its_agent_and_the_browser_bound(visit, server, tmp_path):
    # A code of the authenticator works once: the sign-in of the screen before may have used this half minute's.
    time.sleep(30 - time.time() % 30)
    me = visit("sorter")
    page = me.page(SECURITY)
    assert fits(page)
    page.click("form[action='/devices/code'] button")
    page.wait_for_selector("#code")
    assert fits(page)
    code = tmp_path / "code.txt"
    code.write_text(page.text_content("#code"))
    enrolled = agent(tmp_path, "enroll", "--server", server.url, "--code-file", str(code))
    judged = agent(tmp_path, "report")
    assert "report" not in judged["failing"]
    page = me.page(enrolled["link"].removeprefix(server.url))
    page.click("main form button")
    page.wait_for_selector("#devices .points")
    assert fits(page)
    # Whoever borrows this session without the device's cookie would end it.
    server.cookies.pop("sorter")
    shown = page.text_content("#devices")
    assert "磁盘加密" in shown or "Disk encryption" in shown
    register = visit("sysadmin").page("/people/devices/")
    register.wait_for_selector(".points")
    assert fits(register)
