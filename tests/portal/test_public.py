"""What anybody may see: status, times, cities, the notice. Nothing about a person, no way to try numbers."""

import re

from django.utils import timezone

from midan.core.actor import Actor
from midan.label import services as labels
from midan.portal.rules import ASKS
from tests.console.conftest import CLEAR

UNKNOWN = "MD0000000000000"


def test_tracking_answers_status_only(company):
    answer = company.client("").post("/track", {"number": company.number})
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "已下单" in page
    assert [value for value in CLEAR if value in page] == []
    assert "*" not in re.sub(r"<[^>]*>", "", page)


def test_the_number_is_taken_as_people_type_it(company):
    typed = f" {company.number[:6].lower()} {company.number[6:]} "
    assert company.client("").post("/track", {"number": typed}).status_code == 200


def test_unknown_and_malformed_numbers_answer_alike(company):
    def body(number):
        page = company.client("").post("/track", {"number": number}).content.decode()
        return re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", page)

    assert body(UNKNOWN) == body("x' OR 1=1 --")
    assert company.client("").post("/track", {"number": UNKNOWN}).status_code == 404


def test_the_number_never_stands_in_an_address(company):
    answer = company.client("").get(f"/track?number={company.number}")
    assert company.number not in answer.content.decode().replace(f"/track?number={company.number}", "")


def test_an_address_that_keeps_asking_is_slowed_down(company):
    client = company.client("")
    answers = [client.post("/track", {"number": UNKNOWN}).status_code for _ in range(ASKS + 2)]
    assert answers == [404] * ASKS + [429, 429]


def test_behind_a_proxy_each_visitor_has_a_limit_of_their_own_and_none_by_what_they_write(
    company, monkeypatch
):
    monkeypatch.setenv("MIDAN_TRUSTED_PROXIES", "1")
    client = company.client("")

    def ask(forwarded):
        return client.post("/track", {"number": UNKNOWN}, headers={"X-Forwarded-For": forwarded}).status_code

    answers = [ask(f"203.0.113.{place}, 198.51.100.7") for place in range(ASKS + 1)]
    assert answers == [404] * ASKS + [429]
    assert ask("198.51.100.8") == 404
    # One line has a whole IPv6 network to ask from.
    assert [ask(f"2001:db8::{place:x}") for place in range(ASKS + 1)] == [404] * ASKS + [429]


def test_without_a_proxy_the_header_is_not_read(company):
    client = company.client("")
    answers = [
        client.post(
            "/track", {"number": UNKNOWN}, headers={"X-Forwarded-For": f"203.0.113.{place}"}
        ).status_code
        for place in range(ASKS + 1)
    ]
    assert answers == [404] * ASKS + [429]


def test_a_labels_code_opens_the_status_and_the_recipients_notice(company):
    from midan.core.labeltoken import LabelToken, encode
    from midan.label.models import Print
    from midan.vault.services import company_key

    labels.print_labels(actor=Actor.system("test"), waybills=[company.number], now=timezone.now())
    copy = Print.objects.get()
    token = encode(company_key("label-token"), LabelToken(sequence=copy.seq, print_id=copy.print_id))
    for address in (f"/l/{token}", f"/L/{token}"):
        page = company.client("").get(address).content.decode()
        assert company.number in page
        assert "如果您是收件人" in page
        assert [value for value in CLEAR if value in page] == []


def test_a_made_up_code_teaches_nothing(company):
    answers = {company.client("").get(f"/l/{token}").status_code for token in ("A" * 26, "short", "A" * 300)}
    assert answers == {404}


def test_the_notice_is_read_in_both_languages(company):
    chinese = company.client("").get(f"/notice/{company.notice}").content.decode()
    english = company.client("", language="en").get(f"/notice/{company.notice}").content.decode()
    assert "您的权利" in chinese
    assert "Your rights" in english
    assert company.client("").get("/notice/1999-01").status_code == 404
