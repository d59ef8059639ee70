"""Files: what is read, what is refused whole, what costs one row; bounded, and nothing repeated."""

import json
from contextlib import suppress
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from midan.collection.errors import FileRefused
from midan.collection.files import format_of, open_rows
from midan.collection.files.text import LONGEST_LINE
from midan.collection.rules import COLUMNS
from tests.collection.orders import CANARIES, canary, csv_text, leaked, order

ROWS = [order(number) for number in range(1, 4)]


def written(tmp_path: Path, content: bytes, name: str = "o.csv") -> Path:
    path = tmp_path / name
    path.write_bytes(content)
    return path


def read(source, file_format="csv"):
    with open_rows(source, file_format=file_format) as rows:
        return list(rows)


def values(source, file_format="csv"):
    return [row for _, row in read(source, file_format)]


def refusal(source, file_format="csv"):
    with pytest.raises(FileRefused) as caught:
        read(source, file_format)
    assert caught.value.exit_code == 3
    assert leaked(caught.value, caught.value.as_dict()) == []
    return caught.value.reason


def parquet(tmp_path: Path, rows=ROWS, **changes) -> Path:
    table = pa.table({name: [row[name] for row in rows] for name in COLUMNS} | changes)
    path = tmp_path / "o.parquet"
    pq.write_table(table, path)
    return path


@pytest.mark.parametrize("mark", ["", "\ufeff"], ids=["bare", "marked"])
@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"])
def test_csv_is_read_in_each_encoding_and_with_each_line_end(tmp_path, encoding, mark, end):
    content = (mark + csv_text(ROWS).replace("\r\n", end)).encode(encoding)
    path = written(tmp_path, content)
    assert values(path) == ROWS
    assert values([content[at : at + 7] for at in range(0, len(content), 7)]) == ROWS


@pytest.mark.parametrize("mark", ["", "\ufeff"], ids=["bare", "marked"])
@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
@pytest.mark.parametrize("rows", [ROWS, ROWS[:1], [order(remark="")]], ids=["many", "one", "short"])
def test_json_lines_are_read_in_each_encoding(tmp_path, encoding, mark, rows):
    content = (mark + "\n".join(json.dumps(row, ensure_ascii=False) for row in rows)).encode(encoding)
    assert values(written(tmp_path, content, "o.jsonl"), "jsonl") == rows
    assert values([content[at : at + 3] for at in range(0, len(content), 3)], "jsonl") == rows


def test_a_marked_gb18030_file_without_a_chinese_letter_is_read(tmp_path):
    rows = [{"order_ref": "A"}]
    content = ("\ufeff" + json.dumps(rows[0])).encode("gb18030")
    assert content[:4] == bytes.fromhex("84319533")
    assert values(written(tmp_path, content, "o.jsonl"), "jsonl") == rows


def test_parquet_is_read_from_a_path_and_from_a_stream(tmp_path):
    path = parquet(tmp_path)
    assert values(path, "parquet") == ROWS
    assert values([path.read_bytes()[:100], path.read_bytes()[100:]], "parquet") == ROWS


def test_columns_may_stand_in_any_order(tmp_path):
    columns = list(reversed(COLUMNS))
    assert values(written(tmp_path, csv_text(ROWS, columns).encode())) == ROWS


def test_quoted_text_keeps_its_commas_quotes_and_lines(tmp_path):
    text = csv_text([order(remark="X")]).replace(",X,", ',"一,""二""\n三",')
    assert values(written(tmp_path, text.encode()))[0]["remark"] == '一,"二"\n三'


def test_rows_are_numbered_from_one_and_blank_lines_are_no_rows(tmp_path):
    text = csv_text(ROWS).replace("\r\n", "\r\n\r\n")
    assert [number for number, _ in read(written(tmp_path, text.encode()))] == [1, 2, 3]


@pytest.mark.parametrize("name", COLUMNS)
def test_a_missing_column_refuses_the_whole_file(tmp_path, name):
    columns = [column for column in COLUMNS if column != name]
    assert refusal(written(tmp_path, csv_text(ROWS, columns).encode())) == "missing_column"


def test_an_unknown_column_refuses_the_whole_file(tmp_path):
    columns = [*COLUMNS, "id_number"]
    assert refusal(written(tmp_path, csv_text(ROWS, columns).encode())) == "unknown_column"


