"""What the clauses say of duties is asked at this moment, and an outsider checks a signature without us."""

import json

from midan.audit import keys
from midan.cli.app import run
from midan.demo.fulfilled import fulfil_all
from midan.duties import selectors
from midan.duties.controls import controls
from midan.duties.models import Document, Edition, Exam, Reading, Signature
from midan.people import selectors as people


def said(office):
    found = {}
    for control in controls(office.now.date()):
        found.setdefault(control.clause, []).append(control)
        assert control.evidence % control.figures
    return found


def test_who_is_blocked_is_counted_and_fulfilled_it_is_nobody(office):
    before = said(office)
    assert set(before) == {"M2", "M3", "M4"}
    assert {one.figures["blocked"] for one in before["M2"]} == {5}
    assert before["M3"][0].figures == {"people": 4, "done": 0, "blocked": 4, "soon": 0, "wrong": 0}
    fulfil_all(staff=people.staff_of(), now=office.now)
    after = said(office)
    assert {one.figures["blocked"] for clause in after.values() for one in clause} == {0}
    assert {one.state for clause in after.values() for one in clause} == {"enforced"}
    assert after["M2"][0].figures["tried"] == 5


def test_a_signature_that_was_tampered_with_keeps_the_clause_open(office):
    fulfil_all(staff=people.staff_of(), now=office.now)
    row = Signature.objects.filter(document__kind="agreement").first()
    Signature.objects.filter(id=row.id).update(statement=row.statement.replace("zh", "en"))
    agreement = said(office)["M2"][0]
    assert (agreement.state, agreement.figures["broken"]) == ("not_yet", 1)


def test_a_text_that_was_changed_in_place_breaks_every_signature_under_it(office):
    fulfil_all(staff=people.staff_of(), now=office.now)
    Document.objects.filter(kind="agreement").update(zh="别的")
    assert said(office)["M2"][0].figures["broken"] == 5


def test_without_texts_and_courses_nothing_is_claimed(office):
    for kind in (Exam, Reading, Signature, Document, Edition):
        kind.objects.all().delete()
    assert {one.state for clause in ("M2", "M4") for one in said(office)[clause]} == {"not_yet"}


def test_the_command_checks_a_file_with_the_public_key_alone(office, tmp_path, capsys):
    fulfil_all(staff=[people.staff(office.courier.name)], now=office.now)
    file, key = tmp_path / "signed.json", tmp_path / "log.pub"
    file.write_bytes(selectors.signed_file(staff_no=office.courier.name, kind="agreement"))
    key.write_bytes(keys.public_key_file())
    assert run(["duties", "verify", str(file), "--key", str(key)]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["ok"], told["staff_no"]) == (True, office.courier.name)
    file.write_text(file.read_text("utf-8").replace("保密", "公开"), "utf-8")
    assert run(["duties", "verify", str(file), "--key", str(key)]) == 1
    assert json.loads(capsys.readouterr().err)["details"]["problem"] == "text"
    assert run(["duties", "verify", str(tmp_path / "none")]) == 3
