"""What the pages show and what they never show."""

import json
import re
from datetime import date

import pytest
from django.urls import reverse
from django.utils import timezone

from midan.access.rules.sweep import sweep
from midan.access.selectors.policies import book
from midan.audit import selectors as audit
from midan.audit.selectors import EntryFilter
from midan.console.selectors.waybills import purposes_for
from midan.core.actor import Actor
from midan.people import services as people
from midan.waybill.services import scan
from tests.console.conftest import ADDRESS, CLEAR, NAME, PHONE, SYSTEM, as_csv, order

OFFICER_PAGES = ("overview", "waybills", "search", "catalogue", "notices", "log", "clauses")


def every_page(company):
    officer = company.client("privacy_officer")
    for name in OFFICER_PAGES:
        yield officer.get(reverse(f"console:{name}"))
    yield officer.get(reverse("console:waybill", args=[company.number]))
    yield officer.get(reverse("console:notice", args=[company.notice]))
    newest = audit.entries(EntryFilter(), limit=1).items[0]
    yield officer.get(reverse("console:entry", args=[newest.entry_id]))
    yield company.client("branch_manager").get(reverse("console:upload"))
    yield company.client("agent").get(reverse("console:tickets"))
    for address in ("/track", f"/notice/{company.notice}", "/accounts/login/", "/nothing-here"):
        yield company.client("").get(address)


def test_every_page_is_under_the_strict_policy_and_has_nothing_inline(company):
    for answer in every_page(company):
        page, policy = answer.content.decode(), answer["Content-Security-Policy"]
        assert "script-src 'self'" in policy
        assert "style-src 'self'" in policy
        assert "unsafe" not in policy
        for script in re.findall(r"<script[^>]*>", page):
            assert "src=" in script or 'type="application/json"' in script, script
        assert not re.search(r"<[^>]+\s(style|on[a-z]+)=", page)
        assert "<style" not in page


def test_no_page_holds_a_customers_value(company):
    for answer in every_page(company):
        page = answer.content.decode()
        assert [value for value in CLEAR if value in page] == []


def test_pages_with_personal_data_carry_the_watermark_and_stay_out_of_caches(company):
    officer = company.client("privacy_officer")
    for address in ("/waybills/", "/waybills/search/", f"/waybills/{company.number}/"):
        answer = officer.get(address)
        assert 'class="watermark"' in answer.content.decode()
        assert answer["Cache-Control"] == "no-store"
    tile = officer.get("/watermark.svg")
    assert tile["Content-Type"] == "image/svg+xml"
    assert re.search(r"S0000\d  \d{4}-\d\d-\d\d \d\d:\d\d", tile.content.decode())


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_pages_speak_the_chosen_language(company, language):
    page = company.client("privacy_officer", language=language).get("/clauses/").content.decode()
    assert ("Not yet" in page) == (language == "en")
    assert ("尚未落实" in page) == (language == "zh-hans")


def test_the_language_switch_is_remembered(company):
    client = company.client("privacy_officer")
    client.post("/i18n/setlang/", {"language": "en", "next": "/log/"})
    assert client.cookies["django_language"].value == "en"
    assert int(client.cookies["django_language"]["max-age"]) > 24 * 3600
    assert '<html lang="en"' in client.get("/log/").content.decode()


def test_a_reveal_shows_one_value_and_is_in_the_log(company):
    officer = company.client("privacy_officer")
    answer = officer.post(
        reverse("console:reveal", args=[company.number]),
        {"field": "recipient_phone", "purpose": "rights_request", "reason": "copy_requested"},
    )
    page = answer.content.decode()
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "no-store"
    assert PHONE in page
    assert NAME not in page
    assert 'data-seconds="30"' in page
    (entry,) = audit.entries(EntryFilter(act="access:part:revealed")).items
    assert entry.entry.outcome == "allowed"


@pytest.mark.parametrize(
    ("role", "offered"),
    [
        ("courier", {"deliver", "pick_up"}),
        ("agent", {"customer_service", "complaint", "claim"}),
        ("privacy_officer", {"rights_request", "complaint", "lawful_disclosure"}),
        ("analyst", {"security_review"}),
        ("regulator", {"lawful_disclosure"}),
    ],
)
@pytest.mark.django_db
def test_a_post_is_offered_the_purposes_that_some_rule_gives_it_and_no_other(role, offered):
    permitted = {purpose for post, _, purpose in sweep(book()).staff if post == role}
    assert {choice.code for choice in purposes_for(role)} == offered
    assert offered <= permitted


