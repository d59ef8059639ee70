"""Pure rules of collection: one row, one notice; and the work a process does on a batch of rows."""

from midan.collection.rules.client import desk_client
from midan.collection.rules.goods import KINDS, kind_of
from midan.collection.rules.identity import holds_identity_number
from midan.collection.rules.notice import (
    GRACE,
    LANGUAGES,
    PARTIES,
    UNNAMED,
    NoticeBody,
    NoticePurpose,
    NoticeTerm,
    Party,
    is_version,
    missing_from,
    names_nobody,
    same_uses,
)
from midan.collection.rules.order import (
    COLUMNS,
    LONGEST,
    MAY_BE_EMPTY,
    MOST,
    Order,
    Place,
    Reject,
    check_row,
)
from midan.collection.rules.specimens import EXCESS, GOOD, WRONG, let_in, rightly_judged
from midan.collection.rules.text import RejectCode

__all__ = [
    "COLUMNS",
    "EXCESS",
    "GOOD",
    "GRACE",
    "KINDS",
    "LANGUAGES",
    "LONGEST",
    "MAY_BE_EMPTY",
    "MOST",
    "PARTIES",
    "UNNAMED",
    "WRONG",
    "NoticeBody",
    "NoticePurpose",
    "NoticeTerm",
    "Order",
    "Party",
    "Place",
    "Reject",
    "RejectCode",
    "check_row",
    "desk_client",
    "holds_identity_number",
    "is_version",
    "kind_of",
    "let_in",
    "missing_from",
    "names_nobody",
    "rightly_judged",
    "same_uses",
]
