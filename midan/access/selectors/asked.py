"""What stands about the fields asked for: whom they speak of, what the customer was told and agreed to."""

from collections.abc import Sequence

from midan.catalog.rules import FIELDS, PURPOSES, LegalBasis, Purpose, Surface
from midan.collection import selectors as collection
from midan.waybill.rules import Waybill


def told_fields(*, version: str, purpose: str) -> frozenset[str]:
    """Return the fields whose use for this purpose the customer was told of, or the law demands.

    Without a waybill that may be seen there is no notice to ask, and the answer must not tell whether there
    is one: everything is taken as told, and other gates refuse.
    """
    if purpose not in set(Purpose):
        return frozenset()
    if not version or PURPOSES[Purpose(purpose)].basis is LegalBasis.LEGAL_DUTY:
        return frozenset(FIELDS)
    return collection.told(version, purpose)


def agreed(purpose: str, waybill: Waybill, field: str) -> bool:
    """Return whether the purpose asks for no consent, or everybody the field speaks of gave it and it stands."""
    if purpose not in set(Purpose) or not PURPOSES[Purpose(purpose)].optional:
        return True
    return all(
        collection.has_consent(party=party, purpose=purpose)
        for party in parties_of(waybill, frozenset({field}))
    )


def parties_of(waybill: Waybill, fields: frozenset[str]) -> tuple[bytes, ...]:
    """Return the tokens of whom the fields speak; goods speak of both, an identity number of the sender."""
    goods = any(not field.startswith(("sender_", "recipient_", "id_")) for field in fields)
    sender = goods or any(field.startswith(("sender_", "id_")) for field in fields)
    recipient = goods or any(field.startswith("recipient_") for field in fields)
    return (waybill.sender_party,) * sender + (waybill.recipient_party,) * recipient


def known_fields(fields: Sequence[str]) -> bool:
    """Return whether the catalogue lets every field be revealed; what stands in clear is not."""
    return all(name in FIELDS and Surface.REVEAL in FIELDS[name].shown for name in fields)
