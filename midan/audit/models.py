"""Tables of the log. The bytes of an entry are the truth; everything one can search by is generated from them.

All tables but `Verification` refuse UPDATE and DELETE by triggers (migration 0002), on both databases. There are
no foreign keys to people, waybills or branches: an entry outlives what it speaks of.
"""

from typing import Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.sql.compiler import SQLCompiler

_Sql = tuple[str, tuple[Any, ...]]


class JsonText(models.Func):
    """One member of a JSON object kept as text; '' where the entry says nothing. `key` is one of our own names."""

    function = "JSON_TEXT"
    output_field = models.TextField()

    def __init__(self, source: str, key: str) -> None:
        super().__init__(source)
        self.source = source
        self.key = key

    def deconstruct(self) -> tuple[str, tuple[Any, ...], dict[str, Any]]:
        """Return what a migration needs to write this expression down."""
        path = f"{type(self).__module__}.{type(self).__qualname__}"
        return path, (self.source, self.key), {}

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **extra: Any) -> _Sql:
        """SQLite reads JSON kept as text."""
        template = f"COALESCE(json_extract(%(expressions)s, '$.{self.key}'), '')"
        return self._plain(self.as_sql(compiler, connection, template=template, **extra))

    def as_postgresql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **extra: Any) -> _Sql:
        """PostgreSQL parses the text; the cast is immutable, so a generated column may use it."""
        template = f"COALESCE((%(expressions)s)::jsonb ->> '{self.key}', '')"
        return self._plain(self.as_sql(compiler, connection, template=template, **extra))

    @staticmethod
    def _plain(sql: tuple[str, Any]) -> _Sql:
        return sql[0], tuple(sql[1])


class CurrentTransaction(models.Func):
    """0 on SQLite. On PostgreSQL a constant since migration 0003, before that the number of the writing transaction.

    It keeps rows from before that in their order, and before all newer ones, whose order is that of their `id`.
    """

    function = "CURRENT_TRANSACTION"
    output_field = models.BigIntegerField()

    def as_sqlite(self, *_given: Any, **_extra: Any) -> _Sql:
        """One writer at a time: nothing to tell apart."""
        return "0", ()

    def as_postgresql(self, *_given: Any, **_extra: Any) -> _Sql:
        """Return what migration 0001 gave the column, and 0003 replaced."""
        return "pg_current_xact_id()::text::bigint", ()


def _column(key: str) -> models.GeneratedField:
    return models.GeneratedField(
        expression=JsonText("entry", key), output_field=models.TextField(), db_persist=True
    )


class Entry(models.Model):
    """One thing that was done or refused."""

    id = models.BigAutoField(primary_key=True)
    entry = models.TextField()
    salt = models.BinaryField(max_length=32)
    transaction = models.BigIntegerField(db_default=CurrentTransaction())
    entry_id = _column("entry_id")
    time = _column("time")
    actor = _column("actor")
    act = _column("act")
    object = _column("object")
    purpose = _column("purpose")
    reason = _column("reason")
    outcome = _column("outcome")
    clause = _column("clause")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["entry_id"], name="audit_entry_entry_id")]
        indexes = [
            models.Index(fields=["object", "id"], name="audit_entry_object"),
            models.Index(fields=["actor", "id"], name="audit_entry_actor"),
            models.Index(fields=["act", "id"], name="audit_entry_act"),
            models.Index(fields=["time"], name="audit_entry_time"),
            models.Index(fields=["transaction", "id"], name="audit_entry_transaction"),
        ]


class Party(models.Model):
    """Whom an entry concerns, by the random token of a party to a waybill."""

    pk = models.CompositePrimaryKey("token", "entry_id")
    token = models.BinaryField(max_length=16)
    entry = models.ForeignKey(Entry, on_delete=models.DO_NOTHING, related_name="+")


class Leaf(models.Model):
    """The place of an entry in the tree, given once by the sequencer."""

    index = models.BigIntegerField(primary_key=True)
    entry = models.OneToOneField(Entry, on_delete=models.DO_NOTHING, related_name="+")
    leaf = models.BinaryField(max_length=32)


class Checkpoint(models.Model):
    """A signed statement of size and root."""

    size = models.BigIntegerField(primary_key=True)
    root = models.BinaryField(max_length=32)
    text = models.TextField()
    created = models.DateTimeField()


class Verification(models.Model):
    """What a full check of the log found, and when. Not evidence by itself: anybody can run the check again."""

    at = models.DateTimeField(db_index=True)
    ok = models.BooleanField()
    size = models.BigIntegerField()
    root = models.TextField()
    first_bad = models.BigIntegerField(null=True)
    reason = models.TextField()
    seconds = models.FloatField()
