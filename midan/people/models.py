"""Tables of the organisation.

Staff is the user model. Django's groups and permissions are not used: what a post may do stands in
policy/access.cedar, where the privacy officer can read it.
"""

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower

from midan.people.hours_models import WorkingHours
from midan.people.org_models import AccessReview, Carrier, Departure, Owner, Posting
from midan.people.rules import BranchKind, Employment, Role
from midan.people.signin_models import FactorUse, FirstLink, JoinLink, PastPassword, Tries

__all__ = [
    "AccessReview",
    "Branch",
    "Carrier",
    "Company",
    "Departure",
    "FactorUse",
    "FirstLink",
    "JoinLink",
    "Owner",
    "PastPassword",
    "Posting",
    "Sequence",
    "Staff",
    "StaffManager",
    "Tries",
    "WorkingHours",
]


class Company(models.Model):
    """The one company of this installation."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    name = models.TextField()
    credit_code = models.CharField(max_length=18)
    contact_phone = models.TextField()
    contact_email = models.TextField()
    address = models.TextField()
    complaint_phone = models.TextField()

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="people_company_is_one")]


class Branch(models.Model):
    code = models.CharField(max_length=16, unique=True)
    name = models.TextField()
    kind = models.CharField(max_length=12)
    district_code = models.CharField(max_length=6)
    city = models.TextField()
    parent = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="children")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind__in=[kind.value for kind in BranchKind]), name="people_branch_kind"
            ),
            models.CheckConstraint(condition=~models.Q(code=""), name="people_branch_has_code"),
        ]


class StaffManager(BaseUserManager["Staff"]):
    """Only finds people; they are created by `services.create_staff`, which logs."""


class Staff(AbstractBaseUser):
    username = models.CharField(max_length=64, unique=True)
    staff_no = models.CharField(max_length=12, unique=True)
    display_name = models.TextField()
    role = models.CharField(max_length=20)
    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="staff")
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField()
    # Defaults of the database itself: the release before this one appoints people without knowing these columns.
    state = models.CharField(max_length=12, default=Employment.ACTIVE, db_default=Employment.ACTIVE.value)
    # The number in the company's own personnel file: one person with two accounts bears it in both. Empty: not told.
    hr_no = models.CharField(max_length=24, default="", db_default="", db_index=True)
    contract_ends = models.DateField(null=True)
    slept_at = models.DateTimeField(null=True)
    woken_at = models.DateTimeField(null=True)

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects: ClassVar[StaffManager] = StaffManager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(role__in=[role.value for role in Role]), name="people_staff_role"
            ),
            # Sign-in takes a name in either case: two that differ by it alone would lock each other out.
            models.UniqueConstraint(Lower("username"), name="people_staff_username_any_case"),
            models.CheckConstraint(
                condition=models.Q(state__in=[state.value for state in Employment]), name="people_staff_state"
            ),
            # Whoever has left holds no open account, whatever writes here.
            models.CheckConstraint(
                condition=~models.Q(state=Employment.LEFT, is_active=True), name="people_left_is_closed"
            ),
        ]

    @property
    def is_staff(self) -> bool:
        """Nobody enters an administration of tables: it would write around the services and the log."""
        return False

    @property
    def is_superuser(self) -> bool:
        return False


class Sequence(models.Model):
    """The next staff number. A row is made on first use."""

    name = models.CharField(max_length=16, primary_key=True)
    next = models.BigIntegerField()
