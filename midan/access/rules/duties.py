"""What a neglected duty is called in a refusal."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from midan.core.decision import Reason
from midan.duties.rules import Duty

REASONS: Final[Mapping[Duty, Reason]] = MappingProxyType(
    {
        Duty.AGREEMENT: Reason.AGREEMENT_MISSING,
        Duty.TRAINING: Reason.TRAINING_MISSING,
        Duty.CHECK: Reason.CHECK_MISSING,
        Duty.RULES: Reason.RULES_MISSING,
    }
)
