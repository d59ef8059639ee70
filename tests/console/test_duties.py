"""From red to green through the pages alone, as a person on a phone does it."""

import re
import time

import pytest
from django.urls import reverse

from midan.duties import services
from midan.duties.course import parse
from midan.duties.models import Check, Exam, Reading, Signature
from midan.duties.services.starters import COURSE, read
from midan.people.models import Staff
from tests.console.conftest import SYSTEM

TAUGHT = {one.ask[0]: one.options[0][0] for one in parse(read(f"{COURSE}.toml")).questions}
ENGLISH = {one.ask[1]: one.options[0][1] for one in parse(read(f"{COURSE}.toml")).questions}


@pytest.fixture
def bare(company):
    """Nobody has done anything yet."""
    for kind in (Exam, Reading, Signature, Check):
        kind.objects.all().delete()
    return company


def page(client, name, *args, status=200):
    answer = client.get(reverse(f"console:{name}", args=args))
    assert answer.status_code == status, answer.content
    return answer.content.decode()


def sign(client, kind):
    return client.post(reverse("console:sign-duty", args=[kind]), {"number": 1, "agreed": "on"})


def learn(client):
    for place in range(1, 11):
        page(client, "course-page", COURSE, place)
    return client.post(reverse("console:begin-exam", args=[COURSE]))["Location"]


def answers(text, taught):
    """Answer a sheet by reading it: the option taught for each question, found among those shown."""
    chosen = {}
    for place, block in enumerate(re.findall(r"<fieldset.*?</fieldset>", text, flags=re.DOTALL)):
        ask = re.search(r"</span> (.*?)</legend>", block)[1]
        options = re.findall(r'value="(\d+)" required> <span>(.*?)</span>', block)
        chosen[f"q{place}"] = next(
            value for value, said in options if unquoted(said) == taught[unquoted(ask)]
        )
    return chosen


def unquoted(text):
    return text.replace("&#x27;", "'").replace("&quot;", '"').replace("&amp;", "&")


@pytest.mark.parametrize(("language", "taught"), [("zh-hans", TAUGHT), ("en", ENGLISH)])
def test_a_clerk_signs_learns_and_passes_and_may_search_again(bare, language, taught):
    client = bare.client("clerk", language=language)
    search = {"kind": "phone_tail", "value": "5678"}
    before = client.post(reverse("console:search"), search)
    # As an element: two letters may stand in any random token of the page.
    assert ">M2<" in before.content.decode()
    assert reverse("console:duties") in before.content.decode()
    for kind in ("agreement", "rules"):
        page(client, "sign-duty", kind)
        assert sign(client, kind)["Location"] == reverse("console:duties")
    exam = learn(client)
    text = client.get(exam).content.decode()
    client.post(exam, answers(text, taught))
    assert Exam.objects.get().right == 20
    assert "20 / 20" in client.get(exam).content.decode() or "20 of 20" in client.get(exam).content.decode()
    after = client.post(reverse("console:search"), search)
    assert after.status_code == 200
    assert ">M2<" not in after.content.decode()


def test_nothing_on_the_sheet_tells_which_answer_is_right(bare):
    client = bare.client("courier")
    text = client.get(learn(client)).content.decode()
    drawn = Exam.objects.get().drawn
    places = [order.index(0) for _, order in drawn]
    assert len(set(places)) > 1
    assert text.count("checked") == 0


def test_without_a_fresh_look_at_who_it_is_nothing_is_signed(bare):
    client = bare.client("courier")
    session = client.session
    session["account_authentication_methods"] = [
        dict(step, at=time.time() - 3600) for step in session["account_authentication_methods"]
    ]
    session.save()
    for answer in (client.get(reverse("console:sign-duty", args=["rules"])), sign(client, "rules")):
        assert answer.status_code == 302
        assert "reauthenticate" in answer["Location"]
    assert not Signature.objects.exists()


def test_who_skips_pages_is_led_to_the_first_one_left_out(bare):
    client = bare.client("courier")
    for place in (1, 2, 10):
        page(client, "course-page", COURSE, place)
    answer = client.post(reverse("console:begin-exam", args=[COURSE]))
    assert answer["Location"] == reverse("console:course-page", args=[COURSE, 3])
    assert not Exam.objects.exists()


def test_a_version_read_before_another_came_is_not_signed(bare):
    client = bare.client("courier")
    page(client, "sign-duty", "rules")
    from django.utils import timezone

    services.publish_document(actor=SYSTEM, kind="rules", zh="新规", en="new rules", now=timezone.now())
    answer = sign(client, "rules")
    assert answer.status_code == 409
    assert "新规" in answer.content.decode()


def test_hr_asks_for_a_check_and_enters_its_answer_with_the_evidence(bare):
    from django.core.files.uploadedfile import SimpleUploadedFile
    from django.utils import timezone

    client = bare.client("hr")
    agent = Staff.objects.get(role="agent").staff_no
    opened = client.post(reverse("console:request-check"), {"staff_no": agent})["Location"]
    until = (timezone.localdate()).replace(year=timezone.localdate().year + 1)
    bad = client.post(
        opened, {"result": "passed", "until": until, "evidence": SimpleUploadedFile("x", b"<b>")}
    )
    assert bad.status_code == 400
    good = SimpleUploadedFile("x.pdf", b"%PDF-1.4 x")
    answer = client.post(opened, {"result": "passed", "until": until, "evidence": good})
    assert answer.status_code == 302, answer.content
    code = Check.objects.get().id.hex()
    looked = client.post(reverse("console:check-evidence", args=[code]))
    assert looked.content == b"%PDF-1.4 x"
    assert "attachment" in looked["Content-Disposition"]


def test_hr_enters_no_answer_about_itself(bare):
    client = bare.client("hr")
    own = Staff.objects.get(role="hr").staff_no
    assert client.post(reverse("console:request-check"), {"staff_no": own}).status_code == 403


def test_the_board_says_who_is_blocked_and_a_manager_sees_the_own_branch_only(bare):
    text = page(bare.client("hr"), "duty-board")
    assert "12 人被拦下" in text
    manager = page(bare.client("branch_manager"), "duty-board")
    assert "发起审查" not in manager
    assert "全部网点" not in manager


def test_a_wrong_course_file_changes_nothing_and_says_where(company):
    client = company.client("hr")
    wrong = read(f"{COURSE}.toml").replace("draw = 20", "draw = 99")
    answer = client.post(reverse("console:courses"), {"text": wrong})
    assert answer.status_code == 400
    assert f"{COURSE}-1" in page(client, "courses")


def test_a_new_agreement_published_on_the_page_is_signed_again_by_everybody(company):
    client = company.client("hr")
    assert "项未完成" not in page(client, "duties")
    client.post(reverse("console:duty-texts"), {"kind": "agreement", "zh": "新协议", "en": "new"})
    assert "1 项未完成" in page(client, "duties")


def test_the_signed_file_is_ones_own(company):
    answer = company.client("courier").get(reverse("console:signed-duty", args=["agreement"]))
    assert Staff.objects.get(role="courier").staff_no in answer.content.decode()
