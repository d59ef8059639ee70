"""The texts and the course that come with Midan: put in force where there are none."""

from datetime import datetime
from pathlib import Path
from typing import Final

from midan.core.actor import Actor
from midan.duties.models import Document, Edition
from midan.duties.rules import Kind
from midan.duties.services.documents import publish_document
from midan.duties.services.training import publish_course

CONTENT: Final = Path(__file__).resolve().parents[1] / "content"
COURSE: Final = "privacy-policy"


def publish_starters(*, actor: Actor, now: datetime) -> None:
    """Publish the starter agreement, rules and course, each only where the company has none of its kind."""
    for kind in Kind:
        if not Document.objects.filter(kind=kind).exists():
            zh, en = (read(f"{kind}.{lang}.txt") for lang in ("zh", "en"))
            publish_document(actor=actor, kind=kind, zh=zh, en=en, now=now)
    if not Edition.objects.exists():
        publish_course(actor=actor, text=read(f"{COURSE}.toml"), now=now)


def read(name: str) -> str:
    """Return a shipped text."""
    return (CONTENT / name).read_text("utf-8")
