"""demo.json: its owner's alone, and it names the address the server really has."""

import json
import stat
from contextlib import nullcontext

import pytest

from midan.config import server
from midan.demo import signins


def test_the_file_follows_the_address_and_keeps_all_else(tmp_path):
    signins.write(tmp_path, {"base_url": "http://localhost:8000", "users": [{"username": "agent"}]})
    signins.follow(tmp_path, "http://localhost:9123")
    path = tmp_path / "demo.json"
    assert json.loads(path.read_text()) == {
        "base_url": "http://localhost:9123",
        "users": [{"username": "agent"}],
    }
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [child.name for child in tmp_path.iterdir()] == ["demo.json"]


def test_without_a_demo_company_no_file_appears(tmp_path):
    signins.follow(tmp_path, "http://localhost:9123")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("said", "address"),
    [
        (None, "http://localhost:9123"),
        ("", "http://localhost:9123"),
        ("https://midan.example", "https://midan.example"),
    ],
)
def test_the_port_is_the_address_unless_one_is_set(monkeypatch, said, address):
    told = []

    class Stop(Exception):
        pass

    def tell(_home, url):
        told.append(url)
        raise Stop

    if said is None:
        monkeypatch.delenv("MIDAN_BASE_URL", raising=False)
    else:
        monkeypatch.setenv("MIDAN_BASE_URL", said)
    monkeypatch.setattr(server, "ready", lambda: None)
    monkeypatch.setattr(server, "_refuse_bad_port", lambda host, port: None)
    monkeypatch.setattr(server, "_refuse_bad_vault", lambda _keyd: None)
    monkeypatch.setattr(server, "_refuse_bad_log", lambda: None)
    monkeypatch.setattr(server, "_serves", lambda _keyd: True)
    monkeypatch.setattr(server, "kept", lambda _name, _target: nullcontext())
    # Setting a variable that was absent must not outlive the test.
    monkeypatch.setattr(server.os, "environ", dict(server.os.environ))
    with pytest.raises(Stop):
        server.run("app", host="127.0.0.1", port=9123, workers=1, on_address=tell)
    assert told == [address]
