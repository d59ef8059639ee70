"""In which order a courier's parcels lie along the road, as far as that can be known without opening anything.

Known is what the mask leaves: an address is written from the largest part to the smallest, so the text before the first
hidden sign names town, road and house number. Which road comes first on a round, and where two roads meet, nobody
told the system: there is no map in it. So parcels of one town and road stand together with their house numbers
rising, and those at one house in the order they were scanned out.
"""

import re
from datetime import datetime
from typing import Final

_NUMBER: Final = re.compile(r"([0-9]+)")

RoadKey = tuple[tuple[int, int, str], ...]


def road_key(mask: str) -> RoadKey:
    """Return what a masked address is sorted by: its visible beginning, house numbers as numbers (9 before 12)."""
    visible = mask.partition("*")[0]
    pieces = (piece for piece in _NUMBER.split(visible) if piece)
    return tuple((0, int(piece), "") if piece.isdecimal() else (1, 0, piece) for piece in pieces)


def stop_key(mask: str, scanned_at: datetime | None) -> tuple[RoadKey, float]:
    """Return the place of one parcel on the list; what has no scan time stands last at its house."""
    return road_key(mask), float("inf") if scanned_at is None else scanned_at.timestamp()
