"""A company with a vault, a log, one branch and a published notice."""

from datetime import datetime
from pathlib import Path

import pytest

from midan.collection import services
from midan.core.actor import Actor
from midan.people.models import Branch, Company
from midan.vault import services as vault_services


@pytest.fixture
def installation(keyed_home: Path, transactional_db: None, now: datetime) -> Path:
    vault_services.initialise(actor=Actor.system("init"), now=now)
    return keyed_home


@pytest.fixture
def company(installation: Path, now: datetime) -> Path:
    Branch.objects.create(code="HZ001", name="测试网点", kind="own", district_code="330106", city="杭州市")
    Company.objects.create(
        name="测试速递", credit_code="91330106MA2TEST000", contact_phone="0571-00000000",
        contact_email="privacy@example.invalid", address="杭州市测试路1号", complaint_phone="0571-00000001",
    )  # fmt: skip
    services.publish_starter_notices(actor=Actor.system("init"), now=now)
    return installation
