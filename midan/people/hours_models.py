"""The table of working hours."""

from django.db import models

from midan.people.hours.rules import DAY, EVERY_DAY, HoursOf


class WorkingHours(models.Model):
    """When a person, or everybody of a branch, is at work: days as bits from Monday, begin and end in minutes."""

    kind = models.CharField(max_length=8)
    name = models.CharField(max_length=16)
    days = models.SmallIntegerField()
    begins = models.SmallIntegerField()
    ends = models.SmallIntegerField()

    class Meta:
        app_label = "people"
        constraints = [
            models.UniqueConstraint(fields=["kind", "name"], name="people_hours_once"),
            models.CheckConstraint(
                condition=models.Q(kind__in=[kind.value for kind in HoursOf])
                & models.Q(days__gte=1, days__lte=EVERY_DAY)
                & models.Q(begins__gte=0, begins__lt=DAY, ends__gte=0, ends__lt=DAY),
                name="people_hours_sound",
            ),
        ]
