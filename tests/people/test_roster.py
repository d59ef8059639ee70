"""Staff lists: judged row by row before anything happens, taken in whole or not at all, kept in memory."""

import io
import tracemalloc
import zipfile
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from midan.audit import selectors as log
from midan.people import selectors, services
from midan.people.errors import NotKeeper, RosterRefused, RosterUnreadable
from midan.people.models import Staff
from midan.people.roster.reading import read
from midan.people.roster.rules import MOST_BYTES, RosterRow
from midan.people.roster.services import preview, take_in
from tests.people.staffing import SYSTEM, appoint, open_branch

HEADER = "username,display_name,role,branch,hr_no,contract_ends"
GOOD = "li.hua,李华测,courier,HZ001,P-1,2027-06-30"


def listed(*rows, header=HEADER):
    return "\r\n".join((header, *rows)).encode()


def xlsx(*rows):
    """Write the smallest workbook there is: one sheet, every text in its cell."""
    texts = ["".join(f'<c t="inlineStr"><is><t>{cell}</t></is></c>' for cell in row) for row in rows]
    return workbook("".join(f"<row>{row}</row>" for row in texts))


def row_at(row, *cells):
    """Write one row whose cells say where they lie, as a spreadsheet's own do."""
    texts = "".join(
        f'<c r="{column}{row}" t="inlineStr"><is><t>{text}</t></is></c>' for column, text in cells
    )
    return f'<row r="{row}">{texts}</row>'


def workbook(cells):
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    package = "http://schemas.openxmlformats.org/package/2006/relationships"
    parts = {
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{kind}.sheet.main+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{kind}.worksheet+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{package}"><Relationship Id="r1" Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets><sheet name="a" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}"><Relationship Id="r1" Type="{office}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{main}"><sheetData>{cells}</sheetData></worksheet>',
    }
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return made.getvalue()


@pytest.fixture
def hr(now, db):
    for code in ("HZ001", "SH001"):
        open_branch(code)
    return appoint(now, "hr")


@pytest.mark.parametrize(
    "content",
    [
        listed(GOOD),
        b"\xef\xbb\xbf" + listed(GOOD),
        listed(GOOD).decode().encode("gb18030"),
        listed("li.hua,李华测,快递员,HZ001,P-1,2027-06-30", "", ",,,,,"),
        xlsx(HEADER.split(","), GOOD.split(",")),
    ],
    ids=["utf-8", "utf-8-bom", "gb18030", "post-in-chinese", "xlsx"],
)
def test_every_spelling_of_a_list_takes_the_same_person_in(now, hr, content):
    found = preview(actor=hr, content=content, now=now)
    assert (found.faults, len(found.rows)) == ((), 1)
    assert not Staff.objects.filter(username="li.hua").exists()
    assert take_in(actor=hr, found=found, now=now) == 1
    row = Staff.objects.get(username="li.hua")
    person = selectors.staff(row.staff_no)
    assert (person.role, person.branch, person.state, row.hr_no, str(row.contract_ends)) == (
        "courier",
        "HZ001",
        "joining",
        "P-1",
        "2027-06-30",
    )
    assert not row.has_usable_password()


@pytest.mark.parametrize(
    ("row", "column", "code"),
    [
        ("li.hua,李二测,clerk,HZ001,,", "username", "row_duplicate"),
        ("hr-HZ001,李二测,clerk,HZ001,,", "username", "name_taken"),
        ("er,李二测,clerk,XX001,,", "branch", "unknown_branch"),
        ("er,李二测,boss,HZ001,,", "role", "unknown_role"),
        ("er,,clerk,HZ001,,", "display_name", "missing_value"),
        (f"{'e' * 65},李二测,clerk,HZ001,,", "username", "too_long"),
        ("=er,李二测,clerk,HZ001,,", "username", "bad_value"),
        ("er,<b>,clerk,HZ001,,", "display_name", "bad_value"),
        ("er,李二测,clerk,HZ001,,2027-02-30", "contract_ends", "bad_date"),
        ("er,李二测,agent,HZ001,P-1,", "role", "post_conflict"),
    ],
)
def test_a_fault_is_named_by_row_column_and_code_and_nobody_is_taken_in(now, hr, row, column, code):
    found = preview(actor=hr, content=listed(GOOD, row), now=now)
    assert found.faults == ((3, column, code),)
    before = Staff.objects.count(), log.total()
    with pytest.raises(RosterRefused):
        take_in(actor=hr, found=found, now=now)
    assert (Staff.objects.count(), log.total()) == before


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "empty_file"),
        (listed(), "empty_file"),
        (b"x" * (MOST_BYTES + 1), "file_too_large"),
        (listed("a,b", header="username,username"), "repeated_column"),
        (listed("a,b", header="username,salary"), "unknown_column"),
        (listed("a,b", header="username,role"), "missing_column"),
        (listed(GOOD + ",more"), "unknown_column"),
        (listed(GOOD.replace("李", "\x00")), "nul_byte"),
        (listed('a,"b'), "broken_file"),
        (b"\xff\xfe\x00", "wrong_encoding"),
        (b"PK\x03\x04 no archive", "broken_file"),
        (xlsx(HEADER.split(","))[:-30], "broken_file"),
        (listed(*[GOOD] * 2_001), "file_too_large"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_no_list_is_refused_by_a_code(content, why):
    with pytest.raises(RosterUnreadable) as refused:
        read(content)
    assert refused.value.details["reason"] == why


def test_a_small_file_that_unfolds_without_end_is_not_unfolded():
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b" " * (40 << 20))
    assert len(made.getvalue()) < MOST_BYTES
    with pytest.raises(RosterUnreadable) as refused:
        read(made.getvalue())
    assert refused.value.details["reason"] == "file_too_large"


