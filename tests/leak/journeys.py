"""Every journey a customer's data can make, each with people of its own."""

import csv
import io
import json
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import requests
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time

from midan.core.sm import hmac_sm3
from tests.leak.canaries import Canary, canary
from tests.leak.watch import Done, Watched

# Valid in form, of a day long past: an identity number that intake must refuse wherever it stands.
IDENTITY = "110101190001010008"
# Of documents shown at pick-up: one recorded, one refused beside it.
SHOWN, OTHER = "110101190001010102", "110101190001010110"
REFUSED = {
    "unknown_field": {"wechat": "琉璃号"},
    "null": {"remark": None},
    "not_text": {"sender_name": 17000990000},
    "identity": {"remark": f"证件{IDENTITY}"},
    "formula": {"goods_name": '=HYPERLINK("琉璃灯罩")'},
    "control": {"remark": "楼下裁缝铺\x07"},
    "too_long": {"recipient_address": "浙江省杭州市滨江区" + "萤火虫弄堂" * 2000},
    "range": {"quantity": -1},
    "number": {"weight_g": "琉璃很重"},
    "phone": {"sender_phone": "170009980"},
    "notice": {"notice_version": "琉璃告知"},
}


@dataclass
class World:
    """What the journeys left behind."""

    watched: Watched
    canaries: list[Canary] = field(default_factory=list)
    answers: list[tuple[str, requests.Response]] = field(default_factory=list)
    live: dict[str, bytes] = field(default_factory=dict)
    revealed: list[str] = field(default_factory=list)

    def plant(self, journey: str, *, extra: tuple[str, ...] = (), **changes: Any) -> dict[str, Any]:
        extra = (*extra, IDENTITY) if changes.get("remark", "") else extra
        planted = canary(len(self.canaries), journey, extra=extra)
        self.canaries.append(planted)
        return dict(planted.row) | changes

    def needles(self) -> dict[bytes, str]:
        return {form: word for planted in self.canaries for form, word in planted.needles().items()}

    def numbers(self) -> list[str]:
        with closing(sqlite3.connect(f"file:{self.watched.home / 'data.db'}?mode=ro", uri=True)) as database:
            return [
                row[0]
                for row in database.execute("SELECT number FROM waybill_waybill ORDER BY seq DESC LIMIT 40")
            ]


def csv_bytes(rows: list[Mapping[str, Any]], *, encoding: str = "utf-8", header: bool = True) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(rows[0]), extrasaction="ignore")
    if header:
        writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode(encoding)


def by_command(world: World) -> None:
    """Files of every format and fault, labels, the log, explanations."""
    watched = world.watched
    assert watched.midan("init", "--demo").code == 0
    assert (
        watched.midan("demo", "orders", "--rows", "20", "-o", str(watched.root / "files" / "demo.csv")).code
        == 0
    )
    for name, content, code in _files(world):
        (watched.root / "files" / name).write_bytes(content)
        done = watched.midan(
            "intake",
            str(watched.root / "files" / name),
            "--rejects",
            str(watched.root / "out" / f"{name}.rejects.csv"),
            *(("--workers", "2") if name == "utf8.csv" else ()),
        )
        assert done.code == code, (name, done)
    numbers = world.numbers()
    for form in ("pdf", "png", "zpl", "tspl"):
        _well(watched.midan("label", *numbers[:2], "-o", str(watched.root / "out" / f"label.{form}"),
                            "--format", form, "--reason", "label_damaged"))  # fmt: skip
    for form in ("table", "json", "oscal"):
        _well(watched.midan("controls", "--format", form))
    _well(watched.midan("audit", "verify"))
    _well(watched.midan("audit", "checkpoint"))
    _well(watched.midan("audit", "prove", numbers[0]))
    _well(watched.midan("audit", "export", str(watched.root / "out" / "log")))
    _well(watched.midan("audit", "fsck"))
    _well(watched.midan("access", "explain", "S00004", numbers[0], "recipient_address", "deliver"))
    _well(watched.midan("backup", str(watched.root / "out" / "sets")))
    stray = world.plant("words of a command")
    explained = ("S00004", numbers[0], "recipient_address", "deliver")
    for words in (
        *(
            (
                "access",
                "explain",
                *explained[:place],
                str(stray["sender_phone"]),
                *explained[place + 1 :],
                *form,
            )
            for place in range(len(explained))
            for form in ((), ("--json",))
        ),
        ("audit", "prove", str(stray["sender_phone"])),
        ("label", str(stray["sender_phone"]), "-o", str(watched.root / "out" / "none.pdf")),
    ):
        assert watched.midan(*words).code in {0, 1, 2}


