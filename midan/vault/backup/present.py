"""The keys a restore brings back: those of the present, from the keepers, and never of the past."""

from django.db import transaction

from midan.store import bulk
from midan.vault import keyd
from midan.vault.backup.errors import KeysOutdated, OtherCompany
from midan.vault.backup.manifest import Manifest
from midan.vault.backup.rebuilding import close_epochs
from midan.vault.keyd import packing
from midan.vault.keyd.pack import PackedEpoch
from midan.vault.keyd.packing import Recovered
from midan.vault.models import CompanySecret, Epoch, FrontierRow, Identity, State


def keys(manifest: Manifest) -> Recovered:
    """Return the newest key pack of the keepers in reach. Nothing is written.

    KeysOutdated when it is older than the set, when a keeper has a newer one whose generation nobody holds, or forgot the
    generation it is sealed under; OtherCompany; whatever the keepers refuse.
    """
    keepers = keyd.keepers()
    found = packing.recover(keepers)
    number = found.generation.number
    newest = max(manifest.keys.pack, *map(packing.newest_counter, keepers))
    # A ratchet that broke off leaves the next generation beside this one; a keeper that has only newer ones forgot it.
    forgotten = any(number not in held and max(held, default=0) > number for held in keepers.held().values())
    if found.pack.counter < newest or number < manifest.keys.generation or forgotten:
        raise KeysOutdated(found=found.pack.counter, newest=newest)
    if found.pack.company.hex() != manifest.company:
        raise OtherCompany
    return found


def install(found: Recovered, manifest: Manifest) -> int:
    """Put states, frontiers and secrets in their tables, raise the marks; return how many records burn.

    May be run again: it begins by forgetting what an earlier run put there. An epoch the pack does not name is
    destroyed from here on; one the set says is destroyed stays so.
    """
    dead = set(Epoch.objects.filter(state="destroyed").values_list("number", flat=True))
    alive = [epoch for epoch in found.pack.epochs if epoch.number not in dead]
    with transaction.atomic(durable=True):
        for model in (State, FrontierRow, CompanySecret):
            model.objects.all().delete()
        _identity(found)
        close_epochs([epoch.number for epoch in alive])
        for epoch in alive:
            _raise_mark(epoch)
        _states(found, alive)
        for name, wrapped in found.pack.secrets:
            CompanySecret.objects.create(name=name, generation=found.generation.number, wrapped=wrapped)
    handed_out = {mark.epoch: mark.next_record for mark in manifest.marks}
    return sum(max(0, epoch.mark - handed_out.get(epoch.number, 0)) for epoch in found.pack.epochs)


def _identity(found: Recovered) -> None:
    """Let no number be used again: of an epoch, of a generation, of a pack."""
    identity = Identity.objects.select_for_update().get()
    identity.next_epoch = max(identity.next_epoch, found.pack.next_epoch)
    identity.generation = found.generation.number
    identity.claimed = max(identity.claimed, found.generation.number, keyd.keepers().newest())
    identity.pack_counter = max(identity.pack_counter, found.pack.counter)
    identity.save()


def _raise_mark(epoch: PackedEpoch) -> None:
    """Hand out nothing below the mark again; an epoch opened since the set begins here."""
    row, _ = Epoch.objects.get_or_create(
        number=epoch.number, defaults={"retention": epoch.retention, "day": epoch.day, "due": epoch.due}
    )
    row.next_record = max(row.next_record, epoch.mark)
    row.mark = max(row.mark, epoch.mark)
    row.save(update_fields=["next_record", "mark"])


def _states(found: Recovered, alive: list[PackedEpoch]) -> None:
    State.objects.bulk_create(
        State(
            epoch=epoch.number,
            version=epoch.version,
            generation=found.generation.number,
            wrapped=epoch.wrapped,
            index_secret=epoch.index_secret,
            frontier=epoch.digest,
        )
        for epoch in alive
    )
    bulk.insert(
        "vault_frontier",
        ("epoch", "depth", "prefix", "sealed"),
        ("int8", "int2", "int8", "bytea"),
        [
            (epoch.number, node.depth, node.prefix, node.sealed)
            for epoch in alive
            for node in found.frontiers[epoch.number]
        ],
    )
