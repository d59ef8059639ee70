"""One person with a password, a browser that says what it is, and the entries about people."""

import pytest
from django.core.cache import cache
from django.test import Client

from midan.audit import selectors as audit
from midan.audit.selectors import EntryFilter
from midan.core.actor import Actor
from midan.people import services

SYSTEM = Actor.system("test")
PASSWORD = "nine purple otters recite a tide table"


@pytest.fixture
def officer(now, db):
    cache.clear()
    services.create_branch(
        actor=SYSTEM, code="HZ001", name="测试网点", kind="own", district_code="330106", city="杭州市"
    )
    return appoint(now)


def appoint(now, *, username="officer7", role="privacy_officer", branch="HZ001", password=PASSWORD):
    return services.create_staff(
        actor=SYSTEM,
        username=username,
        display_name="测试员工",
        role=role,
        branch=branch,
        password=password,
        now=now,
    )


@pytest.fixture
def browser():
    return Client(SERVER_NAME="localhost:8000")


def entries(act):
    """Return the entries of one act, oldest first."""
    return [view.entry for view in reversed(audit.entries(EntryFilter(act=act), limit=50).items)]
