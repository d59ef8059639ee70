"""Audit tags of this area. A tag is never reused for another meaning."""

from enum import StrEnum


class Act(StrEnum):
    DOCUMENT_PUBLISHED = "duties:document:published"
    DOCUMENT_SIGNED = "duties:document:signed"
    COURSE_PUBLISHED = "duties:course:published"
    COURSE_READ = "duties:course:read"
    EXAM_BEGUN = "duties:exam:begun"
    EXAM_ENDED = "duties:exam:ended"
    CHECK_REQUESTED = "duties:check:requested"
    CHECK_CONCLUDED = "duties:check:concluded"
    EVIDENCE_SEEN = "duties:evidence:seen"
    REMINDED = "duties:reminder:written"
