"""Two servers on one home: the one whose keyd serves the home tells the address, the other says that it stands by."""

import os
import socket
import time
from types import SimpleNamespace

import pytest

from midan.catalog import settings
from midan.config import server


@pytest.fixture
def listening(midan_home):
    """A keyd's socket, held by this process."""
    path = settings.current().keyd_socket
    path.parent.mkdir(parents=True, exist_ok=True)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()
        yield


def told(pid: int, monkeypatch) -> tuple[list[str], SimpleNamespace]:
    monkeypatch.setattr(server, "_LOOK_AGAIN", 0.05)
    addresses: list[str] = []
    keyd = SimpleNamespace(pid=pid)
    server._tell_address(keyd, lambda _home, url: addresses.append(url), port=8461)
    return addresses, keyd


@pytest.mark.usefixtures("listening")
def test_the_server_whose_keyd_serves_the_home_tells_its_address(monkeypatch, capsys):
    addresses, _ = told(os.getpid(), monkeypatch)
    assert addresses == [settings.current().base_url]
    assert capsys.readouterr().out == ""


@pytest.mark.usefixtures("listening")
def test_a_second_server_says_in_one_line_what_it_is_and_tells_its_address_only_once_it_serves(
    monkeypatch, capsys
):
    addresses, keyd = told(os.getpid() + 1, monkeypatch)
    (line,) = capsys.readouterr().out.splitlines()
    assert "8461" in line
    assert "standby" in line
    time.sleep(0.2)
    assert addresses == []
    keyd.pid = os.getpid()  # the first server is gone, and this one's keyd has taken over
    end = time.monotonic() + 5
    while not addresses and time.monotonic() < end:
        time.sleep(0.02)
    assert addresses == [settings.current().base_url]


def test_a_socket_is_taken_over_from_a_server_that_was_killed_and_from_no_other(
    midan_home, monkeypatch, tmp_path
):
    path = tmp_path / "s"
    for name, value in (
        ("MIDAN_SOCKET", str(path)),
        ("MIDAN_BASE_URL", "https://localhost"),
        ("MIDAN_TRUSTED_PROXIES", "1"),
    ):
        monkeypatch.setenv(name, value)
    server._refuse_bad_place("127.0.0.1", 1)
    with socket.socket(socket.AF_UNIX) as serving:
        serving.bind(str(path))
        serving.listen()
        with pytest.raises(server.PortTaken):
            server._refuse_bad_place("127.0.0.1", 1)
    # Nobody listens any more, and the name is still there.
    server._refuse_bad_place("127.0.0.1", 1)
    monkeypatch.setenv("MIDAN_SOCKET", str(tmp_path / "away" / "s"))
    with pytest.raises(server.PortTaken):
        server._refuse_bad_place("127.0.0.1", 1)
