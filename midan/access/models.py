"""Tables of access: what each person has used of the day, tickets, broken glass, cases, policies, what decisions saw."""

from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Concat

from midan.access.rules.budgets import BudgetKind
from midan.access.rules.cases import Ground
from midan.access.rules.glass import Finding


class Budget(models.Model):
    """How many revealed fields, searches or tickets a person has used on a day (Asia/Shanghai), out of how many."""

    staff = models.CharField(max_length=12)
    day = models.DateField()
    kind = models.CharField(max_length=8)
    used = models.IntegerField()
    allowed = models.IntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["staff", "day", "kind"], name="access_budget_once"),
            models.CheckConstraint(
                condition=models.Q(used__gte=0) & models.Q(used__lte=models.F("allowed")),
                name="access_budget_kept",
            ),
            models.CheckConstraint(
                condition=models.Q(kind__in=[kind.value for kind in BudgetKind]), name="access_budget_kind"
            ),
        ]


class Look(models.Model):
    """One waybill a person asked for on a day (Asia/Shanghai): the last time, and what came of it.

    `shown`: something of it was shown. `explained`: a scan or a ticket of theirs stands behind it. `outside`: it is
    nothing of theirs. A search that showed somebody stands here under its entry's id until it is known whom.
    """

    staff = models.CharField(max_length=12)
    day = models.DateField()
    number = models.CharField(max_length=15)
    at = models.DateTimeField()
    shown = models.BooleanField()
    explained = models.BooleanField()
    outside = models.BooleanField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["staff", "day", "number"], name="access_look_once"),
        ]
        indexes = [
            # Every decision counts a person's window: with all it counts in the index, no row is read.
            models.Index(
                fields=["staff", "at", "day", "shown", "explained", "outside"], name="access_look_window"
            ),
            models.Index(fields=["at"], name="access_look_age"),
        ]


class Ticket(models.Model):
    """A customer's call. `digest` is keyed, of the caller's phone, emptied when the ticket closes."""

    code = models.CharField(max_length=16, unique=True)
    opened_by = models.CharField(max_length=12)
    reason = models.CharField(max_length=32)
    digest = models.BinaryField()
    opened_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["opened_by", "expires_at"], name="access_ticket_open")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(expires_at__gt=models.F("opened_at")), name="access_ticket_ends"
            )
        ]


class TicketWaybill(models.Model):
    """A waybill the ticket covers: the one the customer named, or those found under their phone."""

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="waybills")
    seq = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ticket", "seq"], name="access_ticket_waybill_once")]


class Call(models.Model):
    """A call event that was taken: enough to know it again, nothing of who called. `digest` is keyed, of the event's id."""

    client = models.TextField()
    digest = models.BinaryField()
    at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["client", "digest"], name="access_call_once")]


class Note(models.Model):
    """What somebody wrote beside a reveal. Its digest stands in the entry; who reads the log reads it there."""

    entry_id = models.CharField(max_length=32, primary_key=True)
    note = models.TextField()
    at = models.DateTimeField()


class Glass(models.Model):
    """One broken glass: one person, one waybill, named fields, 15 minutes; then its review. The row is the alarm."""

    code = models.CharField(max_length=16, unique=True)
    staff = models.CharField(max_length=12)
    seq = models.BigIntegerField()
    fields = models.TextField()
    purpose = models.CharField(max_length=32)
    reason = models.CharField(max_length=32)
    gates = models.TextField()
    entry_id = models.CharField(max_length=32)
    broken_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    review_by = models.DateTimeField()
    finding = models.CharField(max_length=16, default="")
    reviewed_by = models.CharField(max_length=128, default="")
    reviewed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            # Two requests at once cannot both break it: the database lets one person have one that nobody reviewed.
            models.UniqueConstraint(
                fields=["staff"], condition=Q(reviewed_at=None), name="access_glass_one_unreviewed"
            ),
            models.CheckConstraint(
                condition=Q(finding="", reviewed_by="", reviewed_at=None)
                | Q(finding__in=[one.value for one in Finding], reviewed_at__isnull=False)
                & ~Q(reviewed_by=""),
                name="access_glass_reviewed_whole",
            ),
            models.CheckConstraint(
                condition=~Q(reviewed_by=Concat(Value("staff:"), F("staff"))),
                name="access_glass_by_another",
            ),
            models.CheckConstraint(condition=Q(expires_at__gte=F("broken_at")), name="access_glass_ends"),
        ]
        indexes = [models.Index(fields=["staff", "expires_at"], name="access_glass_of_person")]


class Case(models.Model):
    """One lawful disclosure. `opens_at` is None until a second person agreed. The papers are sealed (midan.vault.files)."""

    code = models.BinaryField(max_length=16, primary_key=True)
    ground = models.CharField(max_length=32)
    reader = models.CharField(max_length=12)
    fields = models.TextField()
    requested_by = models.CharField(max_length=128)
    requested_at = models.DateTimeField()
    approval = models.CharField(max_length=16, unique=True)
    days = models.IntegerField()
    approved_by = models.CharField(max_length=128, default="")
    opens_at = models.DateTimeField(null=True)
    ends_at = models.DateTimeField(null=True)
    sealed = models.BinaryField()
    size = models.IntegerField()
    digest = models.BinaryField(max_length=32)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(ground__in=[one.value for one in Ground]), name="access_case_ground"
            ),
            models.CheckConstraint(
                condition=Q(opens_at=None, ends_at=None, approved_by="")
                | Q(opens_at__isnull=False, ends_at__gte=F("opens_at")) & ~Q(approved_by=""),
                name="access_case_opened_whole",
            ),
            models.CheckConstraint(
                condition=~Q(approved_by=F("requested_by")), name="access_case_two_persons"
            ),
        ]
        indexes = [models.Index(fields=["reader", "ends_at"], name="access_case_of_reader")]


class CaseWaybill(models.Model):
    """A waybill a case names."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="waybills")
    seq = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "seq"], name="access_case_waybill_once")]


class Sight(models.Model):
    """What a decision looked at, beside its entry, which carries the digest: codes and numbers, nothing about a customer."""

    entry_id = models.CharField(max_length=32, primary_key=True)
    facts = models.TextField()


class PolicyDraft(models.Model):
    """Policies somebody wrote, sound when they were kept. `base` is the version they were meant to replace."""

    code = models.CharField(max_length=16, primary_key=True)
    text = models.TextField()
    version = models.CharField(max_length=16)
    digest = models.BinaryField(max_length=32)
    base = models.CharField(max_length=16)
    restores = models.IntegerField(null=True)
    made_by = models.CharField(max_length=128)
    made_at = models.DateTimeField()
    approval = models.CharField(max_length=16, default="")


class PolicyVersion(models.Model):
    """Policies that came into force; the highest number is in force. Its entry in the log carries the digest."""

    number = models.IntegerField(primary_key=True)
    text = models.TextField()
    version = models.CharField(max_length=16)
    digest = models.BinaryField(max_length=32)
    restores = models.IntegerField(null=True)
    requested_by = models.CharField(max_length=128)
    approved_by = models.CharField(max_length=128)
    published_at = models.DateTimeField()
    entry_id = models.CharField(max_length=32)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(approved_by=F("requested_by")), name="access_policy_two_persons"
            ),
            models.CheckConstraint(condition=Q(number__gte=1), name="access_policy_number"),
        ]
