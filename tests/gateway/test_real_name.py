"""The real-name call: a named courier at the branch that takes the parcel in, and no answer that says the number."""

import pytest

from midan.core.fields.document import DocumentKind

CARD = "110101190001010006"
MASKED = "11**************06"


def ask(company, number, *, actor="courier", client="hall", **changes):
    body = {"kind": "resident_id", "id_number": CARD} | changes
    return company.call("POST", f"/waybills/{number}/real-name", body, client=client, actor=actor)


def test_a_check_is_recorded_once_and_answered_masked(company):
    number = company.send()
    first, again = ask(company, number), ask(company, number)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == {"waybill": number, "kind": "resident_id", "masked": MASKED, "replayed": False}
    assert again.json() == first.json() | {"replayed": True}
    other = ask(company, number, kind="passport", id_number="E00000001")
    assert (other.status_code, other.json()["code"], other.json()["clause"]) == (
        409,
        "real_name_conflict",
        "B1",
    )


def test_nothing_else_the_api_answers_holds_the_number_or_its_mask(company):
    number = company.send()
    ask(company, number)
    seen = company.call("GET", f"/waybills/{number}", actor="courier")
    searched = company.call(
        "POST", "/waybills/search", {"kind": "phone", "value": "16100005678"}, actor="manager"
    )
    assert (seen.status_code, searched.status_code) == (200, 200)
    for answer in (seen, searched):
        assert CARD not in answer.content.decode()
        assert MASKED not in answer.content.decode()


@pytest.mark.parametrize("actor", ["agent", "manager", "hr", "stranger"])
def test_another_post_is_refused_by_the_clause_or_by_the_door(company, actor):
    answer = ask(company, company.send(), actor=actor)
    assert answer.status_code == 403
    assert answer.json()["code"] in {"real_name_denied", "actor_refused"}
    assert CARD not in answer.content.decode()


def test_the_scope_and_a_person_are_needed(company):
    number = company.send()
    assert ask(company, number, client="shop").json()["code"] == "scope_missing"
    assert ask(company, number, actor="").json()["code"] == "actor_refused"
    assert ask(company, number, client="").status_code == 401


def test_a_number_nobody_has_and_a_body_of_another_shape(company):
    number = company.send()
    assert ask(company, "MD0000000000017").status_code == 404
    for changes in ({"kind": "licence"}, {"id_number": ""}, {"name": "x"}, {"id_number": 7}):
        assert ask(company, number, **changes).status_code == 422
    wrong = ask(company, number, id_number=CARD[:-1] + "7")
    assert (wrong.status_code, wrong.json()["code"], wrong.json()["details"]["reason"]) == (
        422,
        "invalid_field",
        "id_check",
    )
    assert CARD[:-1] not in wrong.content.decode()


def test_every_kind_of_document_is_a_word_of_the_page(company):
    page = company.http.get("/api/v1/openapi.json").json()
    kinds = page["components"]["schemas"]["DocumentKind"]["enum"]
    assert set(kinds) == {kind.value for kind in DocumentKind}
