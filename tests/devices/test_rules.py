"""The rule of posture: read strictly, judged point by point, and what is unknown is bad."""

from dataclasses import fields, replace
from datetime import timedelta

import pytest

from midan.core.devicereport import Switch, System
from midan.devices.errors import PostureUnsound
from midan.devices.rules import Light, Point, judge, judge_report, read_posture, serves
from midan.devices.selectors import POSTURE, posture
from tests.devices.computers import HEALTHY

RULE = posture().rules[System.LINUX]


def failing(facts, since=0):
    return {one.point for one in judge(facts, RULE, since=since) if one.light is Light.RED}


def test_the_rule_that_ships_asks_the_same_of_every_system():
    shipped = posture()
    assert set(shipped.rules) == set(System)
    for rule in shipped.rules.values():
        assert set(rule.must_be_on) == {"disk", "antivirus", "screen_lock", "firewall"}


def test_a_healthy_computer_fails_nothing():
    assert failing(HEALTHY) == set()


@pytest.mark.parametrize(
    ("change", "point"),
    [
        ({"patch_days": 46}, Point.PATCHES),
        ({"patch_days": None}, Point.PATCHES),
        ({"disk": Switch.OFF}, Point.DISK),
        ({"disk": Switch.UNKNOWN}, Point.DISK),
        ({"antivirus": Switch.OFF}, Point.ANTIVIRUS),
        ({"antivirus": Switch.UNKNOWN}, Point.ANTIVIRUS),
        ({"antivirus_days": 8}, Point.ANTIVIRUS_DATA),
        ({"antivirus_days": None}, Point.ANTIVIRUS_DATA),
        ({"screen_lock": Switch.OFF}, Point.SCREEN_LOCK),
        ({"screen_lock": Switch.UNKNOWN}, Point.SCREEN_LOCK),
        ({"firewall": Switch.OFF}, Point.FIREWALL),
        ({"firewall": Switch.UNKNOWN}, Point.FIREWALL),
        ({"agent_days": 181}, Point.AGENT),
        ({"agent_days": None}, Point.AGENT),
    ],
)
def test_each_fact_fails_alone_and_by_name(change, point):
    assert failing(replace(HEALTHY, **change)) == {point}


def test_every_fact_that_can_be_bad_is_judged():
    judged = {"patch_days", "disk", "antivirus", "antivirus_days", "screen_lock", "firewall", "agent_days"}
    assert {field.name for field in fields(HEALTHY)} - judged == {"system", "name", "version", "agent"}


def test_days_go_on_counting_while_nobody_reports_and_turn_amber_before_red():
    facts = replace(HEALTHY, patch_days=40, antivirus_days=0)
    lights = {since: {one.point: one.light for one in judge(facts, RULE, since=since)} for since in (0, 5, 6)}
    assert [lights[since][Point.PATCHES] for since in (0, 5, 6)] == [Light.AMBER, Light.AMBER, Light.RED]
    assert lights[0][Point.ANTIVIRUS_DATA] is Light.GREEN


def test_a_report_counts_to_the_end_of_its_limit_and_not_a_second_longer(now):
    week = timedelta(days=7)
    assert judge_report(now - week, limit=7, now=now).light is not Light.RED
    assert judge_report(now - week - timedelta(seconds=1), limit=7, now=now).light is Light.RED
    assert judge_report(None, limit=7, now=now).light is Light.RED


@pytest.mark.parametrize(
    ("change", "at"),
    [
        (("version = 1", ""), "version"),
        (("version = 1", "version = 0"), "version"),
        (("version = 1", 'version = "1"'), "version"),
        (("[macos]", "[beos]"), "systems"),
        (("[linux]\nmust_be_on", "[linux]\nmay_be_on"), "linux"),
        (('["disk", "antivirus", "screen_lock", "firewall"]', "[]"), "linux.must_be_on"),
        (('["disk", "antivirus", "screen_lock", "firewall"]', '["disk", "luck"]'), "linux.must_be_on"),
        (("patch_days = 45", "patch_days = 0"), "linux.patch_days"),
        (("patch_days = 45", "patch_days = 100000"), "linux.patch_days"),
        (("patch_days = 45", "patch_days = true"), "linux.patch_days"),
        (("[linux]", "[linux"), "not_toml"),
    ],
)
def test_a_rule_that_is_wrong_is_refused_and_names_the_place(change, at):
    text = POSTURE.read_text("utf-8")
    assert change[0] in text
    with pytest.raises(PostureUnsound) as refused:
        read_posture(text.replace(*change, 1))
    assert refused.value.details["at"] == at


def test_a_device_serves_its_owner_and_the_branch_it_is_shared_with_and_nobody_without_a_name():
    assert serves(owner="S1", shared_with="", staff_no="S1", branch="HZ001")
    assert not serves(owner="S1", shared_with="", staff_no="S2", branch="HZ001")
    assert serves(owner="S1", shared_with="HZ001", staff_no="S2", branch="HZ001")
    assert not serves(owner="S1", shared_with="HZ001", staff_no="S2", branch="SZ001")
    assert not serves(owner="", shared_with="", staff_no="", branch="")
