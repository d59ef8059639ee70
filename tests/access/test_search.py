"""Searching by a personal key: logged without the value, budgeted, masked, and only as far as the post looks."""

from dataclasses import replace
from datetime import timedelta
from importlib import import_module

import pytest

from midan.access import selectors, services
from midan.access.errors import AccessDenied, BadQuestion, BudgetSpent, NotFound
from midan.access.models import Budget
from midan.access.services.search import PAGE
from midan.audit import selectors as audit
from midan.core import merkle
from midan.core.actor import Actor
from midan.core.fields.errors import InvalidField
from midan.people.models import Staff
from midan.ui.saying import sentence
from midan.vault.errors import VaultLocked
from midan.vault.rules import Contact
from midan.waybill.rules import Filter

PHONE = "17000005678"
search_module = import_module("midan.access.services.search")
ON_THE_WAY = ("collected", "departed", "arrived", "out_for_delivery")


def search(world, actor, kind="phone", value=PHONE, **changes):
    return services.search(actor=actor, kind=kind, value=value, now=world.now, **changes)


def numbers(page):
    return [item.number for item in page.items]


def entries(act):
    """Return the entries of this act, newest first."""
    return [item.entry for item in audit.entries(audit.EntryFilter(act=act), limit=20).items]


def newest():
    return audit.entries(audit.EntryFilter(act="access:"), limit=1).items[0].entry


def test_the_entry_names_the_kind_and_never_the_value(world, parcel):
    search(world, world.actor("privacy_officer"), kind="name_tail", value="5678", name="欧阳小禾")
    entry = newest()
    assert (entry.act, entry.object, entry.outcome) == (
        "access:search:performed",
        "search:name_tail",
        "allowed",
    )
    text = entry.to_bytes().decode()
    assert "5678" not in text.replace(entry.entry_id, "")
    assert "欧阳" not in text


def test_results_are_masked(world, parcel):
    (item,) = search(world, world.actor("privacy_officer")).items
    assert item.recipient.phone == "*******5678"
    assert item.recipient.name.startswith("欧阳")
    shown = repr(item)
    for clear in ("小禾", "17000005678", "3栋1202", "沈澄澄", "17000001234"):
        assert clear not in shown


def test_the_entry_stands_even_when_the_vault_cannot_answer(world, parcel, monkeypatch):
    from midan.vault.keyd import permission

    def die(*_, **__):
        raise RuntimeError("keyd is gone")

    monkeypatch.setattr(permission, "check_search", die)
    with pytest.raises(RuntimeError):
        search(world, world.actor("privacy_officer"))
    failed, first = [row.entry for row in audit.entries(audit.EntryFilter(act="access:"), limit=2).items]
    assert (first.act, first.outcome) == ("access:search:performed", "allowed")
    assert (failed.act, failed.outcome, failed.object) == ("access:search:failed", "failed", first.object)
    assert (failed.details["entry"], failed.details["error"]) == (first.entry_id, "internal")


def test_a_search_that_showed_nothing_costs_nothing_of_the_day(world, parcel, monkeypatch):
    officer = world.actor("privacy_officer")
    search(world, officer)

    def die(*_):
        raise VaultLocked("locked")

    monkeypatch.setattr(search_module, "masked_views", die)
    for _ in range(3):
        with pytest.raises(VaultLocked):
            search(world, officer)
    assert Budget.objects.get(staff=officer.name).used == 1
    assert newest().details["error"] == "vault_locked"


