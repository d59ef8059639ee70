"""Signing, learning, checking and reminding, through the services alone."""

import json
from datetime import timedelta

import pytest
from django.db import transaction

from midan.audit import keys
from midan.audit.models import Entry
from midan.core.merkle import Verifier
from midan.core.sm import SigningKey
from midan.demo.fulfilled import fulfil_all
from midan.duties import selectors, services
from midan.duties.course import parse
from midan.duties.errors import (
    AttemptsUsed,
    BadCheck,
    BadCourse,
    BadDocument,
    DocumentChanged,
    DutyDenied,
    NoCheck,
    NoExam,
    NotRead,
    SignatureRefused,
)
from midan.duties.models import Check, Exam, Reminder
from midan.duties.rules import Duty, Light
from midan.duties.services.starters import COURSE, read
from midan.duties.statement import check
from midan.people import selectors as people
from midan.people.models import Staff
from midan.people.posts.granting import revoke
from tests.at_once import at_once
from tests.duties.conftest import SYSTEM

TEXT = read(f"{COURSE}.toml")
PDF = b"%PDF-1.4 nothing against them"


def duties(office, who):
    return {one.duty: one for one in selectors.duties_of(people.staff(who.name), today=office.now.date())}


def sign(office, who, kind="agreement", number=1, language="zh"):
    services.sign_document(actor=who, kind=kind, number=number, language=language, now=office.now)


def sit(office, who, *, right):
    """Read, begin, and answer so many questions rightly."""
    services.finish_reading(actor=who, slug=COURSE, now=office.now)
    code = services.begin_exam(actor=who, slug=COURSE, now=office.now)
    taught = {one.ask[0]: one.options[0][0] for one in parse(TEXT).questions}
    answers = []
    for place, question in enumerate(selectors.question_sheet(staff_no=who.name, code=code, lang="zh")):
        good = question.options.index(taught[question.ask])
        answers.append(good if place < right else (good + 1) % len(question.options))
    return services.answer_exam(actor=who, code=code, answers=answers, now=office.now)


class TestSigning:
    @pytest.mark.parametrize("language", ["zh", "en"])
    def test_what_was_signed_is_verified_with_the_public_key_alone(self, office, language):
        sign(office, office.courier, language=language)
        data = selectors.signed_file(staff_no=office.courier.name, kind="agreement")
        said = check(data, trusted=keys.verifier())
        assert (said["staff_no"], said["number"], said["language"]) == (office.courier.name, 1, language)
        assert json.loads(data)["text"] == read(f"agreement.{language}.txt").strip()

    @pytest.mark.parametrize(
        ("spoil", "problem"),
        [
            (lambda whole: whole.update(text=whole["text"] + "。"), "text"),
            (
                lambda whole: whole.update(statement=whole["statement"].replace("S00002", "S00003")),
                "signature",
            ),
            (lambda whole: whole.update(signature=whole["signature"][:-4] + "AAA="), "signature"),
            (lambda whole: whole.pop("text"), "shape"),
            (lambda whole: whole.update(more=1), "shape"),
        ],
    )
    def test_a_changed_file_is_refused_and_says_what_was_changed(self, office, spoil, problem):
        sign(office, office.courier)
        whole = json.loads(selectors.signed_file(staff_no=office.courier.name, kind="agreement"))
        spoil(whole)
        with pytest.raises(SignatureRefused) as refused:
            check(json.dumps(whole).encode(), trusted=keys.verifier())
        assert refused.value.details["problem"] == problem

    def test_another_logs_key_vouches_for_nothing(self, office):
        sign(office, office.courier)
        data = selectors.signed_file(staff_no=office.courier.name, kind="agreement")
        known = keys.verifier()
        for other in (
            Verifier(name="midan.log/other", public=known.public),
            Verifier(name=known.name, public=SigningKey.generate().public),
        ):
            with pytest.raises(SignatureRefused):
                check(data, trusted=other)

    def test_a_new_version_is_signed_again_and_an_old_one_cannot_be(self, office):
        sign(office, office.courier)
        assert duties(office, office.courier)[Duty.AGREEMENT].done
        services.publish_document(actor=office.hr, kind="agreement", zh="新", en="new", now=office.now)
        assert not duties(office, office.courier)[Duty.AGREEMENT].done
        with pytest.raises(DocumentChanged):
            sign(office, office.courier, number=1)
        sign(office, office.courier, number=2)
        assert duties(office, office.courier)[Duty.AGREEMENT].done

    def test_the_same_text_is_no_new_version(self, office):
        same = {"zh": read("rules.zh.txt"), "en": read("rules.en.txt")}
        assert services.publish_document(actor=office.hr, kind="rules", now=office.now, **same) == 1

    def test_rules_hold_a_year_and_the_agreement_until_its_text_changes(self, office):
        sign(office, office.courier, kind="rules")
        sign(office, office.courier)
        mine = duties(office, office.courier)
        assert mine[Duty.RULES].days_left == 365
        assert mine[Duty.AGREEMENT].until is None

    def test_one_language_is_not_enough_and_not_everybody_publishes(self, office):
        with pytest.raises(BadDocument):
            services.publish_document(actor=office.hr, kind="rules", zh="规", en=" ", now=office.now)
        for who in (office.courier, office.branch_manager):
            with pytest.raises(DutyDenied):
                services.publish_document(actor=who, kind="rules", zh="规", en="rule", now=office.now)

    @pytest.mark.parametrize("state", ["joining", "on_leave", "leaving"])
    def test_a_keeper_who_is_not_at_work_keeps_nothing(self, office, state):
        Staff.objects.filter(staff_no=office.hr.name).update(state=state)
        for act in (
            lambda: services.publish_document(
                actor=office.hr, kind="rules", zh="规", en="rule", now=office.now
            ),
            lambda: services.request_check(actor=office.hr, staff_no=office.courier.name, now=office.now),
        ):
            with pytest.raises(DutyDenied):
                act()

    def test_nobody_asks_for_a_check_of_their_second_account(self, office):
        Staff.objects.filter(staff_no__in=[office.hr.name, office.courier.name]).update(hr_no="P-1")
        with pytest.raises(DutyDenied):
            services.request_check(actor=office.hr, staff_no=office.courier.name, now=office.now)

    def test_a_leaver_and_a_machine_sign_nothing(self, office):
        revoke(actor=SYSTEM, staff_no=office.courier.name, now=office.now)
        for who in (office.courier, SYSTEM):
            with pytest.raises(DutyDenied):
                sign(office, who)


