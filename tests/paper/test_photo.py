"""The photo of a destruction: drawn anew, sealed, one an act, shown to its branch and to oversight, every look logged."""

from io import BytesIO

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from midan.audit import selectors as log
from midan.core.actor import Actor
from midan.paper import selectors, services
from midan.paper.errors import ActUnknown, BadPhoto, PaperDenied, PhotoTaken
from midan.paper.models import Photo
from midan.paper.photos import clean
from tests.label.conftest import company, employ, take_in
from tests.paper.test_paper import clerk, destroyed, manager, sealed

__all__ = ["clerk", "company", "employ", "manager", "take_in"]
pytestmark = pytest.mark.django_db(transaction=True)
CANARY = "KANARI-16100005678"


def picture(form="JPEG", size=(640, 480), **saved):
    made = BytesIO()
    Image.effect_noise(size, 60).convert("RGB").save(made, form, **saved)
    return made.getvalue()


def noted():
    """A JPEG that says in every place it can who took it and where."""
    notes = Image.Exif()
    notes[0x010E], notes[0x013B] = CANARY, CANARY
    notes.get_ifd(0x8825)[2] = (30.0, 15.0, 0.0)
    return picture(exif=notes.tobytes(), comment=CANARY.encode(), icc_profile=CANARY.encode() * 20)


@pytest.fixture
def act(clerk, manager, now):
    sealed(clerk, now)
    return destroyed(clerk, manager, now)


def add(actor, act, now, raw=None):
    services.add_photo(actor=actor, destruction=act, raw=raw or picture(), now=now)


class TestDrawnAnew:
    def test_nothing_but_pixels_is_left(self):
        assert CANARY.encode() in noted()
        made = clean(noted())
        assert CANARY.encode() not in made
        with Image.open(BytesIO(made)) as image:
            assert (image.format, image.size, dict(image.getexif())) == ("JPEG", (640, 480), {})
            assert not {"exif", "comment", "icc_profile"} & image.info.keys()

    def test_a_png_becomes_a_jpeg_without_its_texts(self):
        texts = PngInfo()
        texts.add_text("Comment", CANARY)
        made = clean(picture("PNG", pnginfo=texts))
        assert made.startswith(b"\xff\xd8")
        assert CANARY.encode() not in made

    def test_a_large_one_is_made_smaller_and_stands_upright(self):
        turned = Image.Exif()
        turned[0x0112] = 6
        with Image.open(BytesIO(clean(picture(size=(4000, 2000), exif=turned.tobytes())))) as image:
            assert image.size == (800, 1600)

    def test_what_follows_the_picture_is_gone(self):
        assert CANARY.encode() not in clean(picture() + CANARY.encode())

    @pytest.mark.parametrize(
        ("raw", "problem"),
        [
            (b"", "size"),
            (bytes(8 * 1024 * 1024 + 1), "size"),
            (b"<svg onload='x'/>", "kind"),
            (b"%PDF-1.7", "kind"),
            (picture("GIF"), "kind"),
            (picture("WEBP"), "kind"),
            (picture()[:400], "kind"),
            (picture("PNG")[:400], "kind"),
        ],
    )
    def test_anything_else_is_refused_by_name(self, raw, problem):
        with pytest.raises(BadPhoto) as refused:
            clean(raw)
        assert refused.value.details == {"problem": problem}

    def test_a_small_file_of_a_huge_picture_is_refused(self):
        made = BytesIO()
        Image.new("1", (20_000, 20_000)).save(made, "PNG")
        assert len(made.getvalue()) < 1_000_000
        with pytest.raises(BadPhoto):
            clean(made.getvalue())


class TestKept:
    def test_it_is_sealed_and_the_log_has_its_digest(self, act, clerk, now):
        add(clerk, act, now)
        kept = Photo.objects.get()
        assert b"\xff\xd8\xff" not in bytes(kept.sealed)[:64]
        entry = log.entries(log.EntryFilter(act="paper:photo:added")).items[0].entry
        assert (entry.details["bytes"], entry.details["digest"]) == (kept.size, bytes(kept.digest).hex())
        (view,) = selectors.destructions("HZ001")
        assert (view.photo.size, view.photo.added_by) == (kept.size, clerk.reference)

    def test_one_an_act_and_never_another(self, act, clerk, manager, now):
        add(clerk, act, now)
        with pytest.raises(PhotoTaken):
            add(manager, act, now)

    def test_none_where_the_witness_denied_it(self, act, clerk, manager, now):
        services.witness(actor=manager, destruction=act, confirmed=False, now=now)
        with pytest.raises(PhotoTaken):
            add(clerk, act, now)

    def test_only_the_branch_itself_adds(self, act, employ, now):
        for role, branch, refused in (
            ("clerk", "NJ001", ActUnknown),
            ("privacy_officer", "HZ001", PaperDenied),
            ("courier", "HZ001", PaperDenied),
        ):
            with pytest.raises(refused):
                add(employ(role, branch), act, now)
        with pytest.raises(PaperDenied):
            add(Actor.system("test"), act, now)
        assert not Photo.objects.exists()


class TestShown:
    def test_every_look_is_logged_before_it_opens(self, act, clerk, employ, now):
        add(clerk, act, now)
        auditor = employ("auditor")
        assert services.photo(actor=auditor, destruction=act, now=now).startswith(b"\xff\xd8")
        (item,) = log.entries(log.EntryFilter(act="paper:photo:seen")).items
        assert (item.entry.actor, item.entry.outcome) == (auditor.reference, "allowed")

    @pytest.mark.parametrize(
        ("role", "branch", "sees"),
        [
            ("clerk", "HZ001", True),
            ("branch_manager", "HZ001", True),
            ("clerk", "NJ001", False),
            ("branch_manager", "NJ001", False),
            ("courier", "HZ001", False),
            ("sysadmin", "HZ001", False),
            ("hr", "HZ001", False),
            ("analyst", "NJ001", True),
            ("regulator", "NJ001", True),
        ],
    )
    def test_its_branch_and_oversight_see_it_and_nobody_else(
        self, act, clerk, employ, now, role, branch, sees
    ):
        add(clerk, act, now)
        someone = employ(role, branch)
        if sees:
            assert selectors.act(someone, act)[0].photo
            assert services.photo(actor=someone, destruction=act, now=now)
            return
        for ask in (
            lambda: selectors.act(someone, act),
            lambda: services.photo(actor=someone, destruction=act, now=now),
        ):
            with pytest.raises(ActUnknown):
                ask()
        assert not log.entries(log.EntryFilter(act="paper:photo:seen")).items

    @pytest.mark.parametrize("wrong", ["0" * 32, "x", ""])
    def test_an_unknown_act_is_none(self, clerk, now, wrong):
        with pytest.raises(ActUnknown):
            services.photo(actor=clerk, destruction=wrong, now=now)
