"""Tables of the waybill record.

Nothing here points at a person: names, phones and roads live sealed in the vault. Branches and staff are
named by code, not by key: the record outlives them.
"""

from django.db import models

from midan.waybill.rules import TERMINAL, Event, Status


class Waybill(models.Model):
    seq = models.BigIntegerField(primary_key=True)
    number = models.CharField(max_length=15, unique=True)
    client = models.TextField()
    branch = models.TextField()
    destination = models.TextField()
    district_code = models.CharField(max_length=6)
    sorting_code = models.TextField()
    status = models.CharField(max_length=16)
    handler = models.TextField()
    station = models.TextField()
    goods_kind = models.TextField()
    quantity = models.IntegerField()
    weight_g = models.IntegerField()
    retention = models.TextField()
    sender_party = models.BinaryField()
    recipient_party = models.BinaryField()
    notice_version = models.TextField()
    batch = models.BinaryField()
    created_at = models.DateTimeField()
    delivered_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            # Pages are walked newest first inside one branch; the rest of the indexes stay small
            # because only parcels in somebody's hands or on a shelf appear in them.
            models.Index(fields=["branch", "seq"], name="waybill_origin"),
            models.Index(fields=["destination", "seq"], name="waybill_destination"),
            models.Index(fields=["handler", "seq"], name="waybill_handler", condition=~models.Q(handler="")),
            models.Index(fields=["station", "seq"], name="waybill_station", condition=~models.Q(station="")),
            models.Index(fields=["created_at"], name="waybill_created"),
            # What is long over and never ended: a handful among millions, asked for before each destruction.
            models.Index(
                fields=["created_at", "seq"],
                name="waybill_unfinished",
                condition=~models.Q(status__in=sorted(TERMINAL)),
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(status__in=[status.value for status in Status]), name="waybill_status"
            ),
        ]


class Scan(models.Model):
    """What a scanner said. `moved` is false for a late scan: history that changed and widened nothing."""

    seq = models.BigIntegerField()
    event = models.CharField(max_length=16)
    branch = models.TextField()
    staff_no = models.TextField()
    station = models.TextField()
    at = models.DateTimeField()
    moved = models.BooleanField()

    class Meta:
        indexes = [
            models.Index(fields=["seq", "id"], name="waybill_scan_of"),
            models.Index(fields=["branch", "seq"], name="waybill_scan_route", condition=models.Q(moved=True)),
            # What a courier took today and what a station gave out today: asked at each look (waybill/work.py).
            models.Index(
                fields=["staff_no", "at", "seq"],
                name="waybill_scan_taken",
                condition=models.Q(event__in=["collected", "out_for_delivery"], moved=True),
            ),
            models.Index(
                fields=["branch", "at", "seq"],
                name="waybill_scan_given",
                condition=models.Q(event__in=["delivered", "returned"], moved=True),
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(event__in=[event.value for event in Event]), name="waybill_scan_event"
            ),
        ]


class PickUpCode(models.Model):
    """What a customer says at the counter: random, of one parcel as long as it lies at one station.

    In clear, unlike a digest of a person's number: it says nothing of anybody, must be printed and sent again when it was
    lost, opens nothing without the clerk who compares the name, and goes when the parcel leaves the shelf.
    """

    seq = models.BigIntegerField(primary_key=True)
    station = models.TextField()
    code = models.CharField(max_length=6)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["station", "code"], name="waybill_pickup_once")]


class PickUpTry(models.Model):
    """How many codes nobody has a person tried within an hour; the hour begins at its full stroke."""

    staff_no = models.TextField()
    hour = models.DateTimeField()
    missed = models.IntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["staff_no", "hour"], name="waybill_pickup_tries_once")]


class Counter(models.Model):
    """The next free number of a sequence. A row is made on first use."""

    name = models.CharField(max_length=16, primary_key=True)
    next = models.BigIntegerField()


class Coverage(models.Model):
    """Which branch serves a district (town empty) or a town, and the three parts of its sorting code."""

    district_code = models.CharField(max_length=6)
    town = models.TextField()
    branch = models.TextField()
    sort_first = models.CharField(max_length=8)
    sort_second = models.CharField(max_length=8)
    sort_third = models.CharField(max_length=8)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["district_code", "town"], name="waybill_coverage_once")
        ]