def test_a_repeated_column_refuses_the_whole_file(tmp_path):
    columns = [*COLUMNS, "remark"]
    assert refusal(written(tmp_path, csv_text(ROWS, columns).encode())) == "repeated_column"


def test_a_file_without_a_header_is_refused_and_its_first_row_is_not_repeated(tmp_path):
    body = csv_text([canary()]).split("\r\n", 1)[1]
    assert refusal(written(tmp_path, body.encode())) == "missing_column"


@pytest.mark.parametrize(
    "content",
    [b"", b"\xef\xbb\xbf", b"\x84\x31\x95\x33", b"\r\n\r\n", b"   "],
    ids=["none", "mark", "gb mark", "lines", "spaces"],
)
def test_an_empty_file_is_refused(tmp_path, content):
    assert refusal(written(tmp_path, content)) == "empty_file"
    assert refusal([content] if content else []) == "empty_file"
    assert refusal(written(tmp_path, content, "o.jsonl"), "jsonl") == "empty_file"


def test_a_header_without_rows_is_an_empty_file(tmp_path):
    assert refusal(written(tmp_path, csv_text([]).encode())) == "empty_file"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "big5", "shift-jis", "utf-32"])
def test_another_encoding_is_refused(tmp_path, encoding):
    text = csv_text([order(remark="測試") for _ in range(20)])
    text = text.translate(str.maketrans("钱试甲孙乙测书东浙苏区号单库", "錢式甲孫乙測書東浙蘇區號單庫"))
    content = text.encode(encoding, "ignore")
    assert refusal(written(tmp_path, content)) in {"wrong_encoding", "nul_byte"}


def test_one_wrong_byte_at_the_end_of_a_file_refuses_it_before_its_first_row(tmp_path):
    content = csv_text([order(number) for number in range(3000)]).encode() + b"\xff\xff\r\n"
    path = written(tmp_path, content)
    with pytest.raises(FileRefused) as caught:
        open_rows(path, file_format="csv")
    assert caught.value.reason == "wrong_encoding"


def test_a_nul_byte_refuses_a_file_wherever_it_stands(tmp_path):
    content = csv_text(ROWS).encode() + b"\x00"
    assert refusal(written(tmp_path, content)) == "nul_byte"
    long = csv_text([order(number) for number in range(9000)]).encode() + b"\x00\r\n"
    assert refusal(iter([long[:-2], long[-2:]])) == "nul_byte"


@pytest.mark.parametrize(
    "content", [b"PAR1", b"PAR1" + bytes(range(256)) + b"PAR1", b"not parquet at all" * 9]
)
def test_a_broken_parquet_file_is_refused(tmp_path, content):
    assert refusal(written(tmp_path, content, "o.parquet"), "parquet") == "broken_file"
    assert refusal([content], "parquet") == "broken_file"


def test_a_parquet_file_cut_short_is_refused(tmp_path):
    path = parquet(tmp_path)
    path.write_bytes(path.read_bytes()[:-40])
    assert refusal(path, "parquet") == "broken_file"


def test_a_damaged_page_inside_a_parquet_file_is_a_broken_file(tmp_path):
    path = parquet(tmp_path, [order(number) for number in range(2000)])
    content = bytearray(path.read_bytes())
    content[4:400] = b"\xff" * 396
    path.write_bytes(content)
    assert refusal(path, "parquet") == "broken_file"


def test_parquet_columns_are_checked_too(tmp_path):
    assert refusal(parquet(tmp_path, id_number=["x"] * 3), "parquet") == "unknown_column"
    table = pa.table({name: [row[name] for row in ROWS] for name in COLUMNS[1:]})
    pq.write_table(table, tmp_path / "m.parquet")
    assert refusal(tmp_path / "m.parquet", "parquet") == "missing_column"
    twice = pa.Table.from_arrays([pa.array(["x"])] * 14, names=[*COLUMNS, "remark"])
    pq.write_table(twice, tmp_path / "t.parquet")
    assert refusal(tmp_path / "t.parquet", "parquet") == "repeated_column"


def test_a_parquet_stream_is_held_in_memory_only_up_to_a_limit(monkeypatch):
    monkeypatch.setattr("midan.collection.files.opening.MOST_BUFFERED", 1000)
    assert refusal((bytes(600) for _ in range(3)), "parquet") == "file_too_large"


