"""The verbs of collection: publish a notice, record and withdraw consent, take orders in, check a sender's document."""

from midan.collection.services.consent import record_consent, withdraw_consent
from midan.collection.services.file import Progress, Summary, intake_file, intake_stream
from midan.collection.services.forgetting import forget_destroyed
from midan.collection.services.intake import BatchResult, RowResult, intake
from midan.collection.services.notice import publish_notice, publish_starter_notices, starter_body
from midan.collection.services.realname import record_real_name
from midan.collection.services.uploads import sweep_uploads

__all__ = [
    "BatchResult",
    "Progress",
    "RowResult",
    "Summary",
    "forget_destroyed",
    "intake",
    "intake_file",
    "intake_stream",
    "publish_notice",
    "publish_starter_notices",
    "record_consent",
    "record_real_name",
    "starter_body",
    "sweep_uploads",
    "withdraw_consent",
]
