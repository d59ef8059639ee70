"""The pure kernel: ciphers, key trees, masks, proofs and rules as functions of their arguments.

No Django, no I/O, no clock, no randomness of its own: time, keys and random bytes come in as arguments.
"""