# Two customers of long ago: one is held, the other goes; a third, of today, is erased out of a waybill by two people.
_LONG_AGO = """
import json, sys
from datetime import timedelta
from midan.config.start import ready
ready()
from django.utils import timezone
from midan.approval import services as approval
from midan.collection import services as collection
from midan.core.actor import Actor
from midan.destruction import selectors, services
from midan.destruction.rules.runs import CutPart, RunReason
from midan.vault.keeping.rules import HoldKind, HoldReason, Scope
old, new = json.load(sys.stdin)
now = timezone.now()
from midan.people.models import Staff
def someone(role):
    found = Staff.objects.filter(role=role).select_related("branch").first()
    return Actor(kind="staff", name=found.staff_no, role=role, branch=found.branch.code)
officer, second = someone("privacy_officer"), someone("analyst")
def take(rows, at):
    done = collection.intake(actor=Actor.system("test"), client="past", branch="HZ001", rows=rows, now=at)
    return [row.waybill for row in done.results]
from midan.waybill.services import scan
gone, held = take(old, now - timedelta(days=300))
for number in (gone, held):
    for event in ("collected", "departed", "arrived", "out_for_delivery", "delivered"):
        scan(actor=Actor(kind="system", name="S00004", role="system"), number=number, event=event, branch="HZ001",
             at=now - timedelta(days=299), now=now)
(erased,) = take(new, now)
for kind in HoldKind:
    services.place_hold(actor=officer, kind=kind, scope=Scope.PERSON, label="CASE-1", reason=HoldReason.LITIGATION,
                        waybill_numbers=[held], now=now)
run = services.request_run(actor=officer, erasures=[services.Erasure(waybill=erased, part=CutPart.RECIPIENT)],
                           reason=RunReason.DELETION_REQUESTED, now=now)
approval.approve(actor=second, code=selectors.run(run).approval, now=now)
print(erased)
"""


def by_destruction(world: World) -> None:
    """Everything that is done about data at its end: held, carried, destroyed, erased, certified."""
    watched = world.watched
    rows = [world.plant("destroyed"), world.plant("held")], [world.plant("erased")]
    done = watched.python(_LONG_AGO, stdin=json.dumps(rows, ensure_ascii=False).encode())
    _well(done)
    label = watched.root / "out" / "label-of-the-erased.zpl"
    _well(watched.midan("label", done.out.decode().strip(), "-o", str(label), "--format", "zpl"))
    _well(watched.midan("destroy", "due"))
    _well(watched.midan("destroy", "run"))
    with closing(sqlite3.connect(f"file:{watched.home / 'data.db'}?mode=ro", uri=True)) as database:
        texts = database.execute("SELECT text FROM destruction_certificate").fetchall()
    assert len(texts) == 2
    assert not label.exists()
    for place, (text,) in enumerate(texts):
        path = watched.root / "out" / f"certificate-{place}.json"
        path.write_bytes(text)
        _well(watched.midan("destroy", "verify", str(path)))


def _well(done: Done) -> None:
    assert done.code == 0, done


