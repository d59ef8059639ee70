"""Backup sets and how a place is made anew from one (clauses L2.3 and G3). Formats: specs/backup.md.

    format      pieces of a set: header, sealed chunks; pure
    manifest    what a set holds, in canonical bytes; pure
    key         the backup key: its file, its escrow copy
    tables      which tables and columns go into a set, and how a value is written in either database
    snapshot    one moment of the database, read while it is at work
    pieces      the tables of one moment, as far as the sets before do not hold them already
    sealer      the thread that seals and writes while the other reads
    making      one set: a snapshot on one side, the sealer on the other
    journal     the re-seal journal beside the sets, before an old key dies
    opening     read a set, all of it, before a byte of it is believed
    loading     rows into an empty database
    rebuilding  what a set does not hold: keys from the present, digests, marks; what was destroyed leaves
    sandbox     a place to throw away, for drills
    place       may this place be restored into, and how far did it get
    services    make, prune, restore, drill
    selectors   the register of sets and drills
    controls    live evidence

A set holds no key state, no digest, no session and no token, and opens no part: without a keeper of the present it is
sealed bytes. Restoring one takes the keys of today, so what was destroyed since stays destroyed.
"""
