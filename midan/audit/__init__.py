"""The append-only, provable log (clauses L2.3 and T4).

    models        four insert-only tables: entries, the people they concern, their places in the tree, checkpoints
    rules         what is compared with what: pure, picklable, run in worker processes
    tiles         the tree as files under home/tiles
    keys          the key that signs checkpoints
    services      append, sequence, export: the verbs
    selectors     entries, proofs, verification: the reads
    jobs          the one sequencer

Layout of entries, tree and checkpoint: specs/audit-log.md; of an exported pack: specs/audit-pack.md.
"""