def _files(world: World) -> Iterator[tuple[str, bytes, int]]:
    yield "utf8.csv", csv_bytes([world.plant("csv"), world.plant("csv again")]), 0
    yield "gbk.csv", csv_bytes([world.plant("GB18030")], encoding="gb18030"), 0
    conflicting = world.plant("conflict")
    yield "conflict.csv", csv_bytes([conflicting, conflicting | {"goods_name": "琉璃别的灯罩"}]), 0
    refused = [world.plant(f"refused: {why}", **changes) for why, changes in REFUSED.items()]
    lines = [json.dumps(row, ensure_ascii=False) for row in [world.plant("jsonl"), *refused]]
    yield "rows.jsonl", "\n".join(lines).encode(), 0
    yield "refused.jsonl", "\n".join(lines[1:]).encode(), 3
    yield "cut.jsonl", lines[0].encode() + b"\n" + lines[0].encode()[:200], 0
    yield "ascii.jsonl", json.dumps(world.plant("escaped jsonl")).encode(), 0
    table = io.BytesIO()
    pq.write_table(pa.Table.from_pylist([world.plant("parquet")]), table, compression="none")
    yield "rows.parquet", table.getvalue(), 0
    yield "broken.parquet", table.getvalue()[:-40] + b"\x00" * 40, 3
    broken = world.plant("broken file")
    yield "headless.csv", csv_bytes([broken], header=False), 3
    named = {f"{broken['sender_name']}{broken['sender_phone']}": "1"} | broken
    yield "column.csv", csv_bytes([named]), 3
    yield "wrong.csv", csv_bytes([broken]).replace("楼下".encode(), b"\xff\xfe\xff"), 3
    yield "nul.csv", csv_bytes([broken]).replace("楼下".encode(), b"\x00"), 3
    yield "quote.csv", csv_bytes([broken]) + b'"' + str(broken["remark"]).encode(), 0
    yield "empty.csv", b"", 3
    yield "rows.txt", csv_bytes([broken]), 3