class TestTraining:
    def test_the_shipped_course_is_large_enough_and_covers_every_clause_once(self, office):
        course = parse(TEXT)
        assert len(course.pages) >= 8
        assert len({one.clause for one in course.questions}) == len(course.questions) == 42

    def test_sixteen_of_twenty_pass_and_fifteen_do_not(self, office):
        failed = sit(office, office.courier, right=15)
        assert (failed.right, failed.passed, failed.until) == (15, False, None)
        assert not duties(office, office.courier)[Duty.TRAINING].done
        passed = sit(office, office.courier, right=16)
        assert (passed.right, passed.passed) == (16, True)
        assert duties(office, office.courier)[Duty.TRAINING].days_left == 365

    def test_no_exam_before_the_course_is_read_and_a_new_edition_is_read_anew(self, office):
        with pytest.raises(NotRead):
            services.begin_exam(actor=office.courier, slug=COURSE, now=office.now)
        services.finish_reading(actor=office.courier, slug=COURSE, now=office.now)
        services.publish_course(actor=office.hr, text=TEXT + "\n# 二\n", now=office.now)
        with pytest.raises(NotRead):
            services.begin_exam(actor=office.courier, slug=COURSE, now=office.now)

    def test_three_failures_a_day_and_the_fourth_waits_until_tomorrow(self, office):
        for _ in range(3):
            sit(office, office.courier, right=0)
        with pytest.raises(AttemptsUsed):
            sit(office, office.courier, right=20)
        office.now += timedelta(hours=24, seconds=1)
        assert sit(office, office.courier, right=20).passed

    def test_a_course_edited_in_mid_exam_changes_nothing_of_the_exam(self, office):
        services.finish_reading(actor=office.courier, slug=COURSE, now=office.now)
        code = services.begin_exam(actor=office.courier, slug=COURSE, now=office.now)
        mine = {"staff_no": office.courier.name, "code": code, "lang": "zh"}
        before = selectors.question_sheet(**mine)
        head, question = TEXT.index("[[question]]"), TEXT.rindex("[[question]]")
        shorter = TEXT[:head].replace("draw = 20", "draw = 1").replace("= 80", "= 100") + TEXT[question:]
        assert services.publish_course(actor=office.hr, text=shorter, now=office.now) == 2
        assert selectors.question_sheet(**mine) == before
        taught = {one.ask[0]: one.options[0][0] for one in parse(TEXT).questions}
        answers = [one.options.index(taught[one.ask]) for one in before]
        done = services.answer_exam(actor=office.courier, code=code, answers=answers, now=office.now)
        assert (done.right, done.draw, done.number, done.passed) == (20, 20, 1, True)

    def test_begun_twice_it_is_the_same_exam_and_handed_in_twice_it_is_over(self, office):
        services.finish_reading(actor=office.courier, slug=COURSE, now=office.now)
        code = services.begin_exam(actor=office.courier, slug=COURSE, now=office.now)
        assert services.begin_exam(actor=office.courier, slug=COURSE, now=office.now) == code
        blank = [-1] * 20
        services.answer_exam(actor=office.courier, code=code, answers=blank, now=office.now)
        with pytest.raises(NoExam):
            services.answer_exam(actor=office.courier, code=code, answers=blank, now=office.now)

    def test_many_presses_at_once_draw_one_exam(self, office):
        services.finish_reading(actor=office.courier, slug=COURSE, now=office.now)

        def press():
            return services.begin_exam(actor=office.courier, slug=COURSE, now=office.now)

        assert len(set(at_once(*[press] * 4))) == 1
        assert Exam.objects.count() == 1

    def test_handed_in_late_no_answer_counts(self, office):
        services.finish_reading(actor=office.courier, slug=COURSE, now=office.now)
        code = services.begin_exam(actor=office.courier, slug=COURSE, now=office.now)
        taught = {one.ask[0]: one.options[0][0] for one in parse(TEXT).questions}
        sheet = selectors.question_sheet(staff_no=office.courier.name, code=code, lang="zh")
        answers = [one.options.index(taught[one.ask]) for one in sheet]
        late = office.now + timedelta(minutes=31)
        assert not services.answer_exam(actor=office.courier, code=code, answers=answers, now=late).passed

    def test_somebody_elses_exam_does_not_exist(self, office):
        services.finish_reading(actor=office.courier, slug=COURSE, now=office.now)
        code = services.begin_exam(actor=office.courier, slug=COURSE, now=office.now)
        with pytest.raises(NoExam):
            services.answer_exam(actor=office.agent, code=code, answers=[0] * 20, now=office.now)
        with pytest.raises(NoExam):
            selectors.question_sheet(staff_no=office.agent.name, code=code, lang="zh")

    def test_two_exams_differ(self, office):
        sheets = []
        for who in (office.courier, office.agent):
            services.finish_reading(actor=who, slug=COURSE, now=office.now)
            code = services.begin_exam(actor=who, slug=COURSE, now=office.now)
            sheets.append(selectors.question_sheet(staff_no=who.name, code=code, lang="zh"))
        assert sheets[0] != sheets[1]

    @pytest.mark.parametrize(
        ("change", "problem"),
        [
            (("draw = 20", "draw = 43"), "draw"),
            (("pass_percent = 80", "pass_percent = 10"), "pass_percent"),
            (("days = 365", "days = 3650"), "days"),
            (('slug = "privacy-policy"', 'slug = "../x"'), "slug"),
            (("required = true", 'required = "yes"'), "required"),
            (("minutes = 30", "minutes = 30\nkey = 1"), "unknown_key"),
            (('clause = "G1"', 'clause = "G1"\nanswer = 2'), "keys"),
            (("[[page]]", "[[page"), "not_toml"),
        ],
    )
    def test_a_course_that_is_wrong_is_refused_with_its_place(self, office, change, problem):
        with pytest.raises(BadCourse) as bad:
            services.publish_course(actor=office.hr, text=TEXT.replace(*change, 1), now=office.now)
        assert bad.value.details["problem"] == problem
        assert selectors.courses("zh")[0].number == 1


