"""Clause M1 and L6.1: a generation is replaced outside of a destruction only when two persons agree, and once."""

import pytest

from midan.approval import selectors as approvals
from midan.approval import services as approval
from midan.approval.errors import OwnRequest
from midan.approval.rules import State
from midan.audit import selectors as log
from midan.destruction import services
from midan.destruction.errors import PostMayNotDestroy
from midan.destruction.rules.rotation import RotationReason
from midan.destruction.services import rotating
from midan.vault import keybook
from midan.vault.errors import KeeperUnreachable


def ask(office, actor=None):
    return services.request_rotation(
        actor=actor or office.officer, reason=RotationReason.REGULAR, now=office.now
    )


def agreed(office):
    code = ask(office)
    approval.approve(actor=office.second, code=code, now=office.now)
    return code


def state(office, code):
    return approvals.request(code, now=office.now).state


def acts():
    return [item.entry.act for item in log.entries(log.EntryFilter()).items]


def test_one_person_asks_and_nothing_turns(office):
    code = ask(office)
    with pytest.raises(OwnRequest):
        approval.approve(actor=office.officer, code=code, now=office.now)
    office.work(due=False)
    assert (keybook.generation(), state(office, code)) == (1, State.WAITING)


def test_another_agrees_and_the_generation_turns_once(office):
    number = office.order()
    code = agreed(office)
    assert office.work(due=False).faults == ()
    assert (keybook.generation(), state(office, code)) == (2, State.USED)
    assert {"approval:request:used", "vault:keys:rotated", "vault:keeper:erased"} <= set(acts())
    office.work(due=False)
    assert keybook.generation() == 2
    assert office.opens(number).sender.name


def test_a_refused_request_turns_nothing(office):
    code = ask(office)
    approval.refuse(actor=office.second, code=code, now=office.now)
    office.work(due=False)
    assert keybook.generation() == 1


def test_work_that_broke_off_after_the_ratchet_does_not_turn_again(office, monkeypatch):
    code = agreed(office)

    def killed(**_):
        raise KeyboardInterrupt

    with monkeypatch.context() as during:
        during.setattr(rotating.approval, "use", killed)
        with pytest.raises(KeyboardInterrupt):
            office.work(due=False)
    assert (keybook.generation(), state(office, code)) == (2, State.APPROVED)
    office.work(due=False)
    assert (keybook.generation(), state(office, code)) == (2, State.USED)


def test_no_keeper_in_reach_leaves_the_request_for_the_next_time(office, monkeypatch):
    code = agreed(office)

    def silent(**_):
        raise KeeperUnreachable("file", "EIO")

    with monkeypatch.context() as during:
        during.setattr(rotating.vault, "rotate", silent)
        (fault,) = office.work(due=False).faults
    assert (fault.code, keybook.generation()) == ("keeper_unreachable", 1)
    office.work(due=False)
    assert (keybook.generation(), state(office, code)) == (2, State.USED)


def test_the_same_generation_is_asked_for_once(office):
    assert ask(office) == ask(office, office.second)


@pytest.mark.parametrize("role", ["analyst", "sysadmin", "branch_manager"])
def test_other_posts_do_not_ask(office, role):
    with pytest.raises(PostMayNotDestroy):
        ask(office, office.world.actor(role, "HZ001"))