@contextmanager
def serving(watched: Watched) -> Iterator[str]:
    """Run `midan serve` on a free port; what it prints is kept."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    out, err = (watched.root / "out" / name for name in ("serve.out", "serve.err"))
    with out.open("wb") as to_out, err.open("wb") as to_err:
        server = subprocess.Popen(
            [sys.executable, "-m", "midan", "serve", "--port", str(port), "--workers", "1"],
            stdout=to_out, stderr=to_err, env=watched.environment, cwd=watched.root,
        )  # fmt: skip
        try:
            address = f"http://localhost:{port}"
            _wait(address)
            yield address
        finally:
            server.terminate()
            server.wait(timeout=30)


def _wait(address: str) -> None:
    for _ in range(300):
        try:
            requests.get(f"{address}/track", timeout=5)
        except requests.ConnectionError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError("the server did not start")


def by_machine(world: World, address: str) -> None:
    """The API: orders, batches, reads, searches, tickets, reveals, labels, and everything malformed."""
    papers = json.loads((world.watched.home / "demo.json").read_text())
    hall = next(client for client in papers["clients"] if "waybills:reveal" in client["scopes"])
    staff = {user["username"]: user["staff_no"] for user in papers["users"]}
    token = requests.post(
        f"{address}/api/v1/token",
        data={"grant_type": "client_credentials"},
        auth=(hall["client_id"], hall["client_secret"]),
        timeout=30,
    ).json()["access_token"]

    def call(
        what: str, method: str, path: str, body: Any = None, *, actor: str = "", data: bytes | None = None
    ) -> Any:
        headers = {"Authorization": f"Bearer {token}"} | ({"Midan-Actor": staff[actor]} if actor else {})
        if data is not None:
            headers["Content-Type"] = "application/json"
        answer = requests.request(
            method, f"{address}/api/v1{path}", json=body, data=data, headers=headers, timeout=30
        )
        world.answers.append((what, answer))
        return answer

    order = world.plant("API order", extra=(SHOWN, OTHER))
    number = call("send", "POST", "/waybills", order).json()["waybill"]
    call("send", "POST", "/waybills", order)
    call("send refused", "POST", "/waybills", order | {"remark": "另外一句话"})
    call("batch", "POST", "/waybills/batch", [world.plant("API batch")])
    call(
        "batch",
        "POST",
        "/waybills/batch",
        [world.plant(f"API {why}", **fault) for why, fault in REFUSED.items()],
    )
    bad = world.plant("API malformed")
    text = json.dumps(bad, ensure_ascii=False)
    for data in (
        text[:-20],
        text + text,
        text.replace('"quantity"', '"remark"'),
        f"[{text}",
        text.encode("gb18030"),
    ):
        call("malformed", "POST", "/waybills", data=data.encode() if isinstance(data, str) else data)
    call("malformed", "POST", "/waybills/search", {"kind": str(bad["remark"]), "value": [bad]}, actor="agent")
    call("malformed", "POST", f"/waybills/{number}/scans", {"event": bad["remark"]}, actor="courier")
    call(
        "malformed", "GET", f"/waybills/{number}/label?size={bad['sender_name']}&format={bad['sender_phone']}"
    )
    for value in (bad["sender_phone"], bad["sender_name"], bad["order_ref"]):
        call("unknown", "GET", f"/waybills/{value}")
        call("unknown", "GET", f"/{value}")
        call("unknown", "GET", f"/audit/tile/{value}")
    call("read", "GET", f"/waybills/{number}")
    for actor, kind, value in (
        ("agent", "phone", order["recipient_phone"]),
        ("clerk", "phone_tail", str(order["recipient_phone"])[-4:]),
        ("agent", "order_ref", order["order_ref"]),
        ("hr", "phone", order["recipient_phone"]),
        ("agent", "phone", bad["sender_name"]),
    ):
        call("search", "POST", "/waybills/search", {"kind": kind, "value": value}, actor=actor)
    question = {"fields": ["recipient_phone"], "purpose": "customer_service", "reason": "customer_asked"}
    call("refused reveal", "POST", f"/waybills/{number}/reveal", question, actor="agent")
    call(
        "refused reveal",
        "POST",
        f"/waybills/{number}/reveal",
        question | {"purpose": bad["remark"]},
        actor="agent",
    )
    ticket = call(
        "ticket", "POST", "/tickets", {"waybill": number, "reason": "customer_asked"}, actor="agent"
    ).json()
    shown = call(
        "reveal", "POST", f"/waybills/{number}/reveal", question | {"ticket": ticket["ticket"]}, actor="agent"
    )
    world.revealed += shown.json()["values"].values()
    shown_at = f"/waybills/{number}/real-name"
    document = {"kind": "resident_id", "id_number": SHOWN}
    for what, actor, changes in (
        ("real name refused", "agent", {}),
        ("real name refused", "courier", {"id_number": SHOWN[:-1] + "A"}),
        ("real name", "courier", {}),
        ("real name", "courier", {}),
        ("real name refused", "courier", {"id_number": OTHER}),
        ("real name refused", "courier", {"name": order["sender_name"]}),
    ):
        call(what, "POST", shown_at, document | changes, actor=actor)
    call("real name refused", "POST", f"/waybills/{SHOWN}/real-name", document, actor="courier")
    call("scan", "POST", f"/waybills/{number}/scans", {"event": "collected"}, actor="courier")
    for form in ("pdf", "png", "zpl", "tspl"):
        call("label", "GET", f"/waybills/{number}/label?format={form}&reason=label_damaged")
    _broken_database(world, lambda: (
        call("broken", "POST", "/waybills/search", {"kind": "phone", "value": bad["sender_phone"]}, actor="agent"),
        call("broken", "POST", "/waybills", bad),
    ))  # fmt: skip


def _broken_database(world: World, ask: Any) -> None:
    """Take two tables away while something is asked: what nobody foresaw must keep as quiet as the rest."""
    with closing(sqlite3.connect(world.watched.home / "data.db", timeout=30)) as database:
        for name in ("vault_digest", "collection_reference"):
            database.execute(f"ALTER TABLE {name} RENAME TO {name}_gone")
        try:
            ask()
        finally:
            for name in ("vault_digest", "collection_reference"):
                database.execute(f"ALTER TABLE {name}_gone RENAME TO {name}")


class Browser:
    """A signed-in person at the console, without the browser."""

    def __init__(self, world: World, address: str, username: str) -> None:
        papers = json.loads((world.watched.home / "demo.json").read_text())
        user = next(user for user in papers["users"] if user["username"] == username)
        self.world, self.address, self.http = world, address, requests.Session()
        self.get("sign in", "/accounts/login/")
        self.post("sign in", "/accounts/login/", {"login": username, "password": user["password"]})
        counter = next(iter(yield_hotp_counters_from_time()))
        code = format_hotp_value(hotp_value(user["totp_secret"], counter))
        done = self.post("sign in", "/accounts/2fa/authenticate/", {"code": code})
        assert done.status_code == 200, done.url
        assert "/accounts/" not in done.url, done.url

    def get(self, what: str, path: str) -> requests.Response:
        answer = self.http.get(self.address + path, timeout=30)
        self.world.answers.append((what, answer))
        return answer

    def post(self, what: str, path: str, data: Any) -> requests.Response:
        headers = {"X-CSRFToken": self.http.cookies.get("csrftoken", ""), "Referer": self.address + path}
        answer = self.http.post(self.address + path, data=data, headers=headers, timeout=30)
        self.world.answers.append((what, answer))
        return answer


def by_person(world: World, address: str) -> None:
    """The console: upload, list, search, reveal, tickets, labels, log; and the public pages."""
    manager = Browser(world, address, "manager")
    good, again = world.plant("web upload"), world.plant("web upload refused", remark=f"证件{IDENTITY}")
    manager.get("page", "/waybills/upload/")
    uploaded = manager.post("upload", "/waybills/upload/file?format=csv", csv_bytes([good, again]))
    assert uploaded.status_code == 200, uploaded.text
    bad = world.plant("web broken upload")
    manager.post("upload refused", "/waybills/upload/file?format=csv", csv_bytes([bad], header=False))
    table = io.BytesIO()
    pq.write_table(pa.Table.from_pylist([world.plant("web parquet")]), table, compression="none")
    assert manager.post("upload", "/waybills/upload/file?format=parquet", table.getvalue()).status_code == 200
    manager.http.post(
        f"{address}/waybills/upload/", files={"file": ("o.csv", csv_bytes([bad]) * 4000)}, timeout=30
    )
    number = world.numbers()[0]
    for path in (
        "/",
        "/overview/",
        "/waybills/",
        f"/waybills/{number}/",
        "/clauses/",
        f"/waybills/{bad['sender_phone']}/",
    ):
        manager.get("page", path)
    manager.get("label", f"/waybills/{number}/label.png")
    manager.post(
        "label",
        f"/waybills/{number}/print",
        {"reason": "label_damaged", "size": "76x130", "format": "pdf", "dpi": 203},
    )
    agent = Browser(world, address, "agent")
    agent.post("search", "/waybills/search/", {"kind": "phone", "value": good["recipient_phone"]})
    agent.post("ticket", "/tickets/", {"phone": good["recipient_phone"], "reason": "customer_asked"})
    asked = {"field": "recipient_phone", "purpose": "customer_service", "reason": "customer_asked"}
    agent.post("refused reveal", f"/waybills/{number}/reveal", asked)
    agent.post("refused reveal", f"/waybills/{number}/reveal", asked | {"note": str(bad["remark"])})
    public = requests.Session()
    public.get(f"{address}/track", timeout=30)
    world.answers.append(("track", public.post(
        f"{address}/track",
        data={"number": bad["sender_phone"], "csrfmiddlewaretoken": public.cookies["csrftoken"]},
        headers={"Referer": f"{address}/track"}, timeout=30,
    )))  # fmt: skip
    for path in (f"/l/{bad['order_ref']}", f"/notice/{bad['sender_name']}", f"/{bad['sender_phone']}"):
        world.answers.append(("unknown", public.get(address + path, timeout=30)))
    public.post(
        f"{address}/accounts/login/",
        data={"login": bad["sender_phone"], "password": bad["remark"], "csrfmiddlewaretoken": public.cookies["csrftoken"]},
        headers={"Referer": f"{address}/accounts/login/"}, timeout=30,
    )  # fmt: skip


# The courier carries one parcel out and the station keeps another, as scanners on the way would say.
_LANES = """
import sys
from midan.config.start import ready
ready()
from django.utils import timezone
from midan.core.actor import Actor
from midan.waybill.pickup.selectors import code_of
from midan.waybill.selectors import get
from midan.waybill.services import scan
courier, carried, shelved = sys.argv[1:]
for number in (carried, shelved):
    for event in ("collected", "departed", "arrived", "out_for_delivery") + ("at_station",) * (number == shelved):
        now = timezone.now()
        scan(actor=Actor(kind="system", name=courier, role="system"), number=number, event=event, branch="HZ001",
             station="HZ101" if event == "at_station" else "", at=now, now=now)
