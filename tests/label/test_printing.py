"""Printing is logged before the file leaves; a reprint has a reason; nobody prints what is not theirs."""

from collections.abc import Callable
from datetime import datetime, timedelta
from io import BytesIO
from zipfile import ZipFile

import pytest
from django.db import connection, transaction

from midan.audit import selectors as log
from midan.core.actor import Actor
from midan.core.labeltoken import InvalidToken, LabelToken, encode
from midan.label import controls, selectors, services
from midan.label.errors import (
    BadLabelRequest,
    BatchTooLarge,
    ForbiddenOnLabel,
    NothingToPrint,
    NotPrintable,
    PrintDenied,
    ReasonNeeded,
)
from midan.label.models import Print
from midan.label.services import printing
from midan.people.posts.granting import revoke
from midan.vault.errors import VaultLocked
from midan.vault.services import company_key
from midan.waybill import selectors as waybills
from midan.waybill.services import scan
from tests.at_once import at_once
from tests.label.conftest import INIT
from tests.label.printers import Sheet, read_zpl
from tests.label.scanners import by_zxing

SYSTEM = Actor.system("test")
TakeIn = Callable[..., list[str]]
Employ = Callable[..., Actor]


def printed(numbers: list[str], now: datetime, actor: Actor = SYSTEM, **wish: object) -> services.Printed:
    return services.print_labels(actor=actor, waybills=numbers, now=now, **({"format": "zpl"} | wish))


def copies_of(number: str) -> list[Print]:
    return list(Print.objects.filter(seq=waybills.get(number).seq).order_by("copy_no"))


def sheet(job: services.Printed) -> Sheet:
    return read_zpl(job.content.decode())[0]


def test_a_label_says_what_the_waybill_says_masked(take_in: TakeIn, now: datetime):
    (number,) = take_in()
    found = sheet(printed([number], now))
    said = "\n".join(found.texts)
    for text in ("远山速递有限公司", "2026-11-23", "025-X01-007", "南京市 · 南京测试网点", number):
        assert text in said
    for text in ("司徒***", "*******8642", "欧阳***", "*******9731", "日用品", "2 件", "1.23 kg"):
        assert text in said


def test_the_square_names_the_copy_and_the_portal_finds_it(take_in: TakeIn, now: datetime):
    (number,) = take_in()
    job = printed([number], now)
    (payload,) = sheet(job).squares
    assert payload.startswith("HTTP://LOCALHOST:8000/L/")
    found = selectors.resolve_token(payload.removeprefix("HTTP://LOCALHOST:8000/L/"))
    assert (found.number, found.print_id, found.copy_no) == (number, *job.print_ids, 1)
    assert by_zxing(sheet(job).image) == {("code128", number), ("qr", payload)}


def test_every_copy_has_a_token_of_its_own(take_in: TakeIn, now: datetime):
    (number,) = take_in()
    first, second = printed([number], now), printed([number], now, reason="label_damaged")
    tokens = [sheet(job).squares[0][-26:] for job in (first, second)]
    assert tokens[0] != tokens[1]
    assert [selectors.resolve_token(token).copy_no for token in tokens] == [1, 2]
    assert "第2次打印" in "".join(sheet(second).texts)


@pytest.mark.parametrize("text", ["", "A" * 26, "YBORYKLECOPCXVQGHFLSWKLEEQ", "面单"])
def test_an_invented_token_is_invalid(company: object, text: str):
    with pytest.raises(InvalidToken):
        selectors.resolve_token(text)


def test_a_token_of_a_print_that_never_happened_is_invalid(take_in: TakeIn, now: datetime):
    (number,) = take_in()
    (print_id,) = printed([number], now).print_ids
    seq = waybills.get(number).seq
    for made_up in (
        LabelToken(sequence=seq, print_id=print_id + 1),
        LabelToken(sequence=9, print_id=print_id),
    ):
        with pytest.raises(InvalidToken):
            selectors.resolve_token(encode(company_key("label-token"), made_up))


def test_a_withdrawn_copy_opens_nothing_and_the_other_still_does(
    take_in: TakeIn, employ: Employ, now: datetime
):
    (number,) = take_in()
    lost, kept = printed([number], now), printed([number], now, reason="label_damaged")
    manager = employ("branch_manager")
    services.withdraw(actor=manager, print_id=lost.print_ids[0], now=now)
    with pytest.raises(InvalidToken):
        selectors.resolve_token(sheet(lost).squares[0][-26:])
    assert selectors.resolve_token(sheet(kept).squares[0][-26:]).copy_no == 2
    assert log.of_object(f"label:{lost.print_ids[0]}")
    with pytest.raises(NotPrintable):
        services.withdraw(actor=employ("clerk", "NJ001"), print_id=10**9, now=now)


