"""The verbs of destruction."""

from midan.destruction.services.canaries import plant
from midan.destruction.services.drilling import drill, sets_to_try
from midan.destruction.services.keeping import end_agreed_holds, place_hold, request_end, set_length
from midan.destruction.services.planning import Erasure, plan_due, request_run
from midan.destruction.services.rotating import request_rotation, rotate_agreed
from midan.destruction.services.steps import advance
from midan.destruction.services.work import Worked, work

__all__ = [
    "Erasure",
    "Worked",
    "advance",
    "drill",
    "end_agreed_holds",
    "place_hold",
    "plan_due",
    "plant",
    "request_end",
    "request_rotation",
    "request_run",
    "rotate_agreed",
    "set_length",
    "sets_to_try",
    "work",
]