print(code_of(get(shelved).seq))
"""


def by_lanes(world: World, address: str) -> None:
    """The courier's list, the clerk's counter, the telephone system's events: right, wrong, malformed."""
    papers = json.loads((world.watched.home / "demo.json").read_text())
    staff = {user["username"]: user["staff_no"] for user in papers["users"]}
    clients = {tuple(client["scopes"]): client for client in papers["clients"]}
    shop = next(client for scopes, client in clients.items() if "waybills:reveal" in scopes)
    rows = [world.plant("carried out"), world.plant("on the shelf"), world.plant("malformed in a lane")]
    bearer = {"Authorization": f"Bearer {_token(address, shop)}"}
    numbers = [
        requests.post(f"{address}/api/v1/waybills", json=row, headers=bearer, timeout=30).json()["waybill"]
        for row in rows[:2]
    ]
    code = world.watched.python(_LANES, staff["courier"], *numbers).out.decode().strip()
    bad = rows[2]
    courier, clerk = Browser(world, address, "courier"), Browser(world, address, "clerk")
    listed = courier.get("page", "/deliveries/")
    assert numbers[0] in listed.text
    opened = courier.post("reveal", f"/deliveries/{numbers[0]}/address", {})
    assert str(rows[0]["recipient_address"]) in opened.text
    courier.post("refused reveal", f"/deliveries/{numbers[1]}/address", {})
    courier.post("unknown", f"/deliveries/{bad['sender_phone']}/address", {})
    for said in (code, str(rows[1]["recipient_phone"])[-4:]):
        assert numbers[1] in clerk.post("page", "/station/", {"said": said}).text
    for said in (bad["sender_phone"], bad["sender_name"], bad["remark"]):
        clerk.post("page", "/station/", {"said": said})
    compared = clerk.post("reveal", f"/station/{numbers[1]}/name", {})
    assert str(rows[1]["recipient_name"]) in compared.text
    clerk.post("page", f"/station/{numbers[1]}/hand-over", {})
    _ring(world, address, clients[("tickets:call",)], staff["agent"], str(rows[0]["recipient_phone"]), bad)