def test_one_batch_is_one_file_and_one_entry(take_in: TakeIn, employ: Employ, now: datetime):
    numbers = take_in(3)
    clerk = employ("clerk")
    job = printed(numbers, now, clerk)
    assert [page.codes[0] for page in read_zpl(job.content.decode())] == numbers
    entry = log.entry(job.entry_id).entry
    assert (entry.act, entry.object) == ("label:label:printed", f"print:{job.print_ids[0]}")
    assert (entry.actor, entry.count, entry.reason, entry.purpose) == (
        clerk.reference,
        3,
        "first_print",
        "label",
    )
    assert dict(entry.details) | {"format": "zpl", "size": "76x130", "dpi": 203, "reprints": 0} == dict(
        entry.details
    )
    assert [row.copy_no for number in numbers for row in copies_of(number)] == [1, 1, 1]
    row = copies_of(numbers[0])[0]
    assert (row.actor, row.branch, row.format, row.at) == (clerk.reference, "HZ001", "zpl", now)


def test_a_number_said_twice_is_printed_once(take_in: TakeIn, now: datetime):
    (number,) = take_in()
    assert printed([number, number, number.lower()], now).count == 1


def test_a_reprint_needs_a_reason_of_the_list(take_in: TakeIn, employ: Employ, now: datetime):
    (number,) = take_in()
    printed([number], now)
    manager = employ("branch_manager")
    before = log.total()
    for reason in ("", "first_print"):
        with pytest.raises(ReasonNeeded) as caught:
            printed([number], now, actor=manager, reason=reason)
        assert caught.value.details["reasons"] == ["label_damaged", "wrong_destination"]
    for reason in ("because", "machine_request"):
        with pytest.raises(BadLabelRequest):
            printed([number], now, actor=manager, reason=reason)
    assert (log.total(), len(copies_of(number))) == (before, 1)


def test_a_program_that_asks_again_is_given_a_copy_and_the_log_says_who_asked(take_in: TakeIn, now: datetime):
    (number,) = take_in()
    printed([number], now)
    job = printed([number], now, format="tspl")
    entry = log.entry(job.entry_id).entry
    assert (entry.act, entry.reason) == ("label:label:reprinted", "machine_request")
    assert [copy.reason for copy in copies_of(number)].count("machine_request") == 1


def test_a_reprint_is_logged_as_one_with_its_reason(take_in: TakeIn, now: datetime):
    old, new = take_in(2)
    printed([old], now)
    job = printed([old, new], now, reason="label_damaged")
    entry = log.entry(job.entry_id).entry
    assert (entry.act, entry.reason, entry.details["reprints"]) == (
        "label:label:reprinted",
        "label_damaged",
        1,
    )
    assert [row.reason for row in copies_of(old)] == ["first_print", "label_damaged"]
    assert [row.reason for row in copies_of(new)] == ["first_print"]


def test_a_label_that_cannot_be_drawn_was_never_printed(
    take_in: TakeIn, now: datetime, monkeypatch: pytest.MonkeyPatch
):
    (number,) = take_in()
    before = log.total()

    def jam(*_: object, **__: object) -> None:
        assert not connection.in_atomic_block
        raise RuntimeError("paper jam")

    with monkeypatch.context() as jammed:
        jammed.setattr(printing, "render", jam)
        with pytest.raises(RuntimeError, match="paper jam"):
            printed([number], now)
    assert (log.total(), copies_of(number)) == (before, [])
    assert printed([number], now).reprints == 0
    assert [row.copy_no for row in copies_of(number)] == [1]


def test_no_file_leaves_whose_entry_was_not_committed(
    take_in: TakeIn, now: datetime, monkeypatch: pytest.MonkeyPatch
):
    (number,) = take_in()

    def broken(**_: object) -> str:
        raise OSError("the log is gone")

    monkeypatch.setattr(printing, "record", broken)
    with pytest.raises(OSError, match="the log is gone"):
        printed([number], now)
    assert copies_of(number) == []