def test_a_refused_reveal_says_clause_reason_remedy_and_whom_to_ask(company):
    manager = company.client("branch_manager")
    answer = manager.post(
        reverse("console:reveal", args=[company.number]),
        {"field": "goods_name", "purpose": "customer_service", "reason": "customer_asked"},
    )
    page = answer.content.decode()
    assert answer.status_code == 403
    for part in ("L2.2", "怎样才行", "找谁", "日志条目"):
        assert part in page
    assert "羊毛围巾" not in page
    assert audit.entries(EntryFilter(act="access:reveal:denied")).items[0].entry.outcome == "denied"


def test_a_note_with_a_phone_number_is_refused_and_not_repeated(company):
    answer = company.client("privacy_officer").post(
        reverse("console:reveal", args=[company.number]),
        {
            "field": "recipient_phone",
            "purpose": "rights_request",
            "reason": "copy_requested",
            "note": f"{NAME} {PHONE}",
        },
    )
    assert answer.status_code == 400
    assert PHONE not in answer.content.decode()


def test_a_note_is_read_on_the_page_of_its_entry_by_those_who_read_the_log(company):
    question = {
        "field": "recipient_phone",
        "purpose": "rights_request",
        "reason": "copy_requested",
        "note": "客户到店出示了回执",
    }
    officer = company.client("privacy_officer")
    assert officer.post(reverse("console:reveal", args=[company.number]), question).status_code == 200
    (view,) = audit.entries(EntryFilter(act="access:part:revealed")).items
    address = reverse("console:entry", args=[view.entry_id])
    assert "客户到店出示了回执" in company.client("auditor").get(address).content.decode()
    assert company.client("clerk").get(address).status_code == 403


def test_a_search_finds_by_phone_without_the_phone_in_any_address(company):
    client = company.client("branch_manager")
    answer = client.post("/waybills/search/", {"kind": "phone", "value": PHONE})
    page = answer.content.decode()
    assert company.number in page
    assert PHONE not in page
    assert audit.entries(EntryFilter(act="access:search:performed")).items[0].entry.object == "search:phone"
    assert "value=" not in "".join(re.findall(r'href="([^"]*)"', page))


@pytest.mark.parametrize(
    ("role", "kind", "said", "unsaid"),
    [
        ("privacy_officer", "phone", "全部网点", "您网点"),
        ("analyst", "order_ref", "全部网点", "您网点"),
        ("branch_manager", "phone", "经过您网点", "工单"),
        ("agent", "phone", "来电工单", "全部网点"),
        ("agent", "order_ref", "经过您网点", "工单"),
    ],
)
def test_a_search_in_vain_says_where_was_looked(company, role, kind, said, unsaid):
    answer = company.client(role).post("/waybills/search/", {"kind": kind, "value": "16199990000"})
    hint = answer.content.decode().partition('class="empty-state"')[2].partition("</div>")[0]
    assert said in hint
    assert unsaid not in hint


def test_a_search_of_nonsense_says_so_and_repeats_nothing(company):
    answer = company.client("branch_manager").post("/waybills/search/", {"kind": "phone", "value": "99<b>7"})
    assert answer.status_code == 422
    assert "99&lt;b&gt;7" not in answer.content.decode()
    assert "99<b>7" not in answer.content.decode()


def test_an_unknown_and_a_forbidden_waybill_answer_alike(company):
    foreign = company.client("hr").get(f"/waybills/{company.number}/").status_code
    unknown = company.client("privacy_officer").get("/waybills/MD0000000000000/")
    assert foreign == 403
    assert unknown.status_code == 404
    assert "not_found" in unknown.content.decode()


