"""Every route against every post, at the branch concerned and elsewhere, partners' programs and the public (L2.2, L4.2)."""

import pytest
from django.contrib.auth import get_user_model
from django.db import IntegrityError, connection, transaction
from django.test import Client

from midan.audit import selectors as audit
from midan.audit.selectors import EntryFilter
from midan.people.rules import Role
from tests.matrix import asking
from tests.matrix.conftest import OTHER, OWN
from tests.matrix.routes import calls, nameless, pages
from tests.matrix.table import (
    ACCOUNT,
    CALLS,
    DOORS,
    ELSEWHERE,
    FOR_PERSONS,
    NAMELESS,
    OBJECTS,
    PUBLIC_CALLS,
    SIGNED,
    TOKENS,
)

PAGES = pages()


def test_every_route_of_the_url_map_has_a_row_and_every_row_a_route():
    accounts = set().union(*ACCOUNT.values())
    assert sum(len(names) for names in ACCOUNT.values()) == len(accounts)
    assert set(PAGES) == set(DOORS) | accounts | ELSEWHERE
    assert set(OBJECTS) <= set(DOORS)
    assert len(nameless()) == NAMELESS
    documented, described = calls()
    assert documented == set(CALLS) | SIGNED | {TOKENS}
    assert described == {path for _, path in set(CALLS) | SIGNED} | PUBLIC_CALLS


def test_what_is_about_a_parcel_or_a_colleague_has_a_row_for_other_branches():
    about = {name for name, route in PAGES.items() if "number" in route.arguments and name in DOORS}
    # A session ends by its own number, a client is the company's, a device is somebody's own: tests/devices.
    others = {name for name in about if "client" in name or "device" in name} | {"console:end-session"}
    assert about - others == set(OBJECTS)


@pytest.mark.parametrize("role", [role.value for role in Role])
def test_a_post_gets_where_the_table_says_and_nowhere_else(network, role):
    # Elsewhere first, and pages before calls: what is done at the branch concerned may let the other one in, and a parcel
    # that was collected gets no new label.
    for branch, column in ((OTHER, "other"), (OWN, "own")):
        person = network.person(role, branch)
        for name, route in PAGES.items():
            if name not in DOORS:
                continue
            answer = asking.page(network, person, route)
            door = role in getattr(DOORS[name], column)
            assert asking.entered(answer) == door, (name, column, answer.status_code)
            if name in OBJECTS:
                said = (name, column, answer.status_code)
                assert asking.reached(answer) == (role in getattr(OBJECTS[name], column)), said
        for operation, row in CALLS.items():
            answer = asking.call(network, person, operation)
            assert (answer.status_code < 400) == (role in getattr(row, column)), (operation, column)


@pytest.mark.parametrize("role", [role.value for role in Role])
def test_a_list_and_a_search_name_no_parcel_of_another_branch_to_a_post_that_sees_its_own_alone(
    network, role
):
    sees_all = role in {"privacy_officer", "analyst", "regulator"}
    for branch in (OWN, OTHER):
        person = network.person(role, branch)
        listed = person.get("/waybills/")
        found = asking.call(network, person, ("POST", "/waybills/search"))
        for answer in (listed, found):
            named = network.number in answer.content.decode()
            assert not named or branch == OWN or sees_all, (role, branch, answer.status_code)


@pytest.mark.parametrize(
    ("column", "branch"), [("partner", OWN), ("other_partner", OTHER), ("public", "")], ids=str
)
def test_programs_and_the_public_get_where_the_table_says_and_nowhere_else(network, column, branch):
    client = network.program(branch)
    for operation, row in CALLS.items():
        answer = asking.call(network, client, operation, number=network.sent)
        said = (operation, answer.status_code, answer.content[:80])
        assert (answer.status_code < 400) == getattr(row, column), said
    for name, route in PAGES.items():
        if name in ELSEWHERE:
            continue
        answer = asking.page(network, client, route)
        if name in ACCOUNT["public"]:
            # With a token that nobody has the door is open and nothing is behind it.
            assert answer.status_code in {200, 302, 404}, name
            assert not answer.headers.get("Location", "").startswith("/accounts/"), name
        elif name in ACCOUNT["closed"]:
            assert answer.status_code == 404, name
        else:
            assert answer.status_code == 302, (name, answer.status_code)
            # Whoever is not signed in is sent where the door is; signing out leads to it by way of the first page.
            assert answer["Location"].startswith("/accounts/login/") or name == "account_logout", name


