"""How generation and keepers stand at this moment; needs no passphrase and opens nothing."""

from midan.core.errors import MidanError
from midan.vault.errors import VaultNotInitialised
from midan.vault.keyd import packing, placement, shares, stored, tenure
from midan.vault.keyd.interface import KeeperStatus, KeyStatus
from midan.vault.keyd.keeper import Keeper
from midan.vault.keyd.keepers import Keepers
from midan.vault.keyd.ring import Keyring
from midan.vault.keyd.standbys import Standbys
from midan.vault.models import LIVE, Epoch


def key_status(keepers: Keepers, ring: Keyring | None) -> KeyStatus:
    """Return facts about the keys, whether or not they are at hand in a ring; VaultNotInitialised."""
    identity = stored.identity()
    if identity is None:
        raise VaultNotInitialised
    several = len(tuple(keepers)) > 1
    standbys = ring.standbys if ring else Standbys()
    owing = shares.pending(identity.generation)
    return KeyStatus(
        generation=identity.generation,
        pack_counter=identity.pack_counter,
        keepers=tuple(_keeper(keeper, identity, alone=not several) for keeper in keepers),
        live_epochs=Epoch.objects.filter(state=LIVE).count(),
        unratcheted=identity.unratcheted,
        pending=(*owing, *standbys.behind(identity.generation)) if owing else (),
        keyds=tenure.standing(),
    )


def _keeper(keeper: Keeper, identity: stored.Identity, *, alone: bool) -> KeeperStatus:
    found = list(placement.warnings(keeper, alone=alone))
    try:
        held = keeper.held()
    except MidanError:
        held = ()
    counter = packing.newest_counter(keeper) if held else 0
    reachable = shares.in_reach(keeper)
    if not reachable:
        found.append("silent")
    elif identity.generation not in held:
        found.append("other_generation")
    if reachable and counter < identity.pack_counter:
        found.append("pack_behind")
    if counter > identity.pack_counter:
        found.append("database_older_than_pack")
    if len(held) > 1 or (held and held[-1] < identity.generation):
        found.append("older_generation_not_erased")
    current = identity.generation if identity.generation in held else max(held, default=None)
    return KeeperStatus(
        name=keeper.name,
        kind=keeper.kind,
        reachable=reachable,
        generation=current,
        held=held,
        pack_counter=counter,
        warnings=tuple(found),
    )
