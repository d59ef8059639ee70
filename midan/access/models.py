"""Tables of access: what each person has used of the day, and the tickets that let an agent look."""

from django.db import models

from midan.access.rules.budgets import BudgetKind


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