def test_an_upload_streams_and_answers_row_field_and_reason_only(company):
    manager = company.client("branch_manager")
    body = as_csv(
        order(company.notice, order_ref="A-1"),
        order(company.notice, order_ref="A-2", recipient_phone="not a phone"),
        order("1999-01", order_ref="A-3"),
    )
    answer = manager.post("/waybills/upload/file?format=csv", body, content_type="application/octet-stream")
    page = answer.content.decode()
    assert answer.status_code == 200, page
    assert 'data-count="accepted">1<' in page
    assert 'data-count="rejected">2<' in page
    assert "recipient_phone" in page
    assert "not a phone" not in page
    assert [value for value in CLEAR if value in page] == []
    again = manager.post("/waybills/upload/file?format=csv", body, content_type="application/octet-stream")
    assert 'data-count="replayed">1<' in again.content.decode()


def test_one_file_is_taken_in_once_by_whatever_way_the_branch_sends_it(
    company, tmp_path, monkeypatch, capsys
):
    from midan.cli.app import run

    monkeypatch.setattr("midan.cli.intake.ready", lambda: None)
    manager = company.client("branch_manager")
    one, other = order(company.notice, order_ref="W-1"), order(company.notice, order_ref="W-2")
    body = as_csv(one, other)
    manager.post("/waybills/upload/file?format=csv", body, content_type="application/octet-stream")
    path = tmp_path / "orders.csv"
    path.write_bytes(body)
    assert run(["intake", str(path), "--branch", "HZ001"]) == 0
    last = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (last["accepted"], last["replayed"]) == (0, 2)
    by_hand = manager.post(
        "/api/v1/waybills", one | {"quantity": 1, "weight_g": 800}, content_type="application/json"
    )
    assert (by_hand.status_code, by_hand.json()["replayed"]) == (200, True)


def test_a_clause_names_the_parts_that_show_no_evidence_yet(company):
    from midan.review.selectors import clause_states

    silent = {area for state in clause_states(date(2026, 11, 23)) for area in state.silent}
    assert "incidents" in silent
    for language, name in (("zh-hans", "事件应急"), ("en", "Incident")):
        page = company.client("privacy_officer", language=language).get("/clauses/").content.decode()
        parts = re.findall(r'class="silent">.*?<span>(.*?)</span>', page, re.DOTALL)
        assert any(name in part for part in parts)
        assert "incidents" not in "".join(parts)


def test_a_file_of_another_kind_is_refused_by_name(company):
    answer = company.client("branch_manager").post(
        "/waybills/upload/file?format=xlsx", b"PK..", content_type="application/octet-stream"
    )
    assert answer.status_code == 422
    assert "unknown_format" in answer.content.decode()


def test_the_template_holds_the_contracts_columns(company):
    answer = company.client("branch_manager").get("/waybills/upload/template.csv")
    assert answer.content.decode("utf-8-sig").startswith("order_ref,sender_name,")


@pytest.mark.parametrize(
    ("form", "dpi", "beginning", "suffix"),
    [
        ("pdf", 203, b"%PDF", "pdf"),
        ("png", 300, b"\x89PNG", "png"),
        ("zpl", 203, b"^XA", "zpl"),
        ("tspl", 300, b"SIZE", "tspl"),
    ],
)
def test_a_label_prints_in_the_form_the_printer_takes(company, form, dpi, beginning, suffix):
    manager = company.client("branch_manager")
    page = manager.get(reverse("console:waybill", args=[company.number])).content.decode()
    assert f'<option value="{form}">' in page
    assert f"<option>{dpi}</option>" in page
    wish = {"reason": "first_print", "size": "76x130", "format": form, "dpi": dpi}
    printed = manager.post(reverse("console:print", args=[company.number]), wish)
    assert printed.content.lstrip().startswith(beginning)
    assert printed["Content-Disposition"].endswith(f'.{suffix}"')
    entry = audit.entries(EntryFilter(act="label:")).items[0].entry
    assert (entry.act, entry.details["format"], entry.details["dpi"]) == ("label:label:printed", form, dpi)
    page = manager.get(reverse("console:waybill", args=[company.number])).content.decode()
    assert "打印面单" in page.split('id="history"')[1].split("</section>")[0]


def test_a_preview_is_a_picture_and_a_form_nobody_prints_is_refused(company):
    manager = company.client("branch_manager")
    preview = manager.get(reverse("console:label", args=[company.number]))
    assert preview.content.startswith(b"\x89PNG")
    wish = {"reason": "first_print", "size": "76x130", "format": "gif", "dpi": 203}
    refused = manager.post(reverse("console:print", args=[company.number]), wish)
    assert (refused.status_code, audit.entries(EntryFilter(act="label:")).items) == (400, ())


