"""Runs, their targets, their steps, their certificates. Nothing here tells anything about a person."""

from django.db import models

from midan.destruction.rules.runs import Basis, CutPart, Step


class Run(models.Model):
    """One destruction. `step` is the last step done; a run is taken up again from there."""

    code = models.CharField(max_length=20, unique=True)
    basis = models.CharField(max_length=12)
    reason = models.CharField(max_length=32)
    step = models.CharField(max_length=12, default=Step.PLANNED)
    requester = models.CharField(max_length=128)
    approval = models.CharField(max_length=16, default="")
    dropped_at = models.DateTimeField(null=True)
    approver = models.CharField(max_length=128, default="")
    approval_entry = models.CharField(max_length=32, default="")
    planned_at = models.DateTimeField()
    warrant = models.CharField(max_length=32, default="")
    warrant_at = models.DateTimeField(null=True)
    generation = models.BigIntegerField(default=0)
    unreadable_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["id"],
                name="destruction_open",
                condition=~models.Q(step=Step.DONE.value) & models.Q(dropped_at__isnull=True),
            )
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(step__in=[step.value for step in Step]), name="destruction_step"
            ),
            models.CheckConstraint(
                condition=models.Q(basis__in=[basis.value for basis in Basis]), name="destruction_basis"
            ),
            # Outside the schedule nobody destroys alone, whatever the program says.
            models.CheckConstraint(
                condition=models.Q(basis=Basis.DUE.value)
                | models.Q(step=Step.PLANNED.value)
                | ~models.Q(approver="")
                & ~models.Q(approval_entry="")
                & ~models.Q(approver=models.F("requester")),
                name="destruction_two_persons",
            ),
        ]


class RunStep(models.Model):
    """When a run did a step."""

    run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="steps")
    step = models.CharField(max_length=12)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "step"], name="destruction_step_once")]


class RunEpoch(models.Model):
    """An epoch a run destroys, with what lay in it."""

    run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="epochs")
    number = models.BigIntegerField()
    retention = models.CharField(max_length=32)
    day = models.DateField()
    due = models.DateField()
    records = models.BigIntegerField(default=0)
    held = models.BigIntegerField(default=0)
    stragglers = models.BigIntegerField(default=0)
    destroyed = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "number"], name="destruction_epoch_once")]


class RunCut(models.Model):
    """A person, or a whole waybill, that a run erases out of an epoch that stays."""

    run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="cuts")
    seq = models.BigIntegerField()
    part = models.CharField(max_length=12)
    epoch = models.BigIntegerField()
    record_no = models.BigIntegerField()
    token = models.BinaryField(max_length=32)
    epoch_due = models.DateField()
    # Held when its turn came: it stays, and the certificate does not speak of it.
    kept = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "seq", "part"], name="destruction_cut_once"),
            models.CheckConstraint(
                condition=models.Q(part__in=[part.value for part in CutPart]), name="destruction_cut_part"
            ),
        ]


class Certificate(models.Model):
    """A certificate as issued: bytes that are handed out as they are. The newest of a run counts."""

    run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="certificates")
    status = models.CharField(max_length=8)
    entry_id = models.CharField(max_length=32, unique=True)
    facts = models.TextField()
    text = models.BinaryField(null=True)
    issued_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "status"], name="destruction_certificate_once"),
            models.CheckConstraint(
                condition=models.Q(status__in=["pending", "final"]), name="destruction_certificate_status"
            ),
        ]


class Canary(models.Model):
    """An order of an invented person that the drill took in: where it lies, never what it says.

    Its values follow from the canary key and the sequence, so that a search for them finds copies and not this table.
    """

    seq = models.BigIntegerField(primary_key=True)
    day = models.DateField(db_index=True)
    epoch = models.BigIntegerField(db_index=True)
    record_no = models.BigIntegerField()


class Drill(models.Model):
    """One resurrection drill and its signed record, handed out as it is."""

    code = models.CharField(max_length=20, unique=True)
    at = models.DateTimeField()
    ok = models.BooleanField()
    reason = models.CharField(max_length=64)
    facts = models.TextField()
    entry_id = models.CharField(max_length=32, unique=True)
    text = models.BinaryField(null=True)


class DrillRun(models.Model):
    """A certificate a drill speaks of, and how many of its records were tried."""

    drill = models.ForeignKey(Drill, on_delete=models.PROTECT, related_name="runs")
    run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="drills")
    tried = models.IntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["drill", "run"], name="destruction_drill_run_once")]
