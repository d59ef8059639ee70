"""The register of sets, the drills, and how far a restore of this place got."""

from django.db import models


class BackupSet(models.Model):
    """One set that was made, or that this place was restored from. The row stays when the set is gone.

    `moved` is the number of the newest row of the re-seal journal in it. `verified_at` says when every byte of it was read
    back; without it nothing relies on it. `life_until` grows while a later set builds on this one.
    """

    set_id = models.CharField(max_length=32, primary_key=True)
    name = models.TextField()
    folder = models.TextField()
    created_at = models.DateTimeField(db_index=True)
    life_until = models.DateTimeField(db_index=True)
    tables = models.IntegerField()
    rows = models.BigIntegerField()
    bytes = models.BigIntegerField()
    log_size = models.BigIntegerField()
    ended_at = models.DateTimeField(null=True)
    kind = models.CharField(max_length=10, default="full", db_default="full")
    base = models.CharField(max_length=32, default="", db_default="")
    generation = models.BigIntegerField(default=0, db_default=0)
    moved = models.BigIntegerField(default=0, db_default=0)
    verified_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "backup_set"


class Drill(models.Model):
    """One restore of a set into a place that was thrown away afterwards. `reason` is an error code, or empty."""

    at = models.DateTimeField(db_index=True)
    set_id = models.CharField(max_length=32)
    ok = models.BooleanField()
    reason = models.CharField(max_length=64)
    rows = models.BigIntegerField()
    destroyed = models.BigIntegerField()
    sample = models.IntegerField()
    seconds = models.FloatField()

    class Meta:
        db_table = "backup_drill"


class Restore(models.Model):
    """The restore that made this place; without `finished_at` nothing else may run here."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    set_id = models.CharField(max_length=32)
    name = models.TextField()
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "backup_restore"
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="backup_restore_is_one")]
