"""Taking information in: notice, legal basis, consent, validation, intake (clauses G1, G2, G5, L1.1 to L1.3).

Nothing is accepted that the service does not need; nothing a customer wrote is repeated in an error, a log
line or a reject file; nothing plain touches a disk.
"""
