"""Masks: one `*` for each hidden code point, same length, nothing else changed; a later version only hides more."""
