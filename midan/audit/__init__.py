"""The append-only, provable log (clauses L2.3 and T4).

    models        four insert-only tables: entries, the people they concern, their places in the tree, checkpoints
    rules         what is compared with what: pure, picklable, run in worker processes
    tiles         the tree as files under home/tiles
    keys          the key that signs checkpoints
    scan          a stretch of the log recomputed, without Django
    pyramid       roots at earlier sizes
    services      append, sequence, check, export: the verbs
    selectors     entries, proofs, verification: the reads
    jobs          the one sequencer

Layout of entries, tree, checkpoint, proof file and exported pack: specs/audit-log.md.
"""
