"""The page of a destruction of paper: its photo comes and is shown by the post that may, each look by a press."""

from io import BytesIO

import pytest
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from midan.audit import selectors as log
from midan.core.actor import Actor
from midan.paper import services
from midan.paper.models import Photo
from midan.people import selectors as people


def member(role):
    (someone,) = people.staff_of(role=role)
    return Actor(kind="staff", name=someone.staff_no, role=role, branch="HZ001")


@pytest.fixture
def act(company):
    now, clerk = timezone.now(), member("clerk")
    services.seal(actor=clerk, serial="BAG-00001", kind="labels", sheets=3, weight_g=60, now=now)
    return services.destroy(
        actor=clerk,
        serials=["BAG-00001"],
        method="shredded",
        place="后院",
        witness=member("branch_manager").name,
        now=now,
    )


def picture(side=64):
    made = BytesIO()
    Image.effect_noise((side, side), 60).convert("RGB").save(made, "JPEG")
    return made.getvalue()


def send(client, act, raw):
    return client.post(
        reverse("console:add-paper-photo", args=[act]), raw, content_type="application/octet-stream"
    )


def test_the_branch_adds_it_and_looking_is_a_press_that_is_logged(company, act):
    clerk, auditor = company.client("clerk"), company.client("auditor")
    address = reverse("console:paper-act", args=[act])
    assert "photo-form" in clerk.get(address).content.decode()
    assert send(clerk, act, picture()).status_code == 302
    page = auditor.get(address).content.decode()
    assert "查看照片 1 次" in page
    assert "base64" not in page
    assert log.entries(log.EntryFilter(act="paper:photo:seen")).items == ()
    shown = auditor.post(reverse("console:paper-photo", args=[act]))
    assert "data:image/jpeg;base64," in shown.content.decode()
    assert shown["Cache-Control"] == "no-store"
    assert len(log.entries(log.EntryFilter(act="paper:photo:seen")).items) == 1
    assert "photo-form" not in clerk.get(address).content.decode()


@pytest.mark.parametrize("raw", [b"", b"<svg/>", bytes(8 * 1024 * 1024 + 1)])
def test_what_is_no_photo_is_refused_in_place_and_kept_nowhere(company, act, raw):
    answer = send(company.client("clerk"), act, raw)
    page = answer.content.decode()
    assert (answer.status_code, "bad_photo" in page, "没有任何改动" in page) == (400, True, True)
    assert not Photo.objects.exists()


def test_a_second_one_is_refused(company, act):
    clerk = company.client("clerk")
    send(clerk, act, picture())
    assert send(clerk, act, picture()).status_code == 409


def test_other_posts_get_no_photo(company, act):
    send(company.client("clerk"), act, picture())
    for role in ("courier", "hr", "agent", "sysadmin"):
        client = company.client(role)
        assert client.post(reverse("console:paper-photo", args=[act])).status_code == 403
        assert client.get(reverse("console:paper-act", args=[act])).status_code == 403


def test_oversight_sees_the_differences_of_branches_as_a_chart(company, monkeypatch):
    page = company.client("auditor").get(reverse("console:paper")).content.decode()
    assert 'data-chart="differences"' not in page
    monkeypatch.setattr("midan.paper.selectors.labels.printed_at", lambda _branch: 7)
    page = company.client("auditor").get(reverse("console:paper")).content.decode()
    assert 'data-chart="differences"' in page
    assert "7 张去向不明" in page