def test_what_the_sign_in_library_brings_and_we_do_not_have_is_closed_to_whoever_signed_in(network):
    for name in ACCOUNT["closed"]:
        for role in ("hr", "sysadmin"):
            assert asking.page(network, network.person(role, OWN), PAGES[name]).status_code == 404, name


def test_a_program_names_a_person_where_one_is_needed_and_that_person_is_of_its_own_branch(network):
    for operation in CALLS:
        for program, person, branch in (
            (OWN, "agent", OTHER),
            (OTHER, "agent", OWN),
            (OWN, "hr", OWN),
            (OWN, "privacy_officer", OWN),
            (OWN, "sysadmin", OWN),
        ):
            client = network.program(program, actor=network.staff[person, branch])
            answer = asking.call(network, client, operation)
            assert (answer.status_code, answer.json()["code"]) == (403, "actor_refused"), (operation, person)
            assert answer.json()["details"] == {"reason": "not_served"}
    for operation in FOR_PERSONS:
        alone = asking.call(network, network.program(OWN), operation)
        assert alone.json()["details"] == {"reason": "missing"}, operation
        nobody = asking.call(network, network.program(OWN, actor=" "), operation)
        assert nobody.json()["code"] == "actor_refused", operation


@pytest.mark.parametrize("role", ["courier", "clerk", "agent", "branch_manager", "sorter"])
def test_a_named_person_behind_a_program_gets_no_further_than_by_themselves(network, role):
    program = network.program(OWN, actor=network.staff[role, OWN])
    for operation in FOR_PERSONS:
        through = asking.call(network, program, operation)
        assert (through.status_code < 400) == (role in CALLS[operation].own), operation
    acts = audit.entries(EntryFilter(act="gateway:actor:refused")).items
    assert acts == ()


@pytest.fixture
def unknown_post(network):
    """Put a post that is none into the database, past the constraint that refuses it; return whose."""
    number = network.staff["agent", OWN]
    rows = get_user_model().objects.filter(staff_no=number)
    with pytest.raises(IntegrityError), transaction.atomic():
        rows.update(role="cleaner")
    table, constraint = "people_staff", "people_staff_role"
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA ignore_check_constraints = ON")
        else:
            cursor.execute(
                f"SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = '{constraint}'"
            )
            (definition,) = cursor.fetchone()
            cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {constraint}")
        rows.update(role="cleaner")
        yield number
        rows.update(role="agent")
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA ignore_check_constraints = OFF")
        else:
            cursor.execute(f"ALTER TABLE {table} ADD CONSTRAINT {constraint} {definition}")


def test_an_unknown_post_gets_nowhere(network, unknown_post):
    """The database refuses such a post; and were it to stand there, no door would open to it."""
    person = network.person("agent", OWN)
    for name, route in PAGES.items():
        if name in DOORS and name not in FOR_WHOEVER_SIGNED_IN:
            assert not asking.entered(asking.page(network, person, route)), name
    for operation in CALLS:
        answer = asking.call(network, person, operation)
        assert 400 <= answer.status_code < 500 or operation == CHECKPOINT, (operation, answer.status_code)
    program = network.program(OWN, actor=unknown_post)
    for operation in CALLS:
        assert asking.call(network, program, operation).json()["code"] == "actor_refused", operation


# The newest checkpoint is for whoever is signed in: made to be compared.
FOR_WHOEVER_SIGNED_IN = frozenset({"console:checkpoint"})
CHECKPOINT = ("GET", "/audit/checkpoint")


def test_a_session_of_nobody_known_gets_nowhere(network):
    stranger = Client(SERVER_NAME="localhost")
    stranger.cookies["sessionid"] = "a" * 32
    for operation in CALLS:
        assert asking.call(network, stranger, operation).status_code == 401
