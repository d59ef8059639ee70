"""Serve Midan, or the reveal twin, exactly as `midan serve` does, and put load on it."""

import http.client
import json
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from socket import socket
from threading import Barrier, Thread
from typing import Any
from urllib.parse import urlencode

APPLICATIONS = {
    "midan": "midan.config.wsgi:application",
    "twin": "midan.bench.twin_wsgi:application",
    "ungated": "midan.bench.ungated_wsgi:application",
}
CLIENTS = 8
BRANCH = "HZ001"
_START_SECONDS = 30
_QUESTION = json.dumps(
    {"fields": ["recipient_phone"], "purpose": "customer_service", "reason": "delivery_problem"}
)


def main() -> None:
    """Serve the application named first on the port given second, until told to stop."""
    from midan.config.server import run

    run(APPLICATIONS.get(sys.argv[1], sys.argv[1]), host="127.0.0.1", port=int(sys.argv[2]), workers=2)


@contextmanager
def serving(environ: Mapping[str, str], application: str) -> Iterator[int]:
    """Serve in a process of its own and yield the port once it answers."""
    with socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    command = [sys.executable, "-m", "midan.bench.web", application, str(port)]
    with subprocess.Popen(command, env=dict(environ), stdout=subprocess.DEVNULL) as server:
        try:
            _wait_until_answers(port, server)
            yield port
        finally:
            server.terminate()
            server.wait(timeout=20)


@contextmanager
def keyd_serving(environ: Mapping[str, str]) -> Iterator[None]:
    """Have a keyd of its own process answer for this installation, as under `midan serve`."""
    command = [sys.executable, "-c", "from midan.config.server import run_keyd; run_keyd()"]
    path = Path(environ["MIDAN_HOME"]) / "run" / "keyd.sock"
    with subprocess.Popen(command, env=dict(environ)) as server:
        try:
            end = time.monotonic() + _START_SECONDS
            while not path.exists() and time.monotonic() < end:
                time.sleep(0.1)
            yield
        finally:
            server.terminate()
            server.wait(timeout=20)


def _wait_until_answers(port: int, server: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + _START_SECONDS
    while time.monotonic() < end and server.poll() is None:
        try:
            with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=5)) as connection:
                connection.request("GET", "/api/v1/waybills/none")
                connection.getresponse().read()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError("the server does not answer")


@contextmanager
def intake_running(environ: Mapping[str, str], file: Path) -> Iterator[None]:
    """Take orders in from `file`, in a process of its own, as long as the block lasts."""
    command = [sys.executable, "-m", "midan", "intake", str(file), "--branch", BRANCH]
    with subprocess.Popen(
        command, env=dict(environ), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as running:
        try:
            time.sleep(2.5)  # until it has started and committed its first batches
            yield
            if running.poll() is not None:
                raise RuntimeError("the intake ended before the measurement did: give it more rows")
        finally:
            running.terminate()
            running.wait(timeout=30)


def token(port: int, client: Mapping[str, str]) -> str:
    """Return an access token of the client."""
    body = urlencode({"grant_type": "client_credentials", **client})
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=10)) as connection:
        connection.request(
            "POST", "/api/v1/token", body, {"Content-Type": "application/x-www-form-urlencoded"}
        )
        answer: dict[str, str] = json.load(connection.getresponse())
    return answer["access_token"]


def load(*, port: int, access: str, made: Mapping[str, Any], each: int) -> dict[str, Any]:
    """Let eight clients send `each` reveals each, back to back; return throughput and latencies in ms.

    `made` is what the leg `company` returned. Its people take turns: each has a daily budget.
    """
    gate, failed = Barrier(CLIENTS + 1), list[int]()
    times: list[list[float]] = [[] for _ in range(CLIENTS)]

    def client(place: int) -> None:
        with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
            gate.wait()
            ask(place, connection)

    def ask(place: int, connection: http.client.HTTPConnection) -> None:
        staff, waybills = made["staff"][place::CLIENTS], made["waybills"]
        for turn in range(each):
            number = waybills[(turn * CLIENTS + place) % len(waybills)]
            headers = {
                "Authorization": f"Bearer {access}",
                "Content-Type": "application/json",
                "Midan-Actor": staff[turn % len(staff)],
            }
            began = time.perf_counter()
            connection.request("POST", f"/api/v1/waybills/{number}/reveal", _QUESTION, headers)
            answer = connection.getresponse()
            answer.read()
            times[place].append((time.perf_counter() - began) * 1_000)
            if answer.status != http.HTTPStatus.OK:
                failed.append(answer.status)

    threads = [Thread(target=client, args=(place,)) for place in range(CLIENTS)]
    for thread in threads:
        thread.start()
    gate.wait()
    began = time.perf_counter()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - began
    if failed:
        raise RuntimeError(f"{len(failed)} requests failed, the first with {failed[0]}")
    return figures(sorted(ms for mine in times for ms in mine), seconds)


def figures(found: list[float], seconds: float) -> dict[str, Any]:
    """Return throughput and latencies in ms of sorted times."""
    return {
        "per_second": round(len(found) / seconds, 1),
        "median_ms": round(found[len(found) // 2], 2),
        "p99_ms": round(found[int(len(found) * 0.99)], 2),
        "worst_ms": round(found[-1], 2),
        "count": len(found),
    }


if __name__ == "__main__":
    main()
