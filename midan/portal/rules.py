"""How often a stranger may ask. Waybill numbers cannot be guessed; this keeps anybody from trying all day."""

from typing import Final

# A family checking its parcels never gets here; a script does within the first minute.
ASKS: Final = 30
WINDOW: Final = 60
