"""Destruction (policy chapter 2.6, clauses L2.4, L6.1 and L6.2): what is due goes, and an outsider can check that it did.

    rules       the steps of a run, what is due, what a certificate says: pure
    models      runs with their epochs and single persons, every step with its moment, certificates
    selectors   what is due, runs, certificates, offline verification
    services    holds and lengths for those who may; plan, carry out step by step, certify
    render      the certificate as a page
    jobs        the daily run, approved runs, runs that were interrupted, certificates that wait for a keeper
    controls    live evidence for the three clauses

A run is a row and a step. Every step may be done again after a crash; the next one starts only when the one before is
committed. Keys go first, rows after them: at no point does a certificate speak of what can still be opened.
"""
