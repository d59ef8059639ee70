"""What is kept, until when, and what must not be touched in between (clauses L2.4 and L6.1).

    rules       the reasons for holds and restrictions, and what others read of them: pure
    selectors   lengths in force, holds, due epochs and their records, files made from customers' data
    services    set a length, place and end a hold or a restriction, register a derivative

Nothing here opens anything. A hold keeps a record from being destroyed, a restriction keeps it from being read; the
row of the epoch is locked by both whoever places a hold and whoever starts to destroy, so that neither misses the other.
"""
