"""`midan demo orders`: an order file of invented people."""

import csv
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, ClassVar, Final

import typer

from midan.cli.draft import written
from midan.core.errors import MidanError

app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False)
STARTER_NOTICE = "2026-11"


class UnknownFormat(MidanError):
    """The file's ending names no format we write."""

    code: ClassVar[str] = "unknown_format"
    exit_code: ClassVar[int] = 2


class UnknownSignIn(MidanError):
    """demo.json knows no such person, or there is no demo.json."""

    code: ClassVar[str] = "unknown_sign_in"
    exit_code: ClassVar[int] = 4


@app.callback()
def demo() -> None:
    """Write invented data."""


@app.command()
def orders(
    rows: Annotated[int, typer.Option(min=1, help="how many orders")],
    out: Annotated[Path, typer.Option("-o", "--out", help=".csv, .jsonl or .parquet")],
    seed: Annotated[int, typer.Option(min=0, max=9999, help="the same seed gives the same file")] = 1,
    notice: Annotated[str, typer.Option(help="notice version the orders name")] = STARTER_NOTICE,
) -> None:
    """Write ROWS invented orders to a file."""
    from midan.demo.orders import OrderMaker

    write = _WRITERS.get(out.suffix.lower())
    if write is None:
        raise UnknownFormat("文件名须以 .csv、.jsonl 或 .parquet 结尾")
    with written(out) as draft:
        write(draft, OrderMaker(seed=seed, notice_version=notice).rows(rows))
    print(json.dumps({"rows": rows, "seed": seed, "file": str(out)}, ensure_ascii=False))


@app.command()
def code(username: Annotated[str, typer.Argument(help="a sign-in of demo.json")]) -> None:
    """Print the one-time code (RFC 6238) an invented member of staff would read off a phone."""
    import os

    from midan.catalog.settings import load
    from midan.config.start import setup

    path = load(os.environ).home / "demo.json"
    if not path.exists():
        raise UnknownSignIn("没有演示企业，请先运行 midan init --demo")
    users = {user["username"]: user for user in json.loads(path.read_text(encoding="utf-8"))["users"]}
    if username not in users:
        raise UnknownSignIn("demo.json 中没有这个用户名")
    setup()
    from midan.people.factors import code_now

    print(code_now(users[username]["totp_secret"]))


def _write_csv(out: Path, rows: Iterator[Mapping[str, str | int]]) -> None:
    first = next(rows)
    with out.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(first))
        writer.writeheader()
        writer.writerow(first)
        writer.writerows(rows)


def _write_jsonl(out: Path, rows: Iterator[Mapping[str, str | int]]) -> None:
    with out.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def _write_parquet(out: Path, rows: Iterator[Mapping[str, str | int]]) -> None:
    from itertools import islice

    import pyarrow as pa
    import pyarrow.parquet as pq

    writer: pq.ParquetWriter | None = None
    while chunk := list(islice(rows, 20_000)):
        table = pa.Table.from_pylist([dict(row) for row in chunk])
        writer = writer or pq.ParquetWriter(out, table.schema)
        writer.write_table(table)
    if writer is not None:
        writer.close()


_WRITERS: Final = {".csv": _write_csv, ".jsonl": _write_jsonl, ".parquet": _write_parquet}
