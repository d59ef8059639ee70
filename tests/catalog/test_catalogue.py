"""The catalogue holds together, and its limits are the law's and the design's."""

from datetime import date

import pytest

from midan.catalog.rules import (
    FIELDS,
    ORDER_FIELDS,
    PERSONAL_FIELDS,
    PURPOSES,
    RETENTION,
    DerivedName,
    FieldName,
    LegalBasis,
    Purpose,
    ReasonCode,
    Surface,
    due_day,
    is_reason_for,
    serves,
    settled_days,
)
from midan.core.sealing import PartCode
from midan.people.rules import Role
from midan.vault.rules import PART_FIELDS


def test_every_field_and_every_derived_item_is_catalogued():
    assert set(FIELDS) == {*FieldName, *DerivedName}


def test_an_order_row_is_exactly_the_contract():
    assert [name.value for name in ORDER_FIELDS] == [
        "order_ref",
        "sender_name",
        "sender_phone",
        "sender_address",
        "recipient_name",
        "recipient_phone",
        "recipient_address",
        "goods_name",
        "goods_kind",
        "quantity",
        "weight_g",
        "remark",
        "notice_version",
    ]


def test_the_four_categories_of_the_policy_are_all_there():
    assert {field.category for field in FIELDS.values()} == {"identity", "address", "order", "derived"}


def test_every_field_has_a_post_that_answers_for_it():
    assert {field.owner for field in FIELDS.values()} <= {role.value for role in Role}


def test_every_purpose_has_a_basis_and_every_field_a_purpose():
    assert set(PURPOSES) == set(Purpose)
    for field in FIELDS.values():
        assert field.purposes
        assert all(isinstance(basis, LegalBasis) for basis in field.basis.values())


@pytest.mark.parametrize("purpose", [Purpose.DELIVER, Purpose.REAL_NAME, Purpose.PICK_UP, Purpose.COMPLAINT])
def test_delivery_and_real_name_ask_for_no_consent(purpose):
    assert not PURPOSES[purpose].optional


@pytest.mark.parametrize("purpose", [Purpose.MARKETING, Purpose.ANALYTICS, Purpose.SURVEY])
def test_what_delivery_does_not_need_rests_on_consent(purpose):
    assert PURPOSES[purpose].optional


def test_what_points_at_a_person_is_sealed_and_masked_everywhere_but_for_the_person_and_a_reveal():
    for name in PERSONAL_FIELDS:
        field = FIELDS[name]
        assert field.part in {PartCode.SENDER, PartCode.RECIPIENT}
        full = {surface for surface, form in field.shown.items() if form == "full"}
        assert full == {Surface.REVEAL, Surface.RIGHTS}


def test_nothing_personal_is_shown_to_who_tracks_a_parcel():
    shown = {name for name, field in FIELDS.items() if Surface.TRACKING in field.shown}
    assert shown == {DerivedName.WAYBILL_NUMBER, DerivedName.STATUS, DerivedName.TRACK}


def test_an_identity_number_is_no_order_field_and_never_on_a_label_a_page_or_an_extract():
    field = FIELDS["id_number"]
    assert FieldName.ID_NUMBER not in ORDER_FIELDS
    assert field.part is PartCode.IDENTITY
    assert set(field.shown) == {Surface.RIGHTS, Surface.REVEAL}
    assert field.retention == "real_name"
    assert not serves("id_number", "deliver")


def test_goods_names_remarks_and_references_are_not_printed():
    assert all(Surface.LABEL not in FIELDS[name].shown for name in ("goods_name", "remark", "order_ref"))


def test_catalogue_and_vault_agree_on_what_lies_in_which_part():
    # The order inside a part is a law of the format and stands in the vault; which fields, the catalogue decides.
    for part, fields in PART_FIELDS.items():
        assert set(fields) == {name for name, field in FIELDS.items() if field.part is part}
        assert len(set(fields)) == len(fields)


def test_a_reason_belongs_to_its_purposes_only():
    assert is_reason_for("address_unclear", "deliver")
    assert not is_reason_for("address_unclear", "claim")
    assert not is_reason_for("because", "deliver")
    assert not is_reason_for("address_unclear", "curiosity")


def test_no_reason_code_is_left_without_a_purpose_and_of_the_optional_ones_only_a_survey_opens_anything():
    used = {reason for rule in PURPOSES.values() for reason in rule.reasons}
    assert used == set(ReasonCode)
    assert {rule.purpose for rule in PURPOSES.values() if rule.optional and rule.reasons} == {Purpose.SURVEY}


@pytest.mark.parametrize(("field", "purpose"), [("nothing", "deliver"), ("sender_name", "nothing")])
def test_what_the_catalogue_does_not_know_serves_nothing(field, purpose):
    assert not serves(field, purpose)


def test_a_sender_is_not_used_to_deliver_nor_a_recipient_to_pick_up():
    assert serves("sender_phone", "pick_up")
    assert not serves("sender_phone", "deliver")
    assert not serves("recipient_phone", "pick_up")


def test_every_retention_class_says_why_and_how_sure_that_is_and_stays_under_its_cap():
    for code, kept in RETENTION.items():
        assert kept.code == code
        assert kept.basis
        assert kept.cap_basis
        assert 0 < kept.days <= kept.cap_days
    assert {field.retention for field in FIELDS.values()} <= set(RETENTION)


def test_orders_are_due_after_their_days_and_the_days_to_settle():
    assert settled_days("standard") == 210
    assert due_day("standard", date(2026, 11, 23)) == date(2027, 6, 21)


def test_settling_never_goes_beyond_the_cap():
    assert settled_days("tracking") == RETENTION["tracking"].cap_days


def test_an_unknown_class_is_an_error_not_a_default():
    with pytest.raises(KeyError):
        settled_days("for_ever")
