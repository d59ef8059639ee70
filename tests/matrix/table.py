"""Who gets where, written out by hand: a route without a row fails, and a changed rule has to be changed here, knowingly.

Columns: a post at the branch whose parcel or colleague it is (`own`), the same post elsewhere (`other`), the partner
whose parcel it is, another partner (programs, for no named person), and the public.
"""

from dataclasses import dataclass

from midan.people.rules import Role
from tests.console.test_doors import _MAY as ENTER

EVERYBODY = frozenset(role.value for role in Role)
NOBODY = frozenset()


@dataclass(frozen=True, kw_only=True)
class Row:
    own: frozenset
    other: frozenset
    partner: bool = False
    other_partner: bool = False
    public: bool = False


def both(*roles):
    """Return the row of a route that is about no branch's own: each post asks for what is theirs, wherever they work."""
    return Row(own=frozenset(roles), other=frozenset(roles))


def only(own, *, other=NOBODY):
    return Row(own=frozenset(own), other=frozenset(other))


_ALL = {"privacy_officer", "analyst", "regulator"}
_BRANCH = {"courier", "sorter", "clerk", "agent", "branch_manager"}
_SENDS = ("courier", "clerk", "agent", "branch_manager")
_LOG = ("privacy_officer", "analyst", "auditor", "regulator")

# Pages about a parcel or a colleague of one branch: who reaches it there, and from elsewhere. Behind the door.
OBJECTS = {
    "console:waybill": only(_BRANCH | _ALL, other=_ALL),
    "console:reveal": only({"branch_manager", "privacy_officer"}, other={"privacy_officer"}),
    "console:label": only({"courier", "sorter", "clerk", "branch_manager"}),
    "console:print": only({"courier", "sorter", "clerk", "branch_manager"}),
    # Without a ticket for the parcel nobody writes down what its customer said.
    "console:consent": only(NOBODY),
    "console:real-name": only({"courier"}),
    "console:confirm-stop": only({"branch_manager"}),
    "console:person": only(
        {"hr", "branch_manager", "privacy_officer", "auditor"}, other={"hr", "privacy_officer", "auditor"}
    ),
    "console:set-hours": only({"hr", "branch_manager"}, other={"hr"}),
    # Whoever carries it, and where it lies on the shelf: neither holds here, and a clerk on its way learns that (409).
    "console:delivery-address": only(NOBODY),
    "console:station-name": only(NOBODY),
    "console:hand-over": only({"clerk"}),
    "console:grant-post": only({"hr", "branch_manager"}, other={"hr"}),
    "console:revoke-post": only({"hr", "branch_manager"}, other={"hr"}),
    "console:review-person": only({"hr", "branch_manager"}, other={"hr"}),
}
OBJECTS |= {
    f"console:{name}": both("hr")
    for name in (
        "send-on-leave",
        "set-file",
        "announce-leaving",
        "record-reminder",
        "receive-carrier",
        "close-person",
        "make-link",
    )
}
# The door of every page of the console; a room is the post's, wherever its holder works.
DOORS = {f"console:{name}": both(*roles) for name, roles in ENTER.items()}

# Signing in and one's own account: `public` is open to strangers, `own` to whoever signed in, `closed` to nobody.
ACCOUNT = {
    "public": {
        "account_login",
        "account_inactive",
        "mfa_login_webauthn",
        "set_language",
        "portal:track",
        "portal:notice",
        # Each with a token that nobody has: what it opens stands in tests/portal and tests/people.
        "portal:label",
        "first_administrator",
        "join",
    },
    "own": {
        "account_logout",
        "account_reauthenticate",
        "account_change_password",
        "mfa_activate_totp",
        "mfa_authenticate",
        "mfa_reauthenticate",
        "mfa_reauthenticate_webauthn",
        "mfa_generate_recovery_codes",
        "mfa_view_recovery_codes",
        "mfa_download_recovery_codes",
        "mfa_index",
        "mfa_list_webauthn",
        "mfa_add_webauthn",
        "mfa_remove_webauthn",
        "usersessions_list",
    },
    "closed": {
        "account_signup",
        "account_email",
        "account_email_verification_sent",
        "account_set_password",
        "account_reset_password",
        "account_reset_password_done",
        "account_reset_password_from_key",
        "account_reset_password_from_key_done",
        "account_confirm_login_code",
        "account_confirm_email",
        "mfa_deactivate_totp",
        "mfa_edit_webauthn",
    },
}
# The token endpoint is an operation of the API, and named in the map as well.
ELSEWHERE = {"token"}
# The customer's QR code in capitals, and the one pattern that shuts what the sign-in library brings.
NAMELESS = 2

CALLS = {
    ("POST", "/waybills"): Row(
        own=frozenset(_SENDS), other=frozenset(_SENDS), partner=True, other_partner=True
    ),
    ("POST", "/waybills/batch"): Row(
        own=frozenset(_SENDS), other=frozenset(_SENDS), partner=True, other_partner=True
    ),
    ("POST", "/waybills/search"): both("clerk", "agent", "branch_manager", "privacy_officer", "analyst"),
    ("GET", "/waybills/{number}"): Row(
        own=frozenset(_BRANCH | _ALL), other=frozenset(_ALL), partner=True, other_partner=False
    ),
    ("POST", "/waybills/{number}/reveal"): only(
        {"branch_manager", "privacy_officer"}, other={"privacy_officer"}
    ),
    ("POST", "/waybills/{number}/scans"): only({"courier", "clerk", "branch_manager"}),
    ("POST", "/waybills/{number}/real-name"): only({"courier"}),
    # A session prints by the console's form.
    ("GET", "/waybills/{number}/label"): Row(own=NOBODY, other=NOBODY, partner=True, other_partner=False),
    ("POST", "/tickets"): only({"agent"}),
    # Signed by the telephone system; what is asked here bears no signature.
    ("POST", "/calls"): only(NOBODY),
    ("GET", "/audit/checkpoint"): Row(own=EVERYBODY, other=EVERYBODY, partner=True, other_partner=True),
    ("GET", "/audit/tile/{place}"): Row(
        own=frozenset(_LOG), other=frozenset(_LOG), partner=True, other_partner=True
    ),
}
# What a program asks only for a named person.
FOR_PERSONS = {
    ("POST", "/waybills/search"),
    ("POST", "/waybills/{number}/reveal"),
    ("POST", "/waybills/{number}/scans"),
    ("POST", "/waybills/{number}/real-name"),
    ("POST", "/tickets"),
    ("POST", "/calls"),
}
# Described, but asked with a client's secret and not with a token; its refusals stand in tests/gateway/test_doors.py.
TOKENS = ("POST", "/token")
# A device is known by the signature in the body alone; its refusals stand in tests/gateway/test_devices.py.
SIGNED = {("POST", "/devices"), ("POST", "/devices/{number}/reports")}
# The description itself is public: it says nothing that is not in docs/reference/api.md.
PUBLIC_CALLS = {"/openapi.json", "/"}