class TestChecks:
    def passed(self, office, who, by, **changes):
        code = services.request_check(actor=by, staff_no=who.name, now=office.now)
        said = {
            "result": "passed",
            "until": office.now.date() + timedelta(days=365),
            "evidence": PDF,
        } | changes
        services.conclude_check(actor=by, code=code, now=office.now, **said)
        return code

    def test_a_key_post_is_red_until_its_check_is_passed_and_a_courier_owes_none(self, office):
        assert Duty.CHECK not in duties(office, office.courier)
        assert duties(office, office.agent)[Duty.CHECK].light is Light.RED
        services.request_check(actor=office.hr, staff_no=office.agent.name, now=office.now)
        assert duties(office, office.agent)[Duty.CHECK].begun
        self.passed(office, office.agent, office.hr)
        assert duties(office, office.agent)[Duty.CHECK].light is Light.GREEN

    def test_nobody_answers_for_themselves_and_other_posts_for_nobody(self, office):
        for by, who in (
            (office.hr, office.hr),
            (office.branch_manager, office.agent),
            (office.agent, office.agent),
        ):
            with pytest.raises(DutyDenied):
                self.passed(office, who, by)
        self.passed(office, office.hr, office.privacy_officer)

    def test_the_evidence_is_sealed_and_each_look_is_logged_first(self, office):
        code = self.passed(office, office.agent, office.hr)
        assert PDF not in bytes(Check.objects.get().sealed)
        assert services.evidence(actor=office.hr, code=code, now=office.now) == PDF
        assert Entry.objects.order_by("id").last().act == "duties:evidence:seen"
        with pytest.raises(DutyDenied):
            services.evidence(actor=office.agent, code=code, now=office.now)
        with pytest.raises(RuntimeError), transaction.atomic():
            services.evidence(actor=office.hr, code=code, now=office.now)

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"result": "maybe"}, "result"),
            ({"until": None}, "until"),
            ({"until": "yesterday"}, "until"),
            ({"until": "three years"}, "until"),
            ({"evidence": b""}, "evidence"),
            ({"evidence": b"<html>"}, "evidence"),
        ],
    )
    def test_an_answer_that_cannot_be_changes_nothing(self, office, changes, field):
        days = {"yesterday": -1, "three years": 1095}.get(changes.get("until"))
        if days is not None:
            changes = {"until": office.now.date() + timedelta(days=days)}
        with pytest.raises(BadCheck) as bad:
            self.passed(office, office.agent, office.hr, **changes)
        assert bad.value.details["field"] == field
        assert Check.objects.get().result == ""

    def test_an_answer_stands(self, office):
        code = self.passed(office, office.agent, office.hr)
        with pytest.raises(NoCheck):
            services.conclude_check(
                actor=office.hr, code=code, result="failed", until=None, evidence=PDF, now=office.now
            )


