"""A vault of its own for each test."""

from datetime import datetime
from pathlib import Path

import pytest

from midan.core.actor import Actor
from midan.vault import services


@pytest.fixture
def vault(keyed_home: Path, transactional_db: None, now: datetime) -> Path:
    """An initialised vault in a home of its own."""
    services.initialise(actor=Actor.system("init"), now=now)
    return keyed_home
