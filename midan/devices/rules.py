"""Pure rules of devices: what a computer must say of itself, who keeps the register, whom a device serves."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final

from midan.core.devicereport import Facts, Switch, System
from midan.devices.errors import BadDevice, PostureUnsound

# One sitting at two screens; the code is typed over from the security page.
CODE_LIFE: Final = timedelta(minutes=15)
CLOCKS_DIFFER: Final = timedelta(minutes=10)
MOST_AN_HOUR: Final = 30
# More than an hour's: they are what the hour is counted by.
KEPT_REPORTS: Final = 50
LONGEST_NAME: Final = 40
# Whoever keeps computers, and whoever appoints and dismisses people.
KEEPERS: Final = frozenset({"sysadmin", "hr"})
_SWITCHES: Final = ("disk", "antivirus", "screen_lock", "firewall")
_DAYS: Final = ("patch_days", "antivirus_days", "agent_days")
_MOST_DAYS: Final = 400
_SOON: Final = 0.8  # of a limit: from here on it is amber


class Kind(StrEnum):
    """What a device is. `invented` stands in for one in the invented company and nowhere else: nothing is looked at."""

    COMPUTER = "computer"
    PHONE = "phone"
    INVENTED = "invented"


class Point(StrEnum):
    """What is judged, in the order it is shown and named."""

    REPORT = "report"
    PASSKEY = "passkey"
    PATCHES = "patches"
    DISK = "disk"
    ANTIVIRUS = "antivirus"
    ANTIVIRUS_DATA = "antivirus_data"
    SCREEN_LOCK = "screen_lock"
    FIREWALL = "firewall"
    AGENT = "agent"


class Light(StrEnum):
    GREEN = "green"
    AMBER = "amber"
    RED = "red"


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One point: `state` is on, off or unknown, or days (`days` of at most `limit`); what is unknown is red."""

    point: Point
    light: Light
    state: str = ""
    days: int | None = None
    limit: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What one kind of system owes."""

    must_be_on: tuple[str, ...]
    patch_days: int
    antivirus_days: int
    agent_days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Posture:
    version: int
    rules: Mapping[System, Rule]


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What a decision asks of whoever acts: whether they are on a device of the company's, and whether it is healthy."""

    known: bool
    healthy: bool


NOTHING: Final = Standing(known=False, healthy=False)


def read_posture(text: str) -> Posture:
    """Return the rule a file spells; PostureUnsound names the first place that is wrong."""
    try:
        found = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        raise PostureUnsound("not_toml") from None
    version = found.pop("version", None)
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise PostureUnsound("version")
    if set(found) != set(System):
        raise PostureUnsound("systems")
    return Posture(
        version=version,
        rules=MappingProxyType({system: _rule(found[system], system) for system in System}),
    )


def _rule(table: Any, at: str) -> Rule:
    if not isinstance(table, dict) or set(table) != {"must_be_on", *_DAYS}:
        raise PostureUnsound(at)
    must = table["must_be_on"]
    # A list that asks for nothing would make every computer healthy that says anything.
    if not isinstance(must, list) or not must or not all(word in _SWITCHES for word in must):
        raise PostureUnsound(f"{at}.must_be_on")
    for name in _DAYS:
        days = table[name]
        if not isinstance(days, int) or isinstance(days, bool) or not 1 <= days <= _MOST_DAYS:
            raise PostureUnsound(f"{at}.{name}")
    return Rule(
        must_be_on=tuple(word for word in _SWITCHES if word in must), **{name: table[name] for name in _DAYS}
    )


def judge(facts: Facts, rule: Rule, *, since: int) -> tuple[Judged, ...]:
    """Return every point of a report that is `since` whole days old: days go on counting while nobody reports."""
    found = [_aged(Point.PATCHES, facts.patch_days, rule.patch_days, since)]
    for name in rule.must_be_on:
        state: Switch = getattr(facts, name)
        light = Light.GREEN if state is Switch.ON else Light.RED
        found.append(Judged(point=Point(name), light=light, state=state))
        if name == "antivirus":
            found.append(_aged(Point.ANTIVIRUS_DATA, facts.antivirus_days, rule.antivirus_days, since))
    found.append(_aged(Point.AGENT, facts.agent_days, rule.agent_days, since))
    return tuple(found)


def _aged(point: Point, days: int | None, limit: int, since: int) -> Judged:
    if days is None:
        return Judged(point=point, light=Light.RED, state=Switch.UNKNOWN, limit=limit)
    age = days + since
    light = Light.RED if age > limit else Light.AMBER if age > limit * _SOON else Light.GREEN
    return Judged(point=point, light=light, days=age, limit=limit)


def judge_report(reported_at: datetime | None, *, limit: int, now: datetime) -> Judged:
    """Return whether the newest report is new enough; none at all is unknown."""
    if reported_at is None:
        return Judged(point=Point.REPORT, light=Light.RED, state=Switch.UNKNOWN, limit=limit)
    judged = _aged(Point.REPORT, (now - reported_at).days, limit, 0)
    if now - reported_at > timedelta(days=limit):
        return Judged(point=Point.REPORT, light=Light.RED, days=judged.days, limit=limit)
    return judged


def keeps(*, kind: str, role: str) -> bool:
    """Return whether the actor keeps the register of devices."""
    return kind == "system" or (kind == "staff" and role in KEEPERS)


def serves(*, owner: str, shared_with: str, staff_no: str, branch: str) -> bool:
    """Return whether a device may be used by a person: their own, or one their whole branch shares."""
    return bool(staff_no) and (owner == staff_no or bool(shared_with and shared_with == branch))


def sound_name(name: str) -> str:
    """Return what a device may be called; BadDevice."""
    name = name.strip()
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise BadDevice("name")
    return name