def _token(address: str, client: Mapping[str, Any]) -> str:
    asked = requests.post(
        f"{address}/api/v1/token",
        data={"grant_type": "client_credentials"},
        auth=(client["client_id"], client["client_secret"]),
        timeout=30,
    )
    return str(asked.json()["access_token"])


def _ring(
    world: World, address: str, client: Mapping[str, Any], agent: str, phone: str, bad: Mapping[str, Any]
) -> None:
    token = _token(address, client)

    def ring(what: str, body: Any, *, key: str = client["signing_key"]) -> requests.Response:
        data, second = json.dumps(body).encode(), str(int(time.time()))
        tag = hmac_sm3(bytes.fromhex(key), f"{second}.".encode() + data).hex()
        headers = {
            "Authorization": f"Bearer {token}",
            "Content-Type": "application/json",
            "Midan-Actor": agent,
            "Midan-Timestamp": second,
            "Midan-Signature": tag,
        }
        answer = requests.post(f"{address}/api/v1/calls", data=data, headers=headers, timeout=30)
        world.answers.append((what, answer))
        return answer

    event = {"call_id": f"pbx-{phone}", "phone": phone}
    assert ring("call", event).json()["waybills"] == 1
    assert ring("call refused", event).status_code == 409
    assert ring("call refused", event, key="00" * 32).status_code == 403
    for phone_like in (str(bad["sender_name"]), str(bad["sender_phone"])[:-2]):
        assert ring("call refused", event | {"call_id": "x", "phone": phone_like}).status_code == 422
    assert ring("call refused", event | {"reason": bad["remark"]}).status_code == 400
    assert ring("call refused", event | {"call_id": str(bad["remark"]) * 40}).status_code == 422
