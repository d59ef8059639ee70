"""Two-person acts (clause M1): what one person may ask for and only another may allow.

    rules      which kinds of act there are, who may ask, who may allow, how long a request lives
    models     one table; the database itself refuses a requester who approves
    selectors  what waits, what was decided
    services   request, approve, refuse, use: each with its log entry

It knows nothing of what is asked: a request names its subject by a digest, and the area that carries the act out
checks the digest and uses the approval up in the transaction of its own act.
"""
