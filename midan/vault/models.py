"""Tables of the vault. No column here, sealed bytes aside, tells anything about a person.

Parts, digests and frontier rows are found by their primary key alone; on SQLite they are stored in its order
(WITHOUT ROWID, see migration 0001), so that one day's orders lie together.
"""

from django.db import models
from django.db.models.functions import Now

LIVE = "live"
DESTROYED = "destroyed"
HELD = "held"
RESTRICTED = "restricted"


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


class KeydLease(models.Model):
    """A process that holds keys: the state version it has seen last, and until when it may open without looking again.

    The version is `Identity.pack_counter`, which every destruction and ratchet raises. `until` is in seconds since 1970
    by the database's clock, the only one that several hosts share.
    """

    name = models.CharField(primary_key=True, max_length=32)
    host = models.CharField(max_length=64)
    pid = models.BigIntegerField()
    version = models.BigIntegerField()
    until = models.FloatField()

    class Meta:
        db_table = "vault_keyd"


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

    class Meta:
        # In the order they are made: an epoch's records are counted, listed and swept without reading the others.
        indexes = [models.Index(fields=["epoch", "record_no"], name="vault_record_of_epoch")]


class Part(models.Model):
    pk = models.CompositePrimaryKey("epoch", "leaf")
    epoch = models.BigIntegerField()
    leaf = models.BigIntegerField()
    sealed = models.BinaryField()


class IdentityRecord(models.Model):
    """Where the number of the document a sender showed lies: apart from the order, in an epoch of its own family."""

    seq = models.BigIntegerField(primary_key=True)
    epoch = models.BigIntegerField()
    record_no = models.BigIntegerField()

    class Meta:
        indexes = [models.Index(fields=["epoch", "record_no"], name="vault_identity_of_epoch")]


class IdentityPart(models.Model):
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


class Length(models.Model):
    """How long the company keeps a class, from a moment on. Rows are only added: the newest of a class holds."""

    retention = models.CharField(max_length=32)
    days = models.IntegerField()
    settle_days = models.IntegerField()
    basis = models.CharField(max_length=32)
    document = models.CharField(max_length=64)
    set_by = models.CharField(max_length=128)
    set_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(days__gte=1, settle_days__gte=0), name="vault_length_positive"
            )
        ]


class Hold(models.Model):
    """One legal hold, or one restriction of use, over any number of waybills. It outlives them as a record."""

    code = models.CharField(max_length=16, unique=True)
    kind = models.CharField(max_length=12)
    scope = models.CharField(max_length=12)
    label = models.CharField(max_length=64)
    reason = models.CharField(max_length=32)
    waybills = models.IntegerField()
    placed_by = models.CharField(max_length=128)
    placed_at = models.DateTimeField()
    ended_reason = models.CharField(max_length=32, default="")
    ended_by = models.CharField(max_length=128, default="")
    ended_with = models.CharField(max_length=128, default="")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(kind__in=[HELD, RESTRICTED]), name="vault_hold_kind"),
            # A hold ends by two persons and with a reason, or not at all.
            models.CheckConstraint(
                condition=models.Q(ended_at__isnull=True, ended_by="", ended_with="", ended_reason="")
                | models.Q(ended_at__isnull=False)
                & ~models.Q(ended_by="")
                & ~models.Q(ended_with="")
                & ~models.Q(ended_reason="")
                & ~models.Q(ended_by=models.F("ended_with")),
                name="vault_hold_two_persons",
            ),
        ]


class Held(models.Model):
    """A waybill under a hold or a restriction; `live` falls when the hold ends."""

    pk = models.CompositePrimaryKey("hold", "seq")
    hold = models.BigIntegerField()
    seq = models.BigIntegerField()
    kind = models.CharField(max_length=12)
    live = models.BooleanField(default=True)

    class Meta:
        indexes = [
            models.Index(fields=["seq", "kind"], name="vault_held_live", condition=models.Q(live=True))
        ]


class Reseal(models.Model):
    """The re-seal journal: which record moved from where to where, and until when it may have been kept at first."""

    seq = models.BigIntegerField()
    run = models.CharField(max_length=20)
    cause = models.CharField(max_length=12)
    from_epoch = models.BigIntegerField()
    from_record = models.BigIntegerField()
    to_epoch = models.BigIntegerField()
    to_record = models.BigIntegerField()
    retention = models.CharField(max_length=32)
    day = models.DateField()
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["seq", "id"], name="vault_reseal_of")]
        constraints = [
            models.UniqueConstraint(fields=["from_epoch", "from_record"], name="vault_reseal_once")
        ]


class Derivative(models.Model):
    """A file made from customers' data and kept: a label file, an export, an extract. Its digest says it is still it."""

    code = models.CharField(max_length=16, unique=True)
    kind = models.CharField(max_length=16)
    location = models.TextField()
    digest = models.BinaryField(max_length=32)
    made_by = models.CharField(max_length=128)
    made_at = models.DateTimeField()
    run = models.CharField(max_length=20, default="", db_index=True)
    outcome = models.CharField(max_length=12, default="")
    removed_at = models.DateTimeField(null=True)


class DerivativeOf(models.Model):
    """A waybill whose data a derivative carries."""

    pk = models.CompositePrimaryKey("derivative", "seq")
    derivative = models.BigIntegerField()
    seq = models.BigIntegerField(db_index=True)
