"""Audit tags of this area. A tag is never reused for another meaning."""

from enum import StrEnum


class Act(StrEnum):
    REVEALED = "access:part:revealed"
    FAILED = "access:part:failed"
    DENIED = "access:reveal:denied"
    SEARCHED = "access:search:performed"
    SEARCH_DENIED = "access:search:denied"
    SEARCH_FAILED = "access:search:failed"
    TICKET_OPENED = "access:ticket:opened"
    TICKET_EXTENDED = "access:ticket:extended"
    TICKET_CLOSED = "access:ticket:closed"
    CALL_REFUSED = "access:call:refused"
    CODE_FOUND = "access:pickup:found"
    CODE_MISSED = "access:pickup:missed"
    CODE_DENIED = "access:pickup:denied"
    CONSENT_DENIED = "access:consent:denied"
    GLASS_BROKEN = "access:glass:broken"
    GLASS_DENIED = "access:glass:denied"
    GLASS_REVIEWED = "access:glass:reviewed"
    CASE_REQUESTED = "access:case:requested"
    CASE_OPENED = "access:case:opened"
    CASE_CLOSED = "access:case:closed"
    PAPERS_SEEN = "access:papers:seen"
    POLICY_DRAFTED = "access:policy:drafted"
    POLICY_PUBLISHED = "access:policy:published"
