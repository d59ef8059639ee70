"""Every address of the console against every post, as one table: what is not written here is not entered."""

import pytest
from django.urls import reverse

from midan.console.doors import DOOR
from midan.console.menu import MENU, first_view, menu
from midan.console.rules import ENTERS, Room, enters
from midan.console.urls import urlpatterns
from midan.people.rules import Role

_ARGUMENTS = {
    "waybill": lambda company: [company.number],
    "reveal": lambda company: [company.number],
    "delivery-address": lambda company: [company.number],
    "station-name": lambda company: [company.number],
    "hand-over": lambda company: [company.number],
    "label": lambda company: [company.number],
    "print": lambda company: [company.number],
    "consent": lambda company: [company.number],
    "confirm-stop": lambda company: [company.number],
    "real-name": lambda company: [company.number],
    "close-ticket": lambda company: ["ABCDEFGHJK"],
    "notice": lambda company: [company.notice],
    "entry": lambda company: ["0" * 32],
    "proof": lambda company: ["0" * 32],
    "witness-paper": lambda company: ["0" * 32],
    "paper-act": lambda company: ["0" * 32],
    "add-paper-photo": lambda company: ["0" * 32],
    "paper-photo": lambda company: ["0" * 32],
    "sign-duty": lambda company: ["agreement"],
    "signed-duty": lambda company: ["agreement"],
    "course-page": lambda company: ["privacy-policy", 1],
    "begin-exam": lambda company: ["privacy-policy"],
    "exam": lambda company: ["0" * 32],
    "duty-check": lambda company: ["0" * 32],
    "check-evidence": lambda company: ["0" * 32],
    "approve": lambda company: ["0" * 16],
    "refuse": lambda company: ["0" * 16],
    "review-glass": lambda company: ["0" * 16],
    "close-case": lambda company: ["0" * 32],
    "case-papers": lambda company: ["0" * 32],
    "policy-draft": lambda company: ["0" * 16],
    "request-policy": lambda company: ["0" * 16],
    "end-session": lambda company: [999_999],
    "end-hold": lambda company: ["0" * 16],
    "run": lambda company: ["D20261123-0001"],
    "run-progress": lambda company: ["D20261123-0001"],
    "certificate-json": lambda company: ["D20261123-0001"],
    "drill-json": lambda company: ["R20261123-0001"],
    "certificate-pdf": lambda company: ["D20261123-0001"],
}
_ARGUMENTS |= dict.fromkeys(
    ("client", "change-client", "rotate-client", "ask-client-scopes", "revoke-client"),
    lambda company: ["A" * 24],
)
_ARGUMENTS |= dict.fromkeys(
    (
        "person",
        "grant-post",
        "revoke-post",
        "review-person",
        "send-on-leave",
        "set-file",
        "make-link",
        "set-hours",
        "announce-leaving",
        "record-reminder",
        "receive-carrier",
        "close-person",
    ),
    lambda company: ["S00001"],
)
_ARGUMENTS |= dict.fromkeys(
    ("bind-device", "rename-device", "revoke-device", "share-device"), lambda company: ["0" * 32]
)
_POSTED = {
    "review-glass",
    "request-case",
    "close-case",
    "case-papers",
    "save-policy",
    "request-policy",
    "make-client",
    "change-client",
    "rotate-client",
    "ask-client-scopes",
    "revoke-client",
    "device-code",
    "register-phone",
    "bind-device",
    "rename-device",
    "revoke-device",
    "client-device-code",
    "share-device",
    "end-session",
    "grant-post",
    "revoke-post",
    "review-person",
    "send-on-leave",
    "set-file",
    "make-link",
    "set-hours",
    "announce-leaving",
    "record-reminder",
    "receive-carrier",
    "close-person",
    "sign-reminder",
    "take-roster",
    "name-owner",
    "count-paper",
    "seal-bag",
    "destroy-bags",
    "witness-paper",
    "add-paper-photo",
    "paper-photo",
    "request-rotation",
    "reveal",
    "delivery-address",
    "station-name",
    "hand-over",
    "consent",
    "confirm-stop",
    "real-name",
    "print",
    "close-ticket",
    "publish",
    "verify",
    "receive",
    "approve",
    "refuse",
    "set-length",
    "request-run",
    "place-hold",
    "end-hold",
    "begin-exam",
    "request-check",
    "check-evidence",
}
# Written out by hand, so that a change of the rules has to be made twice, knowingly.
_MAY = {
    "home": set(Role),
    "watermark": set(Role),
    "overview": {"privacy_officer", "analyst", "auditor", "regulator", "branch_manager", "sysadmin"},
    "waybills": {
        "courier",
        "sorter",
        "clerk",
        "agent",
        "branch_manager",
        "privacy_officer",
        "analyst",
        "regulator",
    },
    "search": {"clerk", "agent", "branch_manager", "privacy_officer", "analyst"},
    "confirm-stop": {"branch_manager"},
    "real-name": {"courier"},
    "upload": {"clerk", "branch_manager", "integrator"},
    "label": {"courier", "sorter", "clerk", "branch_manager"},
    "tickets": {"agent"},
    "catalogue": {"privacy_officer", "analyst", "auditor", "regulator", "branch_manager", "hr", "integrator"},
    "notices": {"privacy_officer", "analyst", "auditor", "regulator", "branch_manager"},
    "publish": {"privacy_officer"},
    "log": {"privacy_officer", "analyst", "auditor", "regulator"},
    "keep": {"privacy_officer", "analyst", "auditor", "regulator"},
    "set-length": {"privacy_officer"},
    "approvals": {"privacy_officer", "analyst", "hr"},
    "clauses": {"privacy_officer", "analyst", "auditor", "regulator", "branch_manager", "hr", "sysadmin"},
}
_MAY |= dict.fromkeys(
    ("holds", "run", "run-progress", "certificate-json", "certificate-pdf", "drill-json"), _MAY["keep"]
)
_MAY |= dict.fromkeys(("request-run", "place-hold", "end-hold"), _MAY["set-length"])
_MAY |= {"approve": _MAY["approvals"], "refuse": _MAY["approvals"]}
_MAY |= {"waybill": _MAY["waybills"], "reveal": _MAY["waybills"], "print": _MAY["label"]}
_MAY |= {"deliveries": {"courier"}, "delivery-address": {"courier"}}
_MAY |= {key: {"clerk"} for key in ("station", "station-name", "hand-over")}
_MAY |= {
    "receive": _MAY["upload"],
    "template": _MAY["upload"],
    "close-ticket": _MAY["tickets"],
    "consent": _MAY["tickets"],
}
_MAY |= {"notice": _MAY["notices"]} | dict.fromkeys(("verify", "entry", "proof"), _MAY["log"])
# Public by design: it is there to be compared.
_MAY |= {"checkpoint": set(Role)}
_MAY |= {key: {"clerk", "branch_manager"} for key in ("count-paper", "seal-bag", "destroy-bags")}
_MAY["add-paper-photo"] = _MAY["count-paper"]
_MAY |= dict.fromkeys(("paper", "paper-act", "paper-photo"), _MAY["log"] | _MAY["count-paper"])
_MAY |= dict.fromkeys(("keys", "backups", "algorithms"), _MAY["log"] | {"sysadmin"})
_MAY["request-rotation"] = _MAY["set-length"]
_MAY |= {key: set(Role) for key in ("paper-witness", "witness-paper", "end-session")}
_MAY["sessions"] = {"branch_manager", "hr", "sysadmin"}
_MAY |= {
    key: set(Role) for key in ("duties", "sign-duty", "signed-duty", "course-page", "begin-exam", "exam")
}
_MAY["duty-board"] = {"hr", "privacy_officer", "branch_manager", "auditor"}
_MAY |= {
    key: {"hr", "privacy_officer"}
    for key in ("request-check", "duty-check", "check-evidence", "duty-texts", "courses")
}
_MAY |= {key: set(Role) for key in ("paper-witness", "witness-paper")}
_MAY |= {key: {"hr", "branch_manager", "privacy_officer", "auditor"} for key in ("people", "person")}
_MAY |= {"leavers": _MAY["people"] - {"branch_manager"}, "conflicts": _MAY["log"] | {"hr"}}
_MAY |= {key: {"hr", "branch_manager"} for key in ("grant-post", "revoke-post", "set-hours")}
_MAY |= {
    key: {"hr"}
    for key in (
        "send-on-leave",
        "set-file",
        "make-link",
        "announce-leaving",
        "record-reminder",
        "receive-carrier",
        "close-person",
    )
}
_MAY |= {key: {"hr"} for key in ("roster", "roster-template", "take-roster")}
_MAY |= {key: {"hr", "branch_manager", "privacy_officer"} for key in ("reviews", "review-person")}
_MAY |= {"own-leaving": set(Role), "sign-reminder": set(Role), "name-owner": {"privacy_officer"}}
_MAY |= {"glass": _MAY["waybills"] - {"sorter"}, "glass-review": {"privacy_officer"}}
_MAY |= {key: {"privacy_officer"} for key in ("review-glass", "request-case", "close-case")}
_MAY |= {key: {"privacy_officer", "analyst", "auditor", "regulator"} for key in ("cases", "case-papers")}
_MAY |= {key: _MAY["log"] | {"sysadmin"} for key in ("policies", "policy-draft")}
_MAY |= {key: {"privacy_officer", "sysadmin"} for key in ("save-policy", "request-policy")}
_MAY |= {key: _MAY["log"] | {"sysadmin"} for key in ("clients", "client")}
_MAY |= {
    key: {"sysadmin"}
    for key in ("make-client", "change-client", "rotate-client", "ask-client-scopes", "revoke-client")
}
_MAY |= {
    key: set(Role)
    for key in ("device-code", "register-phone", "bind-device", "rename-device", "revoke-device")
}
_MAY |= {key: {"hr", "sysadmin"} for key in ("devices", "client-device-code", "share-device")}
NAMES = [pattern.name for pattern in urlpatterns]


