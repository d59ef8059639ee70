"""Tables of the vault. No column here, sealed bytes aside, tells anything about a person.

Parts, digests and frontier rows are found by their primary key alone; on SQLite they are stored in its order
(WITHOUT ROWID, see migration 0001), so that one day's orders lie together.
"""

from django.db import models
from django.db.models.functions import Now

LIVE = "live"
DESTROYED = "destroyed"


class Identity(models.Model):
    """The one company of this vault. `next_epoch`, `claimed` and `pack_counter` only grow: no number is used again.

    Whoever opens an epoch, destroys, punctures, turns the ratchet or writes a key pack holds this row first.
    `generation` is the one that wraps every state; `unratcheted` counts destructions since it began.
    """

    id = models.SmallIntegerField(primary_key=True, default=1)
    company_id = models.BinaryField(max_length=16)
    next_epoch = models.BigIntegerField(default=1)
    generation = models.BigIntegerField(default=1)
    claimed = models.BigIntegerField(default=1)
    pack_counter = models.BigIntegerField(default=0)
    unratcheted = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(id=1), name="vault_identity_is_one"),
            models.CheckConstraint(
                condition=models.Q(next_epoch__gte=1, next_epoch__lt=1 << 32), name="vault_identity_u32"
            ),
        ]


class Epoch(models.Model):
    """A retention class and an intake day. The row outlives the keys: that is how it stays destroyed.

    `mark` stands in the last key pack: no record at or above it is handed out, so that a restore knows what to burn.
    """

    number = models.BigIntegerField(primary_key=True, db_column="id")
    retention = models.CharField(max_length=32)
    day = models.DateField()
    due = models.DateField()
    state = models.CharField(max_length=10, default=LIVE)
    next_record = models.BigIntegerField(default=0)
    mark = models.BigIntegerField(default=0)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["retention", "day"], name="vault_epoch_once"),
            models.CheckConstraint(condition=models.Q(state__in=[LIVE, DESTROYED]), name="vault_epoch_state"),
            models.CheckConstraint(condition=models.Q(due__gte=models.F("day")), name="vault_epoch_due"),
            models.CheckConstraint(
                condition=models.Q(next_record__gte=0, next_record__lte=1 << 30), name="vault_epoch_records"
            ),
        ]


class State(models.Model):
    """The state key of a live epoch, wrapped under the generation secret. No row, no epoch.

    `frontier` is the digest of a frontier too large to lie in the key pack itself (specs/key-pack.md).
    """

    epoch = models.BigIntegerField(primary_key=True)
    version = models.BigIntegerField()
    generation = models.BigIntegerField()
    wrapped = models.BinaryField()
    index_secret = models.BinaryField()
    frontier = models.BinaryField(null=True)


class Share(models.Model):
    """A generation that a keeper was given: written here before the keeper gets it, closed when it is erased there."""

    id = models.BigAutoField(primary_key=True)
    keeper = models.CharField(max_length=255)
    kind = models.CharField(max_length=16)
    generation = models.BigIntegerField()
    given_at = models.DateTimeField()
    erased_at = models.DateTimeField(null=True)
    how = models.CharField(max_length=64, default="")
    best_effort = models.BooleanField(default=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["keeper", "generation"], name="vault_share_once")]


class StateTag(models.Model):
    """A random tag that triggers renew whenever a state or a company secret changes: cached keys hold against it."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    tag = models.BinaryField(max_length=16)

    class Meta:
        db_table = "vault_tag"


class FrontierRow(models.Model):
    """One node of an epoch's key tree, or a run of nodes from this one on, sealed under its state key."""

    pk = models.CompositePrimaryKey("epoch", "depth", "prefix")
    epoch = models.BigIntegerField()
    depth = models.SmallIntegerField()
    prefix = models.BigIntegerField()
    sealed = models.BinaryField()

    class Meta:
        db_table = "vault_frontier"


class Record(models.Model):
    """Where the parts of an order lie: its four leaves start at record_no × 4."""

    seq = models.BigIntegerField(primary_key=True)
    epoch = models.BigIntegerField()
    record_no = models.BigIntegerField()


class Part(models.Model):
    pk = models.CompositePrimaryKey("epoch", "leaf")
    epoch = models.BigIntegerField()
    leaf = models.BigIntegerField()
    sealed = models.BinaryField()


class Digest(models.Model):
    pk = models.CompositePrimaryKey("epoch", "digest", "seq", "part")
    epoch = models.BigIntegerField()
    digest = models.BinaryField(max_length=16)
    seq = models.BigIntegerField()
    part = models.SmallIntegerField()


class CompanySecret(models.Model):
    """A secret of the company, sealed under the generation secret."""

    name = models.CharField(max_length=32, primary_key=True)
    generation = models.BigIntegerField()
    wrapped = models.BinaryField()

    class Meta:
        db_table = "vault_secret"