class TestBoardAndReminders:
    def test_what_the_decision_asks_and_what_the_board_shows_agree_at_every_step(self, office):
        def agree():
            today = office.now.date()
            for row in selectors.board(today=today):
                stands = selectors.standing(staff_no=row.staff_no, role=row.role, today=today)
                assert set(stands.missing()) == {one.duty for one in row.duties if not one.done}

        agree()
        fulfil_all(staff=people.staff_of(), now=office.now)
        agree()
        assert {row.light for row in selectors.board(today=office.now.date())} == {Light.GREEN}
        services.publish_document(actor=office.hr, kind="agreement", zh="新", en="new", now=office.now)
        agree()
        office.now += timedelta(days=366)
        agree()
        assert {row.light for row in selectors.board(today=office.now.date())} == {Light.RED}

    def test_three_reminders_each_once_and_none_after_the_end(self, office):
        fulfil_all(staff=[people.staff(office.courier.name)], now=office.now)
        written = []
        for day in range(330, 370):
            at = office.now + timedelta(days=day)
            services.remind(actor=SYSTEM, now=at)
            again = services.remind(actor=SYSTEM, now=at)
            assert again == 0
            written.append(Reminder.objects.filter(duty="training").count())
        assert written[-1] == 3
        assert sorted(Reminder.objects.filter(duty="rules").values_list("ahead", flat=True)) == [1, 7, 30]

    def test_a_pass_of_every_required_course_is_needed(self, office):
        fulfil_all(staff=[people.staff(office.courier.name)], now=office.now)
        second = TEXT.replace('slug = "privacy-policy"', 'slug = "second"')
        services.publish_course(actor=office.hr, text=second, now=office.now)
        stands = selectors.standing(staff_no=office.courier.name, role="courier", today=office.now.date())
        assert stands.missing() == (Duty.TRAINING,)
        assert not duties(office, office.courier)[Duty.TRAINING].done

    def test_without_any_course_nobody_is_trained(self, office):
        fulfil_all(staff=[people.staff(office.courier.name)], now=office.now)
        optional = TEXT.replace("required = true", "required = false")
        services.publish_course(actor=office.hr, text=optional, now=office.now)
        assert Exam.objects.filter(passed=True).exists()
        stands = selectors.standing(staff_no=office.courier.name, role="courier", today=office.now.date())
        assert stands.missing() == (Duty.TRAINING,)
