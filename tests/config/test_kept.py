"""What runs beside the web is started again, never left behind, and killed when it does not listen."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from midan.config.kept import Kept, until_told


@pytest.fixture
def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until_told() -> None:
    until_told().wait()


def end_badly() -> None:
    os._exit(3)


def until(holds, seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.05)


def gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


def test_a_process_that_is_stopped_in_its_tracks_is_killed_at_the_end():
    process = Kept("stopped", wait_until_told, patience=1)
    pid = process.pid
    os.kill(pid, signal.SIGSTOP)
    process.end()
    assert gone(pid)


def test_one_that_was_killed_is_started_again():
    process = Kept("killed", wait_until_told)
    first = process.pid
    os.kill(first, signal.SIGKILL)
    until(lambda: process.pid != first)
    process.end()


def test_the_keeper_outlives_a_start_that_failed(monkeypatch):
    process = Kept("unlucky", end_badly)
    real, tries = process._start, []

    def start():
        tries.append(1)
        if len(tries) == 1:
            raise BlockingIOError
        return real()

    monkeypatch.setattr(process, "_start", start)
    until(lambda: len(tries) >= 2)
    process.end()


@contextmanager
def served(home: Path, port: int, *arguments: str, spoil=lambda: None):
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("MIDAN_", "DJANGO_"))}
    environment = kept | {"MIDAN_HOME": str(home)}
    subprocess.run(
        [sys.executable, "-m", "midan", "init"], env=environment, check=True, timeout=60, capture_output=True
    )
    spoil()
    with subprocess.Popen(
        [sys.executable, "-m", "midan", "serve", "--port", str(port), *arguments],
        env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        try:
            yield process
        finally:
            process.kill()


def children(pid: int) -> list[int]:
    return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def test_a_server_that_is_killed_leaves_nobody_behind(tmp_path, free_port):
    with served(tmp_path / "home", free_port, "--workers", "2") as process:
        assert "Ctrl-C" in process.stdout.readline()
        until(lambda: len(children(process.pid)) >= 4)
        family = children(process.pid)
        process.kill()
        until(lambda: all(map(gone, family)))


def workers(pid: int) -> list[int]:
    """The web's processes: forked, so that they carry the server's own command line."""
    own = Path(f"/proc/{pid}/cmdline").read_bytes()
    return [one for one in children(pid) if Path(f"/proc/{one}/cmdline").read_bytes() == own]


def answers(port: int) -> bool:
    try:
        with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=5)) as connection:
            connection.request("GET", "/api/v1/waybills/none")
            return connection.getresponse().status == 401
    except OSError:
        return False


def test_a_web_worker_that_dies_is_started_again_and_the_server_goes_on(tmp_path, free_port):
    with served(tmp_path / "home", free_port, "--workers", "1") as process:
        until(lambda: answers(free_port), seconds=40)
        (worker,) = workers(process.pid)
        os.kill(worker, signal.SIGKILL)
        until(lambda: answers(free_port) and worker not in workers(process.pid), seconds=40)
        assert process.poll() is None


def test_a_server_whose_log_key_is_damaged_does_not_serve(tmp_path, free_port):
    home = tmp_path / "home"

    def spoil():
        key = home / "keys" / "log.key"
        whole = key.read_bytes()
        key.write_bytes(whole[:-20] + bytes([whole[-20] ^ 1]) + whole[-19:])

    with served(home, free_port, spoil=spoil) as process:
        _, told = process.communicate(timeout=40)
    assert process.returncode == 4
    assert json.loads(told.splitlines()[-1])["code"] in {"wrong_passphrase", "key_file_damaged"}


def test_a_keyd_that_cannot_start_says_so_in_one_line_and_the_server_does_not_wait(tmp_path, free_port):
    home = tmp_path / "home"
    home.mkdir()
    (home / "run").write_text("a file where the folder of the socket belongs")
    with served(home, free_port) as process:
        began = time.monotonic()
        _, told = process.communicate(timeout=25)
        assert time.monotonic() - began < 25
    lines = [json.loads(line) for line in told.splitlines()]
    assert {line["code"] for line in lines} == {"keyd_unstartable", "vault_locked"}
    assert process.returncode == 4
