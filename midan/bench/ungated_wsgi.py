"""Midan without its gates, served by `midan bench` alone: nothing gathered, decided or counted; same entry, same keyd.

What it leaves out is what a reveal's gates cost. Nothing else of the product can be started like this.
"""

import os
from typing import Any

import django

from midan.config.start import spare_looks, spare_turns

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "midan.config.settings")
django.setup(set_prefix=False)

from functools import cache  # noqa: E402
from importlib import import_module  # noqa: E402

from django.core.handlers.wsgi import WSGIHandler  # noqa: E402
from django.http import HttpRequest  # noqa: E402
from django.http.response import HttpResponseBase  # noqa: E402

from midan.access.rules.sweep import DILIGENT  # noqa: E402
from midan.access.selectors.facts import Asker, Question, find_waybill  # noqa: E402
from midan.access.services.sights import Seen  # noqa: E402

_UNSEEN = Seen(version="", facts="")
_GROUND = {"permit": "manager_answers_for_branch"}


def _let_through(_asker: Asker, question: Question) -> tuple[Any, Any]:
    return find_waybill(question.number), entries.Basis(said=_GROUND, work=DILIGENT, seen=_UNSEEN)


def _nothing(*_: Any, **__: Any) -> None:
    return None


@cache
def _open_the_gates() -> None:
    """Take the gates away in this process, once it answers: to import this module changes nothing."""
    for module, name, instead in (
        (reveal, "_permitted", _let_through),
        (entries, "spend", _nothing),
        (entries, "_count", _nothing),
    ):
        setattr(module, name, instead)


class _Ungated(WSGIHandler):
    def get_response(self, request: HttpRequest) -> HttpResponseBase:
        _open_the_gates()
        return super().get_response(request)


reveal = import_module("midan.access.services.reveal")
entries = import_module("midan.access.services.entries")
application = _Ungated()
spare_looks()
spare_turns()