class TestReach:
    def test_a_manager_finds_what_passes_the_own_branch_only(self, world, parcel):
        assert numbers(search(world, world.actor("branch_manager", "SZ001"))) == [parcel]
        assert numbers(search(world, world.actor("branch_manager", "BJ001"))) == []

    def test_unknown_and_forbidden_look_the_same(self, world, parcel):
        manager = world.actor("branch_manager", "BJ001")
        assert search(world, manager) == search(world, manager, value="17000009999")

    def test_a_clerk_finds_a_tail_among_the_own_shelves_only(self, world, parcel):
        clerk = world.actor("clerk", "SZ001S")
        assert numbers(search(world, clerk, kind="phone_tail", value="5678")) == []
        world.drive(parcel, "at_station", station="SZ001S")
        assert numbers(search(world, clerk, kind="phone_tail", value="5678")) == [parcel]
        assert numbers(search(world, clerk, kind="name_tail", value="5678", name="欧阳小禾")) == [parcel]
        assert numbers(search(world, world.actor("clerk", "BJ001"), kind="phone_tail", value="5678")) == []
        world.drive(parcel, "delivered")
        assert numbers(search(world, clerk, kind="phone_tail", value="5678")) == []

    def test_a_shelf_is_searched_whole_however_many_newer_parcels_share_the_tail(
        self, world, parcel, monkeypatch
    ):
        monkeypatch.setattr(search_module, "_MOST_HITS", 2)
        world.drive(parcel, "at_station", station="SZ001S")
        for _ in range(3):
            world.order()
        clerk = world.actor("clerk", "SZ001S")
        assert numbers(search(world, clerk, kind="phone_tail", value="5678")) == [parcel]
        assert numbers(search(world, clerk)) == [parcel]

    @pytest.mark.parametrize(
        "role", ["agent", "branch_manager", "privacy_officer", "analyst", "courier", "regulator"]
    )
    def test_nobody_else_searches_by_a_bare_tail(self, world, parcel, role):
        with pytest.raises(AccessDenied) as refused:
            search(world, world.actor(role), kind="phone_tail", value="5678")
        assert refused.value.denied_by == "L2.2"
        assert (newest().act, newest().outcome) == ("access:search:denied", "denied")
        assert newest().details["why"] == refused.value.details["reason"] == "search_not_for_post"

    def test_the_refusal_says_that_this_way_is_closed_and_names_those_that_are_open(self, world, parcel):
        with pytest.raises(AccessDenied) as refused:
            search(world, world.actor("agent"), kind="phone_tail", value="5678")
        assert refused.value.details["kinds"] == ["phone", "name_tail", "order_ref"]
        said = sentence(refused.value)
        assert "这种查找不对您的岗位开放，可以用：手机号、姓名加尾号、订单参考号" in said
        with pytest.raises(AccessDenied) as refused:
            search(world, world.actor("courier"), kind="phone_tail", value="5678")
        assert "可以用" not in sentence(refused.value)

    def test_an_agent_looks_beyond_the_branch_only_for_the_phone_of_an_open_ticket(self, world, parcel):
        agent = world.actor("agent", "BJ001")
        assert numbers(search(world, agent)) == []
        services.open_ticket(actor=agent, reason="customer_asked", phone="17000001111", now=world.now)
        assert numbers(search(world, agent)) == []
        ticket = services.open_ticket(actor=agent, reason="customer_asked", phone=PHONE, now=world.now)
        assert numbers(search(world, agent)) == [parcel]
        shown = services.reveal(
            actor=agent,
            waybill=parcel,
            fields=frozenset({"recipient_phone"}),
            purpose="customer_service",
            reason="customer_asked",
            ticket=ticket.code,
            now=world.now,
        )
        assert shown.values["recipient_phone"].reveal(shown.grant) == PHONE
        assert selectors.tickets(agent, now=world.now)[0].waybills == 1
        (extended,) = entries("access:ticket:extended")
        searched = entries("access:search:performed")[0]
        assert extended.object == f"ticket:{ticket.code}"
        assert (extended.count, extended.details["search"]) == (1, searched.entry_id)
        assert extended.details["root"] == merkle.root([parcel.encode()]).hex()
        assert numbers(search(world, agent)) == [parcel]
        assert len(entries("access:ticket:extended")) == 1  # nothing new was covered
        assert numbers(search(world, world.actor("agent", "SZ001S"))) == []

    def test_through_a_client_a_ticket_covers_nothing_of_other_branches(self, world, parcel):
        agent = replace(world.actor("agent", "BJ001"), via="call-centre")
        services.open_ticket(actor=agent, reason="customer_asked", phone=PHONE, now=world.now)
        assert numbers(search(world, agent)) == []
        assert selectors.tickets(agent, now=world.now)[0].waybills == 0
        near = replace(world.actor("agent", "SZ001"), via="call-centre")
        services.open_ticket(actor=near, reason="customer_asked", phone=PHONE, now=world.now)
        assert numbers(search(world, near)) == [parcel]
        assert selectors.tickets(near, now=world.now)[0].waybills == 1

    def test_the_officer_narrows_by_branch(self, world, parcel):
        officer = world.actor("privacy_officer")
        assert numbers(search(world, officer, branch="SZ001")) == [parcel]
        assert numbers(search(world, officer, branch="BJ001")) == []

    @pytest.mark.parametrize("kind", ["client", "system", "public"])
    def test_machines_do_not_search(self, world, parcel, kind):
        with pytest.raises(AccessDenied):
            search(world, Actor(kind=kind, name="shop-1", role="privacy_officer"))

    def test_a_closed_account_does_not_search(self, world, parcel):
        officer = world.actor("privacy_officer")
        Staff.objects.filter(staff_no=officer.name).update(is_active=False)
        with pytest.raises(AccessDenied) as refused:
            search(world, officer)
        assert refused.value.denied_by == "M5"

    def test_an_order_is_found_by_its_reference(self, world, parcel):
        reference = (
            f"TB-{int(selectors.masked_waybill(Actor.system('t'), parcel, now=world.now).order_ref[3:] or 1)}"
        )
        assert numbers(search(world, world.actor("branch_manager"), kind="order_ref", value=reference)) == [
            parcel
        ]


