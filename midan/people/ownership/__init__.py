"""一.2 G4 Ownership: a named person answers for every data asset, every system and every use."""
