"""Let PostgreSQL write the plain bytes of a chunk: the same MessagePack as here, joined by the server.

Taking rows apart in Python and putting them together again reads some 45 MB a second of processor time; what comes
over as one value costs nothing a row. Numbers and lengths take the width that fits, as an encoder would choose it.
"""

import struct
from collections.abc import Sequence
from typing import Final

from midan.vault.backup.manifest import Column
from midan.vault.backup.tables import shown

_SMALL, _SHORT, _LONG = 1 << 7, 1 << 8, 1 << 16
_INT: Final = (
    "CASE WHEN {v} IS NULL THEN '\\xc0'::bytea"
    f" WHEN {{v}} >= 0 AND {{v}} < {_SMALL} THEN substr(int8send({{v}}), 8)"
    f" WHEN {{v}} >= 0 AND {{v}} < {1 << 32} THEN '\\xce'::bytea || substr(int8send({{v}}), 5)"
    " ELSE '\\xd3'::bytea || int8send({v}) END"
)
# Of texts and bytes: the heads for lengths of one, two and four bytes.
_STRETCH: Final = (
    "CASE WHEN {v} IS NULL THEN '\\xc0'::bytea"
    f" WHEN octet_length({{v}}) < {_SHORT} THEN '\\x{{one}}'::bytea || substr(int4send(octet_length({{v}})), 4) || {{raw}}"
    f" WHEN octet_length({{v}}) < {_LONG} THEN '\\x{{two}}'::bytea || substr(int4send(octet_length({{v}})), 3) || {{raw}}"
    " ELSE '\\x{four}'::bytea || int4send(octet_length({v})) || {raw} END"
)


def chunk(table: str, columns: Sequence[Column], which: str) -> str | None:
    """Return the statement that gives count and joined rows of a segment; None where a column needs Python."""
    if len(columns) >= _LONG or any(column.kind in {"json", "float"} for column in columns):
        return None
    head = (
        bytes((0x90 | len(columns),)) if len(columns) < 16 else struct.pack(">BH", 0xDC, len(columns))
    ).hex()
    # Every value once, under a short name, and only then its bytes.
    values = ", ".join(f"{shown(column, postgres=True)} AS v{at}" for at, column in enumerate(columns))
    row = " || ".join(
        [f"'\\x{head}'::bytea", *(_field(column, f"v{at}") for at, column in enumerate(columns))]
    )
    return (
        f"SELECT count(*), string_agg({row}, ''::bytea)"
        f' FROM (SELECT {values} FROM "{table}"{which}) AS given'
    )


def _field(column: Column, name: str) -> str:
    if column.kind == "int":
        return _INT.format(v=name)
    if column.kind == "bool":
        return _INT.format(v=f"({name}::int8)")
    if column.kind == "bytes":
        return _STRETCH.format(v=name, raw=name, one="c4", two="c5", four="c6")
    return _STRETCH.format(v=name, raw=f"convert_to({name}, 'UTF8')", one="d9", two="da", four="db")


def array(count: int) -> bytes:
    """Return the head of an array of so many rows."""
    return struct.pack(">BI", 0xDD, count)
