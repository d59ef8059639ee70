"""The vault: sealed parts, search digests, key trees (policy chapter 2.2, clauses L2.1 and T2).

    rules         what is sealed and how: pure, picklable, run in worker processes
    models        parts and digests without one clear value, wrapped key states, the high-water mark of leaves
    keyd          the only holder of keys: derives, opens, masks, digests
    backup        sets of one moment, and how a place is made anew from one
    services      initialise, reserve, store, open for a grant, destroy under a warrant, turn the ratchet
    keeping       lengths, holds and restrictions, records carried past their day, derived files
    sweeping      the rows of what has no key any more
    selectors     masked views, search by digest, epochs
    keybook       what states, generations and receipts tell, without a key
    files         files the company keeps for its own record, sealed
    algorithms    which ciphers run where, as configured now
    controls      live evidence for L2.1 and T2

It never decides who may read. A part opens only for a grant whose committed log entry says the same; a masked
view leaves keyd already masked. Formats: specs/sealed-part.md, key-tree.md,
search-digest.md, epoch-state.md, key-pack.md, warrant.md.
"""