GOOD_ROWS = (
    row_at(1, *zip("ABCDEF", HEADER.split(","), strict=True)),
    row_at(2, *zip("ABCDEF", GOOD.split(","), strict=True)),
)


@pytest.mark.parametrize(
    ("far", "why"),
    [
        (row_at(1_048_576, ("XFD", "x")), "file_too_large"),
        (row_at(99_999_999_999, ("A", "x")), "file_too_large"),
        (row_at(2_002, ("A", "x")), "file_too_large"),
        (row_at(3, ("G", "x")), "unknown_column"),
        (row_at(3, ("XFD", "x")), "unknown_column"),
        (row_at(3, ("ZZZZZZ", "x")), "broken_file"),
    ],
    ids=[
        "the last cell of a sheet",
        "a row no sheet has",
        "a row too many",
        "a column nobody knows",
        "the last column of a sheet",
        "a column no sheet has",
    ],
)
def test_a_cell_far_out_is_refused_and_costs_no_more_than_its_bytes(far, why):
    content = workbook("".join((*GOOD_ROWS, far)))
    assert len(content) < 3_000
    tracemalloc.start()
    try:
        with pytest.raises(RosterUnreadable) as refused:
            read(content)
        assert refused.value.details["reason"] == why
        assert tracemalloc.get_traced_memory()[1] < 32 << 20
    finally:
        tracemalloc.stop()


def test_rows_are_counted_as_the_sheet_counts_them_also_where_some_are_missing():
    last = row_at(2_001, *zip("ABCD", ("a", "b", "clerk", "HZ001"), strict=True))
    kind, rows = read(workbook("".join((*GOOD_ROWS, last))))
    assert (kind, [place for place, _ in rows]) == ("xlsx", [2, 2_001])


def test_another_kind_of_spreadsheet_in_a_zip_is_no_list():
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", "<x/>")
    with pytest.raises(RosterUnreadable) as refused:
        read(made.getvalue())
    assert refused.value.details["reason"] == "broken_file"


def test_a_spreadsheets_own_dates_and_numbers_are_read_as_they_are_shown():
    book = Workbook()
    book.active.append(HEADER.split(","))
    book.active.append(["li.hua", "李华测", "courier", "HZ001", 17, date(2027, 6, 30)])
    made = io.BytesIO()
    book.save(made)
    _, [(place, values)] = read(made.getvalue())
    assert (place, values["hr_no"], values["contract_ends"]) == (2, "17", "2027-06-30 00:00:00")


@given(
    st.binary(max_size=400)
    | st.text(max_size=200).map(lambda text: (HEADER + "\n" + text).encode("utf-8", "ignore"))
)
def test_any_bytes_are_a_list_or_refused(content):
    try:
        kind, rows = read(content)
    except RosterUnreadable:
        return
    assert kind == "csv"
    assert rows


def test_only_the_staff_keeper_looks_a_list_over(now, hr):
    manager = appoint(now, "branch_manager")
    with pytest.raises(NotKeeper):
        preview(actor=manager, content=listed(GOOD), now=now)


def test_a_session_holds_a_row_and_gives_it_back(now, hr):
    (row,) = preview(actor=hr, content=listed(GOOD), now=now).rows
    assert RosterRow.of(row.plain()) == row


def test_a_name_taken_between_looking_and_taking_stops_the_whole_list(now, hr):
    found = preview(actor=hr, content=listed(GOOD, "er,李二测,clerk,HZ001,,"), now=now)
    services.create_staff(
        actor=SYSTEM, username="er", display_name="测", role="clerk", branch="HZ001", password=None, now=now
    )
    with pytest.raises(RosterRefused) as refused:
        take_in(actor=hr, found=found, now=now)
    assert refused.value.details["rows"] == [[3, "username", "name_taken"]]
    assert not Staff.objects.filter(username="li.hua").exists()
