"""Where a field is shown, and in which form, the catalogue decides: every list that could decide otherwise is held against it."""

from dataclasses import fields

import pytest

from midan.access.rules.sweep import sweep
from midan.access.rules.views import MaskedParty, MaskedWaybill
from midan.access.selectors.asked import known_fields
from midan.access.selectors.policies import book
from midan.catalog.rules import FIELDS, DerivedName, FieldName, Surface
from midan.console.forms import RevealForm
from midan.console.selectors import waybills as page
from midan.gateway import schemas
from midan.label.rules import content
from midan.vault.keyd.masks import mask_fields
from midan.vault.rules import FIELD_PARTS, PART_FIELDS, STANDARD
from midan.waybill.rules import PublicTracking

SEALED = {name for name, field in FIELDS.items() if field.part is not None}
# What the catalogue and the pages call by different words.
_SAME = {
    "number": "waybill_number",
    "waybill": "waybill_number",
    "events": "track",
    "sorting_code": "routing",
}
_OF_NOBODY = {"created_at", "delivered_at", "client", "branch", "destination", "handler", "station"}
PLAIN = {
    "name": "欧阳小禾",
    "phone": "17000005678",
    "address": "广东省深圳市南山区沙河西路88号3栋1202",
    "goods_name": "欧阳小禾的药",
    "remark": "请打17000005678",
    "order_ref": "TB-2026-778899",
}


def on(surface, form=None):
    found = {name: field.shown[surface] for name, field in FIELDS.items() if surface in field.shown}
    return {name for name, how in found.items() if form in {None, how}}


def test_a_label_carries_what_the_catalogue_says_and_hides_what_it_says():
    carried = {_SAME.get(name, name) for name in content.FIELDS} & set(FIELDS)
    assert carried <= on(Surface.LABEL)
    assert carried & SEALED == on(Surface.LABEL, "masked") == set(content.MASKED)
    assert set(content.NEVER) == SEALED - on(Surface.LABEL)


def test_a_reveal_is_for_what_the_catalogue_lets_be_revealed_in_full():
    revealed = on(Surface.REVEAL, "full")
    assert {name for name in FIELDS if known_fields([name])} == revealed == on(Surface.REVEAL)
    assert {code for code, _ in RevealForm().fields["field"].choices} == revealed
    assert set(schemas.PERSONAL) == set(FIELD_PARTS) <= revealed
    assert {field for _role, field, _purpose in sweep(book()).staff} <= revealed


def test_the_console_shows_the_sealed_fields_the_catalogue_shows_there():
    assert {name for names in page._ON_PAGE.values() for name in names} == on(Surface.CONSOLE, "masked")


def test_program_and_page_views_hold_nothing_the_catalogue_does_not_show_there():
    people = {f"{side}_{field.name}" for side in ("sender", "recipient") for field in fields(MaskedParty)}
    view = {field.name for field in fields(MaskedWaybill)} - {"sender", "recipient"} | people
    answer = set(schemas.WaybillView.model_fields) - {"masked"} | people
    answer |= set(schemas.Masked.model_fields) - {"sender", "recipient"}
    for shown, surface in ((view, Surface.CONSOLE), (answer, Surface.API)):
        known = {_SAME.get(name, name) for name in shown} - _OF_NOBODY
        assert known <= on(surface) | {"district_code"}
        assert known & SEALED == on(surface, "masked")


def test_tracking_shows_a_stranger_what_the_catalogue_says_and_no_more():
    shown = {_SAME.get(field.name, field.name) for field in fields(PublicTracking)} - _OF_NOBODY
    assert (
        shown == on(Surface.TRACKING) == {DerivedName.WAYBILL_NUMBER, DerivedName.STATUS, DerivedName.TRACK}
    )


@pytest.mark.parametrize("part", [part for part in PART_FIELDS if part in STANDARD.parts])
def test_what_is_shown_masked_leaves_keyd_masked(part):
    names = PART_FIELDS[part]
    plain = [PLAIN[name] if name in PLAIN else PLAIN[name.rpartition("_")[2]] for name in names]
    for name, value, shown in zip(names, plain, mask_fields(part, plain, {}), strict=True):
        forms = {FIELDS[name].shown[surface] for surface in (Surface.CONSOLE, Surface.API)}
        assert forms == {"masked"}
        assert "*" in shown
        assert shown != value


def test_no_sealed_field_is_shown_in_full_but_to_a_reveal_and_to_the_person():
    for name in SEALED:
        full = {surface for surface, form in FIELDS[name].shown.items() if form == "full"}
        assert full <= {Surface.REVEAL, Surface.RIGHTS}
    assert set(FieldName) >= SEALED