def test_a_copy_that_somebody_else_printed_meanwhile_is_numbered_and_drawn_anew(
    take_in: TakeIn, now: datetime, monkeypatch: pytest.MonkeyPatch
):
    (number,) = take_in()
    real, drawn = printing.render, []

    def slow(labels, **how):
        drawn.append([label.copy_no for label in labels])
        if len(drawn) == 1:
            with monkeypatch.context() as other:
                other.setattr(printing, "render", real)
                printed([number], now)
        return real(labels, **how)

    monkeypatch.setattr(printing, "render", slow)
    job = printed([number], now, reason="label_damaged")
    assert drawn == [[1], [2]]
    assert (job.reprints, [row.copy_no for row in copies_of(number)]) == (1, [1, 2])


def test_printing_inside_somebody_elses_transaction_is_refused(take_in: TakeIn, now: datetime):
    (number,) = take_in()
    with pytest.raises(RuntimeError), transaction.atomic():
        printed([number], now)
    assert copies_of(number) == []


def test_one_label_that_breaks_the_rule_stops_the_batch_and_nothing_is_printed(
    take_in: TakeIn, now: datetime, monkeypatch: pytest.MonkeyPatch
):
    numbers = take_in(2)
    before = log.total()
    monkeypatch.setenv("MIDAN_BASE_URL", "http://localhost:8000/17000009731?")
    with pytest.raises(ForbiddenOnLabel):
        printed(numbers, now)
    assert (log.total(), Print.objects.count()) == (before, 0)


def test_unknown_and_forbidden_waybills_give_the_same_answer(take_in: TakeIn, employ: Employ, now: datetime):
    (number,) = take_in()
    stranger = Actor(kind="client", name="rival", role="integrator")
    answers = []
    for asked in (number, "MD0000000000018", "nonsense"):
        with pytest.raises(NotPrintable) as caught:
            printed([asked], now, stranger)
        answers.append(caught.value.as_dict())
    assert answers[0] == answers[1] == answers[2]
    assert Print.objects.count() == 0


def test_a_refusal_is_logged(take_in: TakeIn, employ: Employ, now: datetime):
    (number,) = take_in()
    agent = employ("agent")
    with pytest.raises(PrintDenied):
        printed([number], now, agent)
    newest = log.of_object("label:refused")[-1].entry
    assert (newest.actor, newest.outcome, newest.reason) == (agent.reference, "denied", "denied")


@pytest.mark.parametrize("role", ["branch_manager", "clerk", "sorter", "courier"])
def test_the_floor_prints_at_its_own_branch(take_in: TakeIn, employ: Employ, now: datetime, role: str):
    (number,) = take_in()
    assert printed([number], now, employ(role)).count == 1


def test_the_register_decides_not_what_the_caller_claims(take_in: TakeIn, employ: Employ, now: datetime):
    (number,) = take_in()
    agent = employ("agent")
    claimed = Actor(kind="staff", name=agent.name, role="branch_manager", branch="HZ001")
    with pytest.raises(PrintDenied):
        printed([number], now, claimed)
    leaver = employ("clerk")
    revoke(actor=INIT, staff_no=leaver.name, now=now)
    with pytest.raises(PrintDenied):
        printed([number], now, leaver)
    with pytest.raises(PrintDenied):
        printed([number], now, Actor(kind="staff", name="S99999", role="clerk", branch="HZ001"))


def test_a_delivered_parcel_needs_no_label(take_in: TakeIn, employ: Employ, now: datetime):
    (number,) = take_in()
    for minute, event in enumerate(("collected", "returned")):
        scan(
            actor=SYSTEM,
            number=number,
            event=event,
            branch="HZ001",
            at=now + timedelta(minutes=minute),
            now=now + timedelta(minutes=minute),
        )
    with pytest.raises(NothingToPrint):
        printed([number], now, employ("branch_manager"))


def test_an_erased_party_leaves_nothing_to_print(take_in: TakeIn, now: datetime):
    (number,) = take_in()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM vault_part WHERE leaf % 4 = 1")
    with pytest.raises(NothingToPrint):
        printed([number], now)


def test_goods_name_remark_and_reference_are_not_even_unsealed(take_in: TakeIn, now: datetime):
    (number,) = take_in()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM vault_part WHERE leaf % 4 = 2")
    assert printed([number], now).count == 1


def test_a_locked_vault_prints_nothing(take_in: TakeIn, company: object, now: datetime):
    (number,) = take_in()
    from midan.vault import keyd

    keyd._connections.clear()
    next((company / "keys").glob("keeper*")).unlink()
    with pytest.raises(VaultLocked):
        printed([number], now)
    assert Print.objects.count() == 0
    assert {control.state for control in controls.controls(now.date())} == {"not_yet"}


