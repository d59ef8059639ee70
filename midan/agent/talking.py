"""Enrol this computer, send its report: what `midan device` does."""

import json
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from midan.agent import keyfile, machine
from midan.agent.errors import CodeUnreadable, ServerRefused, ServerUnreachable, ServerUnsafe
from midan.agent.keyfile import Held
from midan.core.devicereport import Enrolment, Report, write_enrolment, write_report
from midan.core.sm import SigningKey

_PATIENCE: Final = 20.0  # seconds
_MOST: Final = 65_536  # bytes of an answer
_HERE: Final = frozenset({"localhost", "127.0.0.1", "::1"})


class _NoDetour(HTTPRedirectHandler):
    """A statement goes to the address it was meant for, or nowhere."""

    def redirect_request(self, *_: Any) -> None:
        return None


def enrol(*, server: str, code_file: Path, name: str, place: Path, now: datetime) -> dict[str, Any]:
    """Enrol this computer by a one-time code and keep its new key in `place`; return the server's answer.

    AlreadyEnrolled, CodeUnreadable, ServerUnsafe, ServerUnreachable, ServerRefused, SystemUnsupported.
    """
    keyfile.require_none(place)
    server, code = _safe(server), _code(code_file)
    key = SigningKey.generate()
    said = Enrolment(code=code, name=name, public=key.public, system=machine.system(), at=now)
    answer = _send(f"{server}/api/v1/devices", write_enrolment(said, key))
    keyfile.keep(place, Held(server=server, device=str(answer.get("device", "")), key=key, counter=0))
    return answer


def report(*, place: Path, now: datetime, link: bool = False) -> dict[str, Any]:
    """Send the facts of this moment and return the server's verdict.

    The counter is on the disk before it is sent: a report that got lost costs a number, never a second use of one.
    NotEnrolled, KeyUnsafe, ServerUnreachable, ServerRefused, SystemUnsupported.
    """
    held = keyfile.read(place)
    facts = machine.facts(now)
    held = replace(held, counter=held.counter + 1)
    keyfile.keep(place, held)
    said = Report(device=held.device, counter=held.counter, at=now, link=link, facts=facts)
    return _send(f"{_safe(held.server)}/api/v1/devices/{held.device}/reports", write_report(said, held.key))


def _safe(server: str) -> str:
    parts = urlsplit(server.rstrip("/"))
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _HERE):
        raise ServerUnsafe("服务器地址须是 https（本机试用可用 http://localhost）")
    return f"{parts.scheme}://{parts.netloc}"


def _code(file: Path) -> str:
    try:
        code = file.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError):
        code = ""
    if not code:
        raise CodeUnreadable("登记码文件无法读取，或是空的")
    return code


def _send(address: str, body: dict[str, str]) -> dict[str, Any]:
    asked = Request(  # noqa: S310  its scheme is judged by _safe
        address,
        data=json.dumps(body, ensure_ascii=False).encode(),
        headers={"Content-Type": "application/json", "Accept": "application/json"},
        method="POST",
    )
    try:
        with build_opener(_NoDetour).open(asked, timeout=_PATIENCE) as response:
            return _answer(response.read(_MOST))
    except HTTPError as refusal:
        with refusal:
            said = _answer(refusal.read(_MOST))
        raise ServerRefused(
            "服务器没有接受：%(reason)s", reason=str(said.get("code", refusal.code))
        ) from None
    except (URLError, OSError):
        raise ServerUnreachable("联系不上服务器，请检查地址和网络") from None


def _answer(raw: bytes) -> dict[str, Any]:
    try:
        found = json.loads(raw)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise ServerUnreachable("对方的回答不是本系统的回答")
    return found