def ask(company, role, name):
    address = reverse(f"console:{name}", args=_ARGUMENTS.get(name, lambda _: [])(company))
    client = company.client(role)
    return client.post(address) if name in _POSTED else client.get(address)


def test_every_address_stands_behind_a_door():
    def door(view):
        while view is not None:
            if hasattr(view, DOOR):
                return getattr(view, DOOR)
            view = getattr(view, "__wrapped__", None)
        return None

    assert [pattern.name for pattern in urlpatterns if door(pattern.callback) not in set(Room)] == []


def test_the_table_names_every_address():
    assert set(_MAY) == set(NAMES)


@pytest.mark.parametrize("role", list(Role))
def test_a_post_enters_exactly_its_rooms(company, role):
    entered = {name for name in NAMES if ask(company, role, name).status_code != 403}
    refused_inside = {
        name
        for name in NAMES
        if name not in entered and "room_not_for_post" not in ask(company, role, name).content.decode()
    }
    # A reveal refused by the policies is a 403 too: it came through the door.
    assert entered | refused_inside == {name for name in NAMES if role in _MAY[name]}


def test_nobody_enters_without_signing_in(company):
    for name in NAMES:
        answer = ask(company, "", name)
        assert answer.status_code == 302, name
        assert answer["Location"].startswith("/accounts/login/"), name


def test_an_unknown_post_enters_nothing():
    assert not any(enters("cleaner", room) for room in Room)
    assert menu("cleaner") == ()


def test_the_menu_shows_only_rooms_the_post_enters():
    for role in Role:
        assert all(enters(role, item.room) for item in menu(role))
    assert set(ENTERS) == set(Room)
    assert len({item.key for item in MENU}) == len(MENU)


@pytest.mark.parametrize("role", list(Role))
def test_the_first_page_of_every_post_opens(company, role):
    answer = company.client(role).get("/", follow=True)
    # Two-step sign-in is where a post without rooms lands.
    assert answer.status_code == 200, first_view(role)


@pytest.mark.parametrize("role", list(Role))
def test_pages_and_api_open_the_log_to_the_same_posts(company, role):
    client = company.client(role)
    assert {client.get(path).status_code for path in ("/log/checkpoint.txt", "/api/v1/audit/checkpoint")} == {
        200
    }
    size = int(client.get("/api/v1/audit/checkpoint").content.decode().splitlines()[1])
    tile = client.get(f"/api/v1/audit/tile/0/000.p/{size}").status_code
    assert (tile, client.get("/log/").status_code) == ((200, 200) if role in _MAY["log"] else (403, 403))
