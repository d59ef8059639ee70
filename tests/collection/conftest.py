"""A company with a vault, a log, one branch and a published notice."""

import shutil
from collections.abc import Iterator
from datetime import datetime
from functools import cache
from pathlib import Path

import pytest

from midan.catalog.settings import current
from midan.collection import services
from midan.core import passphrase
from midan.core.actor import Actor
from midan.people.models import Branch
from midan.vault import services as vault_services
from midan.vault.keyd.keeper import FILE_NAME, FileKeeper
from midan.vault.keyd.wrapping import Generation


@pytest.fixture(autouse=True, scope="session")
def _derive_each_key_once() -> Iterator[None]:
    """Remember what Argon2id made of a passphrase and a salt: it costs a quarter of a second by design."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passphrase, "derive", cache(passphrase.derive))
        yield


@pytest.fixture(scope="session")
def key_file_of_the_session(tmp_path_factory: pytest.TempPathFactory, _derive_each_key_once: None) -> Path:
    folder = tmp_path_factory.mktemp("keeper")
    FileKeeper(folder, lambda: current().passphrase()).create(Generation(1, bytes(range(32))))
    return folder / FILE_NAME


@pytest.fixture
def installation(
    midan_home: Path, key_file_of_the_session: Path, transactional_db: None, now: datetime
) -> Path:
    shutil.copy2(key_file_of_the_session, midan_home / "keys")
    vault_services.initialise(actor=Actor.system("init"), now=now)
    return midan_home


@pytest.fixture
def company(installation: Path, now: datetime) -> Path:
    Branch.objects.create(code="HZ001", name="测试网点", kind="own", district_code="330106", city="杭州市")
    services.publish_starter_notices(actor=Actor.system("init"), now=now)
    return installation