def test_the_log_verifies_and_hands_out_a_proof(company):
    from django.utils import timezone

    from midan.audit import services

    auditor = company.client("auditor")
    assert "note-box good" in auditor.post("/log/verify").content.decode()
    services.integrate(now=timezone.now())
    entry = audit.entries(EntryFilter(act="audit:log:verified")).items[0]
    proof = auditor.get(reverse("console:proof", args=[entry.entry_id]))
    assert proof["Content-Disposition"].startswith("attachment")
    assert proof.json()["index"] == entry.index
    assert auditor.get("/log/checkpoint.txt").content.decode().count("\n") >= 4


def test_the_log_filters_by_subject(company):
    auditor = company.client("auditor")
    assert "collection:" in auditor.get("/log/?act=collection:").content.decode()
    assert "没有符合的条目" in auditor.get("/log/?actor=staff:S99999").content.decode()


def test_a_published_notice_cannot_be_published_again(company):
    officer = company.client("privacy_officer")
    assert officer.post("/notices/publish", {"version": "2031-01"}).status_code == 302
    again = officer.post("/notices/publish", {"version": "2031-01"})
    assert again.status_code == 409
    assert "notice_exists" in again.content.decode()
    assert officer.post("/notices/publish", {"version": "tomorrow"}).status_code == 400


def test_a_ticket_opens_and_closes(company):
    agent = company.client("agent")
    opened = agent.post("/tickets/", {"waybill": company.number, "reason": "customer_asked"}, follow=True)
    (code,) = re.findall(r"/tickets/(\w+)/close", opened.content.decode())
    closed = agent.post(f"/tickets/{code}/close", follow=True)
    assert f"/tickets/{code}/close" not in closed.content.decode()


def test_a_customer_on_the_phone_agrees_and_withdraws_and_the_parcels_history_says_so(company):
    agent, address = company.client("agent", language="en"), f"/waybills/{company.number}/"
    assert 'id="consents"' not in agent.get(address).content.decode()
    said = {"side": "recipient", "purpose": "survey", "notice_version": company.notice}
    assert agent.post(f"{address}consent", said | {"answer": "yes"}).status_code == 403
    agent.post("/tickets/", {"waybill": company.number, "reason": "customer_asked"})
    offered = agent.get(address).content.decode()
    assert "only with your separate consent" in offered
    assert offered.count("Record consent") == 2
    given = agent.post(f"{address}consent", said | {"answer": "yes"}, follow=True).content.decode()
    assert (given.count("Record consent"), given.count("Record withdrawal")) == (1, 1)
    assert "Agreed since" in given
    taken_back = agent.post(f"{address}consent", said | {"answer": "no"}, follow=True).content.decode()
    assert taken_back.count("Record consent") == 2
    acts = [view.entry.act for view in audit.of_object(f"waybill:{company.number}")]
    assert acts == ["access:consent:denied", "collection:consent:given", "collection:consent:withdrawn"]
    assert agent.post(f"{address}consent", said | {"answer": "perhaps"}).status_code == 400
    assert agent.post(f"{address}consent", said | {"purpose": "deliver", "answer": "yes"}).status_code == 400


def test_signing_in_and_failing_to_are_logged_without_what_was_typed(company):
    from django.contrib.auth import get_user_model

    person = get_user_model().objects.get(role="hr")
    person.set_password("a long enough word for tests 7")
    person.save()
    client = company.client("")
    client.post("/accounts/login/", {"login": "hr", "password": ADDRESS})
    client.post("/accounts/login/", {"login": "hr", "password": "a long enough word for tests 7"})
    client.post("/accounts/logout/")
    acts = [view.entry.act for view in audit.entries(EntryFilter(act="people:session:")).items]
    assert acts == ["people:session:signed_out", "people:session:signed_in", "people:session:refused"]
    refused = audit.entries(EntryFilter(act="people:session:refused")).items[0]
    assert refused.entry.actor == "public:unknown"
    assert ADDRESS not in refused.entry.to_bytes().decode()


