"""The verbs of the register: make a code, enrol, report, bind a browser, share, rename, revoke. Each with its entry."""

from midan.devices.services.binding import Bound, bind, register_phone
from midan.devices.services.register import rename, revoke, revoke_all, share, stand_in
from midan.devices.services.reporting import Enrolled, Judgement, enrol, make_code, report

__all__ = [
    "Bound",
    "Enrolled",
    "Judgement",
    "bind",
    "enrol",
    "make_code",
    "register_phone",
    "rename",
    "report",
    "revoke",
    "revoke_all",
    "share",
    "stand_in",
]
