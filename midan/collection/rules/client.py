"""Whose order references an order is counted under: the same order twice is one order only for the same client."""


def desk_client(branch: str) -> str:
    """Return the client of what a branch's own people send, by file, by command or by hand.

    Client and order reference together make an order known. A program has a client of its own; whatever way a
    branch's people take, they are one.
    """
    return f"desk-{branch}"
