"""What a password must be, and that the last five do not come back."""

import pytest
from django.test import Client
from django.utils import timezone

from midan.people import passwords, services
from midan.people.errors import WeakPassword
from midan.people.models import PastPassword, Staff
from tests.people.conftest import PASSWORD, SYSTEM, appoint
from tests.signing_in import sign_in

# Each is refused by exactly one rule: the others have nothing against it.
REFUSED = {
    "short": ("tZ7#qLw9v", "password_too_short"),
    "ten but easy to guess": ("summer2024", "password_too_easy"),
    "twelve of one letter": ("aaaaaaaaaaaa", "password_too_easy"),
    "leaked": ("mailcreated5240", "password_leaked"),
    "like the name": ("xofficer7qz4", "password_too_similar"),
}
TAKEN = ("tZ7#qLw9vK", "nine purple otters", "夜雨敲窗听旧曲三更半夜")


def set_to(person, password):
    services.set_password(actor=SYSTEM, staff_no=person.staff_no, password=password)


@pytest.mark.parametrize("why", REFUSED)
def test_a_password_that_breaks_a_rule_is_refused_and_named_by_it(officer, why):
    password, rule = REFUSED[why]
    with pytest.raises(WeakPassword) as refused:
        set_to(officer, password)
    assert rule in refused.value.details["rules"]
    assert password not in str(refused.value.as_dict())
    assert Staff.objects.get().check_password(PASSWORD)


@pytest.mark.parametrize("password", TAKEN)
def test_long_ones_and_hard_ones_of_ten_are_taken(officer, password):
    set_to(officer, password)
    assert Staff.objects.get().check_password(password)


def test_the_last_five_do_not_come_back_and_the_sixth_does(officer):
    series = [PASSWORD, *(f"{word} herons count the ferries" for word in ("two", "six", "ten", "few"))]
    for password in series[1:]:
        set_to(officer, password)
    for password in series:
        with pytest.raises(WeakPassword) as refused:
            set_to(officer, password)
        assert refused.value.details["rules"] == ["password_recent"]
    set_to(officer, "all herons count the ferries")
    set_to(officer, PASSWORD)
    assert PastPassword.objects.count() == passwords.LAST
    assert all(row.hash.startswith("argon2$argon2id$") for row in PastPassword.objects.all())


def test_a_person_who_had_no_history_cannot_keep_the_present_one(officer):
    PastPassword.objects.all().delete()
    with pytest.raises(WeakPassword):
        set_to(officer, PASSWORD)


def test_nobody_is_kept_from_a_password_somebody_else_has(officer, now):
    assert appoint(now, username="other", role="courier").username == "other"


def test_no_change_is_forced_unless_the_company_says_so(officer, monkeypatch):
    client = Client(SERVER_NAME="localhost")
    sign_in(client, username="officer7")
    old = timezone.now() - timezone.timedelta(days=91)
    PastPassword.objects.update(set_at=old)
    assert client.get("/overview/").status_code == 200
    monkeypatch.setenv("MIDAN_PASSWORD_DAYS", "90")
    assert client.get("/overview/")["Location"] == "/accounts/password/change/"
    assert client.get("/accounts/password/change/").status_code == 200
    set_to(officer, "all herons count the ferries")
    client = Client(SERVER_NAME="localhost")
    sign_in(client, username="officer7")
    assert client.get("/overview/").status_code == 200