class TestPagesAndLimits:
    def test_pages_cover_everything_once_newest_first(self, world):
        made = [world.order() for _ in range(PAGE + 3)]
        officer = world.actor("privacy_officer")
        first = search(world, officer)
        second = search(world, officer, cursor=first.next)
        assert numbers(first) + numbers(second) == made[::-1]
        assert second.next == ""
        assert search(world, officer, cursor="MD0").items == ()

    def test_a_parcel_to_oneself_is_found_once(self, world):
        same = Contact(name="沈澄澄", phone=PHONE, address="浙江省杭州市西湖区曙光路122号")
        waybill = world.order(sender=same, recipient=same)
        assert numbers(search(world, world.actor("privacy_officer"))) == [waybill]

    def test_the_day_ends_with_its_last_search(self, world, parcel):
        officer = world.actor("privacy_officer")
        Budget.objects.create(staff=officer.name, day=world.now.date(), kind="search", used=99, allowed=100)
        search(world, officer)
        with pytest.raises(BudgetSpent):
            search(world, officer)
        assert (newest().outcome, newest().clause) == ("denied", "M4")

    @pytest.mark.parametrize(
        ("kind", "value", "name", "error"),
        [
            ("surname", "欧阳", "", BadQuestion),
            ("phone_tail", "567", "", BadQuestion),
            ("phone_tail", "５６７８", "", BadQuestion),
            ("order_ref", "  ", "", BadQuestion),
            ("order_ref", "x" * 65, "", BadQuestion),
            ("phone", "call me", "", InvalidField),
            ("name_tail", "5678", "", InvalidField),
        ],
    )
    def test_what_cannot_be_searched_is_refused_without_repeating_it(self, world, kind, value, name, error):
        before = audit.total()
        with pytest.raises(error) as refused:
            search(world, world.actor("clerk", "SZ001S"), kind=kind, value=value, name=name)
        assert audit.total() == before
        assert not value.strip() or value not in str(refused.value.as_dict())


class TestMaskedViews:
    def sees(self, world, actor, waybill):
        try:
            return selectors.masked_waybill(actor, waybill, now=world.now).number == waybill
        except NotFound:
            return False

    def test_who_sees_a_parcel_at_all(self, world, parcel):
        seeing = {key for key, actor in world.people.items() if self.sees(world, actor, parcel)}
        everywhere = {
            (role, branch)
            for role in ("privacy_officer", "analyst", "regulator")
            for branch in ("HZ001", "SZ001", "SZ001S", "BJ001")
        }
        on_route = {
            (role, branch)
            for role in ("courier", "sorter", "clerk", "agent", "branch_manager")
            for branch in ("HZ001", "SZ001")
        }
        assert seeing == everywhere | on_route

    def test_a_client_sees_its_own_orders_only(self, world, parcel):
        assert self.sees(world, Actor(kind="client", name="shop-1"), parcel)
        assert not self.sees(world, Actor(kind="client", name="shop-2"), parcel)
        assert not self.sees(world, Actor(kind="public", name="anybody"), parcel)

    def test_unknown_and_forbidden_give_the_same_error(self, world, parcel):
        stranger, errors = world.actor("courier", "BJ001"), []
        for waybill in (parcel, "MD0000000000000", "nonsense"):
            with pytest.raises(NotFound) as missing:
                selectors.masked_waybill(stranger, waybill, now=world.now)
            errors.append(missing.value.as_dict())
        assert errors[0] == errors[1] == errors[2]

    def test_pages_show_only_what_may_be_seen(self, world, parcel):
        elsewhere = world.order(branch="BJ001", destination="BJ001", client="shop-2")

        def page(actor, narrow=None):
            return numbers(selectors.masked_page(actor, narrow or Filter(), now=world.now))

        assert page(world.actor("privacy_officer")) == [elsewhere, parcel]
        assert page(world.actor("branch_manager", "SZ001")) == [parcel]
        assert page(world.actor("branch_manager", "SZ001"), Filter(route="BJ001")) == []
        assert page(
            world.actor("courier", "SZ001"), Filter(handler=world.actor("courier", "SZ001").name)
        ) == [parcel]
        assert (
            page(world.actor("courier", "BJ001"), Filter(handler=world.actor("courier", "SZ001").name)) == []
        )
        assert page(Actor(kind="client", name="shop-2")) == [elsewhere]
        assert page(Actor(kind="client", name="shop-2"), Filter(client="shop-1")) == []
        for role in ("hr", "sysadmin", "auditor", "integrator"):
            assert page(world.actor(role)) == []

    def test_a_ticket_opens_the_masked_view_until_it_ends(self, world, parcel):
        agent = world.actor("agent", "BJ001")
        services.open_ticket(actor=agent, reason="customer_asked", phone=PHONE, now=world.now)
        search(world, agent)
        assert selectors.masked_waybill(agent, parcel, now=world.now).number == parcel
        with pytest.raises(NotFound):
            selectors.masked_waybill(agent, parcel, now=world.now + timedelta(hours=25))
