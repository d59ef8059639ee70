"""The codes of a certificate, in both languages side by side: a page for an authority does not follow a screen's choice."""

from collections.abc import Mapping
from typing import Final

Both = tuple[str, str]

BASIS: Final[Mapping[str, Both]] = {
    "due": ("保存期限届满", "retention ended"),
    "approved": ("期限之外，经双人批准", "outside the schedule, approved by two persons"),
}
REASON: Final[Mapping[str, Both]] = {
    "due": ("按期销毁", "on schedule"),
    "deletion_requested": ("客户要求删除", "customer asked for deletion"),
    "consent_withdrawn": ("客户撤回同意", "customer withdrew consent"),
    "branch_closed": ("网点撤销", "branch closed"),
    "collected_in_error": ("误收集", "collected in error"),
}
RETENTION: Final[Mapping[str, Both]] = {
    "standard": ("订单中的个人信息", "personal data of orders"),
    "real_name": ("实名收寄信息", "real-name records"),
    "carried": ("延后的信息", "carried past its day"),
    "carried_real_name": ("延后的实名收寄信息", "real-name records carried past their day"),
}
PART: Final[Mapping[str, Both]] = {
    "sender": ("寄件人", "sender"),
    "recipient": ("收件人", "recipient"),
    "whole": ("整单", "whole waybill"),
    "identity": ("证件号码", "identity number"),
}
AS: Final[Mapping[str, Both]] = {"requester": ("提出", "requested by"), "approver": ("批准", "approved by")}
CLASS: Final[Mapping[str, Both]] = {
    "file": ("口令文件", "passphrase file"),
    "split": ("分置两半", "two halves"),
    "token": ("密码令牌", "hardware token"),
}
HOW: Final[Mapping[str, Both]] = {
    "overwritten_and_unlinked": ("覆写后删除", "overwritten and deleted"),
    "token_key_destroyed": ("令牌内销毁密钥", "key destroyed inside the token"),
}
OUTCOME: Final[Mapping[str, Both]] = {
    "removed": ("已删除", "removed"),
    "missing": ("不在原处", "not found"),
    "replaced": ("已被新文件替换", "replaced by a newer file"),
    "changed": ("已被改动，未删除", "changed since, not removed"),
}
FILE_KIND: Final[Mapping[str, Both]] = {
    "label_file": ("面单文件", "label file"),
    "export": ("导出文件", "export"),
    "extract": ("分析数据", "extract"),
}
STATUS: Final[Mapping[str, Both]] = {
    "final": ("最终", "final"),
    "pending": ("待回执", "pending"),
}


def both(book: Mapping[str, Both], code: str) -> Both:
    """Return a code in both languages; one without words as it is."""
    return book.get(code, (code, code))