def test_pages_move_from_the_address_to_the_name(company):
    client = company.client("")
    moved = client.get("/track?x=1", SERVER_NAME="127.0.0.1", SERVER_PORT="8000")
    assert moved["Location"] == "http://localhost:8000/track?x=1"
    asset = client.get("/static/ui/midan.css", SERVER_NAME="127.0.0.1")
    assert b"".join(asset.streaming_content).startswith(b"/* Midan")
    assert client.get("/api/v1/openapi.json", SERVER_NAME="127.0.0.1").status_code != 302


@pytest.mark.parametrize("signed_in", ["clerk", ""])
@pytest.mark.parametrize("where", ["search", "tickets", "waybills"])
@pytest.mark.parametrize("key", ["value", "name", "phone", "recipient_phone"])
def test_a_key_in_an_address_is_asked_for_again_without_it(company, signed_in, where, key):
    client, clean = company.client(signed_in), reverse(f"console:{where}")
    answer = client.get(clean, {key: PHONE, "status": "accepted"})
    assert (answer.status_code, answer["Location"]) == (302, f"{clean}?status=accepted")
    assert PHONE not in client.get(clean, {key: PHONE}, follow=True).content.decode()


def test_the_way_back_of_the_language_switch_repeats_filters_and_nothing_typed(company):
    client = company.client("clerk")
    shown = client.get(reverse("console:waybills"), {"status": "accepted", "q": PHONE}).content.decode()
    assert PHONE not in shown
    assert 'name="next" value="/waybills/?status=accepted"' in shown


def test_a_parcel_seen_off_its_route_says_so_and_its_manager_lets_the_finder_on(company):
    people.create_branch(
        actor=SYSTEM, code="BJ001", name="海淀店", kind="own", district_code="110108", city="北京市"
    )
    now = timezone.now()
    for event, actor in (
        ("collected", Actor(kind="staff", name="S1", role="courier", branch="HZ001")),
        ("departed", Actor(kind="staff", name="S2", role="sorter", branch="HZ001")),
        ("arrived", Actor(kind="staff", name="S3", role="branch_manager", branch="BJ001")),
    ):
        scan(actor=actor, number=company.number, event=event, branch=actor.branch, at=now, now=now)
    address = reverse("console:waybill", args=[company.number])
    watched = company.client("privacy_officer").get(address).content.decode()
    assert ('id="strays"' in watched, 'value="BJ001"' in watched) == (True, False)
    assert "路线之外的扫描" in watched
    manager = company.client("branch_manager")
    assert 'value="BJ001"' in manager.get(address).content.decode()
    confirm = reverse("console:confirm-stop", args=[company.number])
    assert manager.post(confirm, {"branch": "BJ001"}).status_code == 302
    assert 'id="strays"' not in manager.get(address).content.decode()
    assert manager.post(confirm, {"branch": "BJ001"}).status_code == 409
    assert manager.post(confirm, {}).status_code == 400


def test_a_courier_records_the_senders_document_and_every_page_says_only_that(company):
    card = "110101190001010006"
    address = reverse("console:waybill", args=[company.number])
    courier, officer = company.client("courier"), company.client("privacy_officer", language="en")
    asked = courier.get(address).content.decode()
    assert ('id="document-number"' in asked, "实名已核验" in asked) == (True, False)
    assert 'id="real-name"' not in officer.get(address).content.decode()
    where = reverse("console:real-name", args=[company.number])
    shown = {"kind": "resident_id", "id_number": card}
    wrong = courier.post(where, shown | {"id_number": card[:-1] + "7"})
    assert (wrong.status_code, card[:-1] in wrong.content.decode()) == (422, False)
    assert courier.post(where, {"kind": "licence", "id_number": card}).status_code == 400
    done = courier.post(where, shown, follow=True).content.decode()
    assert "实名已核验" in done
    assert "居民身份证" in done
    assert 'id="document-number"' not in done
    assert courier.post(where, shown | {"kind": "passport", "id_number": "E00000001"}).status_code == 409
    seen = officer.get(address).content.decode()
    assert "Real name checked" in seen
    assert "Resident identity card" in seen
    for page in (done, seen, *(answer.content.decode() for answer in every_page(company))):
        assert card not in page
        assert "11**************06" not in page
    assert company.client("clerk").post(where, shown).status_code == 403
