"""Which tables and columns go into a set, and how SQL gives their values the same in either database.

A set holds what cannot be made again. It does not hold key states (they come from the keepers of the present), digests
(made from the parts), sessions and tokens (people sign in anew), or what this place says of itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.apps import apps
from django.db.models import Field, ForeignKey, GeneratedField, Model

from midan.vault.backup.manifest import Column, Kind, Table

LEFT_OUT: Final = frozenset(
    {
        "vault_state",
        "vault_frontier",
        "vault_secret",
        "vault_tag",
        "vault_keyd",
        "vault_digest",
        "django_session",
        "usersessions_usersession",
        "people_tries",
        "people_firstlink",
        "people_joinlink",
        "oauth2_provider_accesstoken",
        "oauth2_provider_refreshtoken",
        "oauth2_provider_idtoken",
        "oauth2_provider_grant",
        "oauth2_provider_devicegrant",
        "account_emailconfirmation",
        "backup_restore",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """How a table's keys are cut into segments: 2^bits of them each, in the order of its primary key.

    `settled` rows are written once and never altered: that the same keys are there says that nothing changed.
    """

    key: str
    bits: int
    group: str = ""
    settled: bool = False

    @property
    def size(self) -> int:
        """Return how many keys a segment spans."""
        return 1 << self.bits


# Tables with a row or more for each order: about one or two mebibytes a segment. The others are small, or have no
# key that goes up, and stand whole in every set.
CUTS: Final[dict[str, Cut]] = {
    "vault_part": Cut(group="epoch", key="leaf", bits=14, settled=True),
    "vault_record": Cut(key="seq", bits=16),
    "vault_identitypart": Cut(group="epoch", key="leaf", bits=14, settled=True),
    "vault_identityrecord": Cut(key="seq", bits=16),
    "waybill_waybill": Cut(key="seq", bits=13),
    "waybill_scan": Cut(key="id", bits=14),
    "audit_entry": Cut(key="id", bits=11, settled=True),
    "audit_leaf": Cut(key="index", bits=14, settled=True),
}
# A number of one server's own, which says nothing in another place: there the log begins with the default.
_LOCAL: Final = frozenset({("audit_entry", "transaction")})
# What confirms a guess of a whole order to whoever has a set and the company's secret: a restored place does without.
_TELLING: Final = frozenset({("collection_reference", "content")})
_KINDS: Final[dict[str, Kind]] = {
    "AutoField": "int",
    "BigAutoField": "int",
    "SmallAutoField": "int",
    "IntegerField": "int",
    "BigIntegerField": "int",
    "SmallIntegerField": "int",
    "PositiveIntegerField": "int",
    "PositiveSmallIntegerField": "int",
    "PositiveBigIntegerField": "int",
    "FloatField": "float",
    "CharField": "text",
    "TextField": "text",
    "SlugField": "text",
    "EmailField": "text",
    "URLField": "text",
    "BinaryField": "bytes",
    "BooleanField": "bool",
    "DateTimeField": "moment",
    "DateField": "date",
    "JSONField": "json",
}


def planned() -> tuple[tuple[str, tuple[Column, ...]], ...]:
    """Return every table of this release that goes into a set, with its columns; KeyError for an unknown kind."""
    models = {
        model._meta.db_table: model  # noqa: SLF001 - Django's documented door to a model's fields
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed and not model._meta.proxy  # noqa: SLF001
    }
    return tuple((name, columns(models[name])) for name in sorted(models.keys() - LEFT_OUT))


def columns(model: type[Model]) -> tuple[Column, ...]:
    options = model._meta  # noqa: SLF001
    return tuple(
        Column(field.column, _kind(field))
        for field in options.concrete_fields
        if field.column
        and not isinstance(field, GeneratedField)
        and (options.db_table, field.column) not in _LOCAL | _TELLING
    )


def _kind(field: "Field[object, object]") -> Kind:
    target = field
    while isinstance(target, ForeignKey):
        target = target.target_field
    return _KINDS[target.get_internal_type()]


def select(table: str, columns: Sequence[Column], *, postgres: bool) -> str:
    """Return the statement whose rows are those of a chunk: whole numbers, texts and bytes, nothing to convert."""
    asked = ", ".join(shown(column, postgres=postgres) for column in columns)
    return f'SELECT {asked} FROM "{table}"'


def within(cut: Cut, group: int, at: int) -> str:
    """Return the condition of the rows of one segment, and where their bytes are compared, their order.

    The numbers are our own.
    """
    first = at << cut.bits
    mine = f'"{cut.group}" = {group} AND ' if cut.group else ""
    order = "" if cut.settled else f' ORDER BY "{cut.key}"'
    return f' WHERE {mine}"{cut.key}" >= {first} AND "{cut.key}" < {first + cut.size}{order}'


def sums(cut: Cut) -> str:
    """Return what is asked of a segment whose rows are settled: how many there are, and two sums over their keys.

    The sums tell one set of keys from another as far as chance goes: a row written late below the highest key shows.
    """
    place = f'("{cut.key}" & {cut.size - 1})'
    return f"count(*), sum({place}), sum({place} * {place} * {place})"


def survey(table: str, cut: Cut) -> str:
    """Return the statement that lists the segments there are: group, place, and the sums of settled ones."""
    group = f'"{cut.group}"' if cut.group else "0"
    asked = sums(cut) if cut.settled else "0, 0, 0"
    return f'SELECT {group}, "{cut.key}" >> {cut.bits}, {asked} FROM "{table}" GROUP BY 1, 2 ORDER BY 1, 2'


# One width and one spelling each for the reader of COPY, whatever the column has.
_POSTGRES: Final[dict[Kind, str]] = {
    "int": "{name}::int8",
    "float": "{name}::float8",
    "bool": "{name}::int4",
    "date": "to_char({name}, 'YYYY-MM-DD')",
    "moment": "to_char({name} AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')",
    "json": "{name}::text",
}
# A moment is kept as '2026-11-25 01:02:03' and then, or not, '.5' to '.123456'. A calendar is slow; lengths are not.
_SQLITE: Final[dict[Kind, str]] = {
    "moment": "CASE length({name}) WHEN 26 THEN {name} WHEN 19 THEN {name} || '.000000'"
    " ELSE substr({name} || '000000', 1, 26) END",
}


def shown(column: Column, *, postgres: bool) -> str:
    """Return how a value of this column is asked for."""
    spelled = (_POSTGRES if postgres else _SQLITE).get(column.kind, "{name}")
    return spelled.format(name=f'"{column.name}"')


def copied(table: str, columns: Sequence[Column], which: str) -> str:
    """Return the statement by which PostgreSQL writes a segment: every value as it keeps it, JSON as text."""
    names = ((f'"{column.name}"', column.kind) for column in columns)
    asked = ", ".join(f"{name}::text" if kind == "json" else name for name, kind in names)
    return f'COPY (SELECT {asked} FROM "{table}"{which}) TO STDOUT (FORMAT BINARY)'


def wire_types(columns: Sequence[Column]) -> list[str]:
    """Return PostgreSQL's type of each column of `select`."""
    names = {"float": "float8", "bytes": "bytea", "bool": "int4"}
    return [names.get(column.kind, "text") if column.kind != "int" else "int8" for column in columns]


def find(tables: Sequence[Table], name: str) -> Table | None:
    """Return the table of that name."""
    return next((table for table in tables if table.name == name), None)