@pytest.mark.parametrize(
    ("wish", "field"),
    [
        ({"format": "gif"}, "format"),
        ({"size": "10x10"}, "size"),
        ({"dpi": 600}, "dpi"),
        ({"reason": "x"}, "reason"),
    ],
)
def test_a_wish_that_does_not_exist_is_refused_by_name(
    take_in: TakeIn, now: datetime, wish: dict, field: str
):
    with pytest.raises(BadLabelRequest) as caught:
        printed(take_in(), now, **wish)
    assert caught.value.details["field"] == field


def test_a_batch_has_a_limit(company: object, now: datetime):
    with pytest.raises(BatchTooLarge):
        printed([f"MD{number:013d}" for number in range(2001)], now)
    with pytest.raises(NotPrintable):
        printed([], now)


def test_several_pictures_become_one_archive(take_in: TakeIn, now: datetime):
    numbers = take_in(2)
    job = printed(numbers, now, format="png")
    assert (job.media_type, job.suffix) == ("application/zip", ".zip")
    assert ZipFile(BytesIO(job.content)).namelist() == [f"{number}.png" for number in numbers]
    assert printed(numbers[:1], now, format="png", reason="label_damaged").content.startswith(b"\x89PNG")


def test_a_preview_is_a_picture_whose_code_names_nothing(take_in: TakeIn, employ: Employ, now: datetime):
    (number,) = take_in()
    seen = services.preview(actor=employ("clerk"), waybill=number, now=now, width=900)
    assert seen.content.startswith(b"\x89PNG")
    assert copies_of(number) == []
    with pytest.raises(NotPrintable):
        services.preview(actor=employ("agent"), waybill=number, now=now)


def test_figures_for_charts(take_in: TakeIn, now: datetime):
    numbers = take_in(3)
    printed(numbers, now)
    printed(numbers[:1], now, reason="wrong_destination")
    (day,) = selectors.counts(since=now - timedelta(days=1), until=now + timedelta(days=1))
    assert (day.day.isoformat(), day.labels, day.reprints) == ("2026-11-23", 4, 1)
    assert selectors.counts(since=now, until=now + timedelta(days=1), branch="HZ001") == ()
    assert selectors.totals() == (4, 1)


def test_controls_show_nothing_green_before_the_first_label_and_evidence_after(
    take_in: TakeIn, now: datetime
):
    assert [(control.clause, control.state) for control in controls.controls(now.date())] == [
        ("T1", "not_yet"),
        ("B2", "not_yet"),
    ]
    printed(take_in(3), now)
    masked, routed = controls.controls(now.date())
    assert (masked.state, masked.figures["checked"], masked.figures["refused"]) == ("enforced", 3, 0)
    assert (routed.state, routed.figures["sortable"]) == ("enforced", 3)
    assert masked.evidence % masked.figures


def test_the_self_check_passes_over_what_was_erased_meanwhile(
    take_in: TakeIn, now: datetime, django_assert_max_num_queries: Callable[..., object]
):
    printed(take_in(5), now)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM vault_part WHERE leaf = (SELECT MIN(leaf) FROM vault_part)")
    with django_assert_max_num_queries(12):
        found = services.self_check(sample=10, now=now)
    assert (found.checked, found.refused, found.sortable) == (4, 0, 4)


def test_two_who_print_the_same_label_at_once_get_two_copies(take_in: TakeIn, now: datetime):
    (number,) = take_in()
    printed([number], now)
    at_once(*[lambda: printed([number], now, reason="label_damaged")] * 4)
    assert [row.copy_no for row in copies_of(number)] == [1, 2, 3, 4, 5]


def test_a_control_turns_when_stored_labels_break_the_rule(
    take_in: TakeIn, now: datetime, monkeypatch: pytest.MonkeyPatch
):
    printed(take_in(2), now)
    monkeypatch.setenv("MIDAN_BASE_URL", "http://localhost:8000/17000009731?")
    masked, _ = controls.controls(now.date())
    assert (masked.state, masked.figures["refused"]) == ("not_yet", 2)


def test_waybills_are_read_in_a_constant_number_of_queries(
    take_in: TakeIn, now: datetime, django_assert_max_num_queries: Callable[..., object]
):
    numbers = take_in(40)
    with django_assert_max_num_queries(25):  # keyd looks at its lease among them
        printed(numbers, now)
    assert len(waybills.by_numbers(numbers)) == 40
