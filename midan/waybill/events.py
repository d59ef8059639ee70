"""Audit tags of this area. A tag is never reused for another meaning."""

from enum import StrEnum


class Act(StrEnum):
    SCAN_RECORDED = "waybill:scan:recorded"
    SCAN_ELSEWHERE = "waybill:scan:elsewhere"
    STOP_CONFIRMED = "waybill:stop:confirmed"
    COVERAGE_CHANGED = "waybill:coverage:changed"
