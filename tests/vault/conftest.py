"""A vault of its own for each test."""

import shutil
from collections.abc import Iterator
from datetime import datetime
from functools import cache
from pathlib import Path

import pytest

from midan.catalog.settings import current
from midan.core import passphrase
from midan.core.actor import Actor
from midan.vault import services
from midan.vault.keyd.keeper import FILE_NAME, FileKeeper
from midan.vault.keyd.wrapping import Generation


@pytest.fixture(autouse=True, scope="session")
def _derive_each_key_once() -> Iterator[None]:
    """Remember what Argon2id made of a passphrase and a salt: it costs 64 MiB and a quarter of a second by design."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passphrase, "derive", cache(passphrase.derive))
        yield


@pytest.fixture(scope="session")
def key_file_of_the_session(tmp_path_factory: pytest.TempPathFactory, _derive_each_key_once: None) -> Path:
    folder = tmp_path_factory.mktemp("keeper")
    FileKeeper(folder, lambda: current().passphrase()).create(Generation(1, bytes(range(32))))
    return folder / FILE_NAME


@pytest.fixture
def vault(midan_home: Path, key_file_of_the_session: Path, transactional_db: None, now: datetime) -> Path:
    """An initialised vault in a home of its own; its key file is there already, as after an interrupted start."""
    shutil.copy2(key_file_of_the_session, midan_home / "keys")
    services.initialise(actor=Actor.system("init"), now=now)
    return midan_home
