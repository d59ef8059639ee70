"""Staff lists from a file: read in memory, shown before anything happens, taken in whole or not at all."""
