"""One tap on the delivery list: eight couriers in sessions of their own, each on the parcels they carry."""

import http.client
import secrets
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from threading import Barrier, Thread
from time import perf_counter
from typing import Any, Final

from midan.bench import web
from midan.bench.ground import Ground, run_leg
from midan.bench.result import Comparison, middle

BRANCH: Final = "HZ002"
CARRIED: Final = 60  # parcels a courier; half a morning's
_QUESTION: Final = b'{"fields":["recipient_address"],"purpose":"deliver","reason":"door_delivery"}'

Request = tuple[str, bytes, dict[str, str]]


def round_of(*, couriers: int, carried: int) -> dict[str, Any]:
    """Leg: a branch, its couriers at work with parcels scanned out to them, a session each, and a client."""
    from django.utils import timezone

    from midan.bench.people import company
    from midan.core.actor import Actor
    from midan.demo.fulfilled import fulfil_all
    from midan.people import services as people
    from midan.people.selectors import staff_of

    made = company(orders=couriers * carried, managers=1, branch=BRANCH)
    actor, now = Actor.system("bench"), timezone.now()
    numbers = [
        people.create_staff(
            actor=actor,
            username=f"courier{place}",
            display_name="测试",
            role="courier",
            branch=BRANCH,
            password=None,
            now=now,
        ).staff_no
        for place in range(couriers)
    ]
    fulfil_all(staff=staff_of(branch=BRANCH), now=now)
    parcels = {number: made["waybills"][place::couriers] for place, number in enumerate(numbers)}
    for number, own in parcels.items():
        _scan_out(number, own)
    return {
        "client": made["client"],
        "couriers": [{"staff": one, "parcels": parcels[one], "session": _session(one)} for one in numbers],
    }


def _scan_out(staff_no: str, parcels: Sequence[str]) -> None:
    from django.utils import timezone

    from midan.core.actor import Actor
    from midan.waybill.services import scan

    for parcel in parcels:
        for event in ("collected", "departed", "arrived", "out_for_delivery"):
            now = timezone.now()
            actor = Actor(kind="system", name=staff_no, role="system")
            scan(actor=actor, number=parcel, event=event, branch=BRANCH, at=now, now=now)


def _session(staff_no: str) -> str:
    """Return the key of a session as a sign-in with password and code leaves it behind."""
    from importlib import import_module
    from time import time

    from allauth.usersessions.models import UserSession
    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, get_user_model

    user: Any = get_user_model().objects.get(staff_no=staff_no)
    store = import_module(settings.SESSION_ENGINE).SessionStore()
    steps = [{"method": "password", "at": time()}, {"method": "mfa", "at": time(), "id": 1, "type": "totp"}]
    store.update(
        {
            SESSION_KEY: str(user.pk),
            BACKEND_SESSION_KEY: settings.AUTHENTICATION_BACKENDS[0],
            HASH_SESSION_KEY: user.get_session_auth_hash(),
            "account_authentication_methods": steps,
            "account_authentication_methods_user": str(user.pk),
        }
    )
    store.create()
    UserSession.objects.create(user=user, session_key=store.session_key, ip="127.0.0.1", user_agent="")
    return str(store.session_key)


def compare(ground: Ground, each: int, turns: int) -> Comparison:
    """Tap `each` times a courier, `turns` rounds; the twin is the API's reveal of the same parcels by the same people."""
    environ = ground.installation()
    made = run_leg(environ, "round_of", couriers=web.CLIENTS, carried=CARRIED)
    found: dict[str, list[dict[str, Any]]] = {"page": [], "api": []}
    with web.serving(environ, "midan") as port:
        access = web.token(port, made["client"])
        for name, ask in (("page", _tap), ("api", _by_api(access))):
            _load(port, made, ask, each=10)
            found[name] += [_load(port, made, ask, each=each) for _ in range(turns)]
    taps, calls = found["page"], found["api"]
    return Comparison(
        name="one tap on the delivery list, 8 couriers, slowest in a hundred",
        unit="ms",
        ours=middle([one["p99_ms"] for one in taps]),
        twin=middle([one["p99_ms"] for one in calls]),
        twin_is="the same reveal through the API with a token",
        goal="p99 ≤ 100 ms",
        notes={
            "median_ms": middle([one["median_ms"] for one in taps]),
            "per_second": middle([one["per_second"] for one in taps]),
            "worst_ms": max(one["worst_ms"] for one in taps),
        },
    )


def _tap(courier: Mapping[str, Any], parcel: str) -> Request:
    token = secrets.token_hex(16)  # what the form and the cookie both say; the server keeps none
    headers = {
        "Cookie": f"sessionid={courier['session']}; csrftoken={token}",
        "X-CSRFToken": token,
        "HX-Request": "true",
        "Content-Type": "application/x-www-form-urlencoded",
    }
    return f"/deliveries/{parcel}/address", b"", headers


def _by_api(access: str) -> Callable[[Mapping[str, Any], str], Request]:
    def ask(courier: Mapping[str, Any], parcel: str) -> Request:
        headers = {
            "Authorization": f"Bearer {access}",
            "Content-Type": "application/json",
            "Midan-Actor": courier["staff"],
        }
        return f"/api/v1/waybills/{parcel}/reveal", _QUESTION, headers

    return ask


def _load(
    port: int, made: Mapping[str, Any], ask: Callable[[Mapping[str, Any], str], Request], *, each: int
) -> dict[str, Any]:
    """Let every courier ask `each` times, back to back and all at once; return throughput and latencies in ms."""
    gate, failed = Barrier(len(made["couriers"]) + 1), list[int]()
    times: list[float] = []

    def work(courier: Mapping[str, Any]) -> None:
        with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
            gate.wait()
            for turn in range(each):
                path, body, headers = ask(courier, courier["parcels"][turn % len(courier["parcels"])])
                began = perf_counter()
                connection.request("POST", path, body, headers)
                answer = connection.getresponse()
                answer.read()
                times.append((perf_counter() - began) * 1_000)
                if answer.status != http.HTTPStatus.OK:
                    failed.append(answer.status)

    threads = [Thread(target=work, args=(courier,)) for courier in made["couriers"]]
    for thread in threads:
        thread.start()
    gate.wait()
    began = perf_counter()
    for thread in threads:
        thread.join()
    seconds = perf_counter() - began
    if failed:
        raise RuntimeError(f"{len(failed)} requests failed, the first with {failed[0]}")
    return web.figures(sorted(times), seconds)


LEGS: dict[str, Callable[..., dict[str, Any]]] = {"round_of": round_of}
