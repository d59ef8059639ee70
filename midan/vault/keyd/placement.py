"""Where a keeper lies, and what is wrong with that: codes, which pages and commands put into words."""

import os
from pathlib import Path
from typing import Final

from midan.catalog import settings
from midan.vault.keyd.keeper import Keeper

# File systems whose point is to keep what was overwritten.
_SNAPSHOTTING: Final = frozenset({"bcachefs", "btrfs", "nilfs2", "zfs"})
_MOUNTS: Final = Path("/proc/self/mountinfo")


def warnings(keeper: Keeper, *, alone: bool) -> tuple[str, ...]:
    """Return what weakens this keeper's promise to forget; `alone` when there is no other."""
    found = ["only_keeper"] if alone else []
    if keeper.best_effort:
        found.append("best_effort")
    home = settings.current().home
    places = [place for place in keeper.places if place.exists()]
    if any(_under(place, home / "backups") for place in places):
        found.append("inside_backups")
    if any(_file_system(place) in _SNAPSHOTTING for place in places):
        found.append("snapshotting_filesystem")
    devices = [place.stat().st_dev for place in places]
    if home.exists() and home.stat().st_dev in devices:
        found.append("same_disk_as_data")
    if len(devices) > 1 and len(set(devices)) == 1:
        found.append("halves_on_one_disk")
    return tuple(found)


def _under(place: Path, folder: Path) -> bool:
    return folder in (place.resolve(), *place.resolve().parents)


def _file_system(place: Path) -> str:
    """Return the type of the file system a folder lies on, '' where the kernel does not tell."""
    device = place.stat().st_dev
    wanted = f"{os.major(device)}:{os.minor(device)}"
    try:
        lines = _MOUNTS.read_text("utf-8", "replace").splitlines()
    except OSError:
        return ""
    for line in lines:
        before, _, after = line.partition(" - ")
        if wanted in before.split()[2:3]:
            return after.split()[0]
    return _by_longest_path(place.resolve(), lines)


def _by_longest_path(place: Path, lines: list[str]) -> str:
    """Btrfs gives every subvolume a device number of its own, which no mount shows: go by the path then."""
    found, depth = "", -1
    for line in lines:
        before, _, after = line.partition(" - ")
        point = Path(before.split()[4].encode().decode("unicode_escape"))
        if len(point.parts) > depth and (place == point or point in place.parents):
            found, depth = after.split()[0], len(point.parts)
    return found