def test_a_line_of_a_million_characters_costs_one_row_and_names_the_field(tmp_path):
    rows = [ROWS[0], order(2, remark="长" * 1_000_000), ROWS[2]]
    found = values(written(tmp_path, csv_text(rows).encode()))
    assert found[0] == ROWS[0]
    assert found[2] == ROWS[2]
    assert [(reject.field, str(reject.code)) for reject in found[1]] == [("remark", "too_long")]


def test_json_lines_of_a_million_characters_cost_one_row(tmp_path):
    rows = [ROWS[0], order(2, remark="长" * 1_000_000), ROWS[2]]
    lines = "\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
    found = values(written(tmp_path, lines.encode(), "o.jsonl"), "jsonl")
    assert found[0] == ROWS[0]
    assert [str(reject.code) for reject in found[1]] == ["too_long"]
    assert found[2] == ROWS[2]


def test_a_quote_that_is_never_closed_costs_one_row_not_the_rest_of_the_file(tmp_path):
    rows = [order(1), order(2, remark='"开'), *[order(number) for number in range(3, 300)]]
    found = values(written(tmp_path, csv_text(rows).encode()))
    assert len(found) == 299
    assert [str(reject.code) for reject in found[1]] == ["malformed_row"]
    assert found[2:] == rows[2:]


@pytest.mark.parametrize("line", ["a,b,c", "," * 20, 'x"y"z,' * 3])
def test_a_row_with_too_few_or_too_many_cells_is_one_refused_row(tmp_path, line):
    found = values(written(tmp_path, (csv_text(ROWS[:1]) + line + "\r\n").encode()))
    assert found[0] == ROWS[0]
    assert [str(reject.code) for reject in found[1]] == ["malformed_row"]


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("{", "malformed_row"),
        ("[]", "malformed_row"),
        ("1", "malformed_row"),
        ('{"quantity": NaN}', "malformed_row"),
        ('{"quantity": 1' + "0" * 6000 + "}", "malformed_row"),
        ("[" * 60000, "malformed_row"),
        ('{"remark": "a", "remark": "b"}', "repeated_field"),
    ],
    ids=["torn", "list", "number", "nan", "huge number", "deep", "twice"],
)
def test_a_line_that_is_no_plain_object_is_one_refused_row(tmp_path, line, code):
    content = f"{line}\n{json.dumps(ROWS[0])}\n".encode()
    found = values(written(tmp_path, content, "o.jsonl"), "jsonl")
    assert [str(reject.code) for reject in found[0]] == [code]
    assert found[1] == ROWS[0]


@pytest.mark.parametrize("name", ["orders.xlsx", "orders", "orders.csv.gz", ".csv"])
def test_a_file_of_another_format_is_refused_by_its_name(name):
    with pytest.raises(FileRefused):
        format_of(name)


def test_a_format_is_known_by_its_ending_in_any_case():
    assert [format_of(name) for name in ("a.CSV", "b.jsonl", "c.Parquet")] == ["csv", "jsonl", "parquet"]


def test_a_file_that_is_not_there_is_refused(tmp_path):
    assert refusal(tmp_path / "none.csv") == "file_unreadable"
    assert refusal(tmp_path / "none.parquet", "parquet") == "file_unreadable"


@given(st.binary(max_size=400))
def test_any_bytes_are_rows_or_a_refusal(content):
    for file_format in ("csv", "jsonl", "parquet"):
        with suppress(FileRefused):
            assert read([content], file_format)


@given(st.binary(max_size=300))
def test_any_bytes_under_a_good_header_are_rows_or_a_refusal(content):
    try:
        found = read([csv_text(ROWS[:1]).encode() + content])
    except FileRefused:
        return
    assert found[0] == (1, ROWS[0])


def test_no_line_longer_than_the_limit_is_ever_held():
    with open_rows((b"x" * 100_000 for _ in range(50)), file_format="jsonl") as rows:
        found = list(rows)
    assert len(found) == 1
    assert LONGEST_LINE < 100_000
    assert [str(reject.code) for reject in found[0][1]] == ["too_long"]


def test_the_reader_repeats_no_value_in_what_it_refuses(tmp_path):
    broken = csv_text([canary()]).replace("\r\n", ",extra\r\n")
    assert refusal(written(tmp_path, broken.encode())) == "unknown_column"
    torn = [canary(remark="长" * 70_000), canary(remark='"')]
    found = values(written(tmp_path, csv_text(torn).encode()))
    assert leaked(found) == []
    assert CANARIES
