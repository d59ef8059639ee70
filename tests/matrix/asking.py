"""Ask every route as everybody, and say whether they got to what it is about."""

from django.urls import reverse

from tests.console.test_doors import _ARGUMENTS, _POSTED

PHONE = "16100005678"


def page(network, client, route):
    """Return the answer of one page."""
    area, _, name = route.name.rpartition(":")
    known = _ARGUMENTS if area == "console" else _ACCOUNT
    arguments = known[name](network) if name in known else []
    if name in PEOPLE:
        arguments = [network.colleague]
    address = reverse(route.name, args=arguments)
    if area == "console" and name in _POSTED:
        return client.post(address, FORMS.get(name, {}))
    return client.get(address)


# Good forms for acts on the parcel: with a bad one nobody gets as far as whose parcel it is.
FORMS = {
    "reveal": {"field": "recipient_name", "purpose": "complaint", "reason": "complaint_handling"},
    "print": {"format": "pdf", "size": "76x130", "dpi": "203", "reason": "first_print"},
    "real-name": {"kind": "resident_id", "id_number": "11010519491231002X"},
    "confirm-stop": {"branch": "HZ002"},
    "consent": {"side": "recipient", "purpose": "survey", "notice_version": "2026-11", "answer": "no"},
    "grant-post": {"role": "courier", "branch": "HZ001", "reason": "moved"},
    "review-person": {"answer": "keep"},
    "set-file": {"hr_no": "P-1"},
}
# Addresses about somebody of the staff: a colleague of the first branch.
PEOPLE = frozenset(
    {
        "person",
        "grant-post",
        "revoke-post",
        "review-person",
        "send-on-leave",
        "set-file",
        "announce-leaving",
        "record-reminder",
        "receive-carrier",
        "close-person",
        "make-link",
        "set-hours",
    }
)
_ACCOUNT = {
    "mfa_remove_webauthn": lambda _: [999_999],
    "mfa_edit_webauthn": lambda _: [999_999],
    "first_administrator": lambda _: ["nothing"],
    "join": lambda _: ["nothing"],
    "account_confirm_email": lambda _: ["nothing"],
    "account_reset_password_from_key": lambda _: ["1", "nothing"],
    "label": lambda _: ["nothing"],
    "notice": lambda network: [network.notice],
}


def entered(answer):
    """Return whether a page let somebody in, whatever it then had to say."""
    if answer.status_code in {301, 302} and answer["Location"].startswith("/accounts/login/"):
        return False
    return answer.status_code != 401 and not (
        answer.status_code == 403 and "room_not_for_post" in answer.content.decode()
    )


def reached(answer):
    """Return whether somebody got as far as the object: it was neither hidden from them nor refused."""
    return entered(answer) and answer.status_code not in {403, 404}


def order(network):
    return {
        "order_ref": "MX-1",
        "sender_name": "沈澄澄",
        "sender_phone": "16000001234",
        "sender_address": "浙江省杭州市西湖区曙光路122号6幢2单元301室",
        "recipient_name": "欧阳小禾",
        "recipient_phone": PHONE,
        "recipient_address": "浙江省杭州市滨江区江南大道88号3栋1202",
        "goods_name": "羊毛围巾",
        "goods_kind": "服装",
        "quantity": 1,
        "weight_g": 800,
        "remark": "",
        "notice_version": network.notice,
    }


def call(network, client, operation, *, number=""):
    """Return the answer of one operation of the API, asked as somebody with a good question would."""
    method, path = operation
    question = {
        "/waybills": order(network),
        "/waybills/batch": [order(network)],
        "/waybills/search": {"kind": "phone", "value": PHONE},
        "/waybills/{number}/reveal": {
            "fields": ["recipient_name"],
            "purpose": "complaint",
            "reason": "complaint_handling",
        },
        "/waybills/{number}/scans": {"event": "collected"},
        "/waybills/{number}/real-name": {"kind": "resident_id", "id_number": "11010519491231002X"},
        "/tickets": {"waybill": network.number, "reason": "customer_asked"},
        "/calls": {"call_id": "MX-1", "phone": PHONE},
    }.get(path)
    address = "/api/v1" + path.format(number=number or network.number, place=network.tile)
    if method == "GET":
        return client.get(address)
    return client.post(address, question, content_type="application/json")
