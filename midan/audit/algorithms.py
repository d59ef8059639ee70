"""Clause T2 in the log."""

from django.utils.translation.trans_null import gettext_noop as _

from midan.audit import selectors
from midan.catalog.rules import Algorithm


def algorithms() -> list[Algorithm]:
    """Return what the log's tree and its signatures use."""
    checkpoint = selectors.checkpoint()
    tree = Algorithm.of("audit", _("审计日志的散列树"), "SM3", "national", _("格式固定，不能改设"))
    note = (
        _("最新检查点含 %(size)d 条，已签名；销毁证明用同一签名")
        if checkpoint
        else _("还没有检查点；格式固定，不能改设")
    )
    size = checkpoint.size if checkpoint else 0
    signed = Algorithm.of("audit", _("检查点与销毁证明的签名"), "SM2, SM3", "national", note, size=size)
    digests = Algorithm.of(
        "audit", _("批次、告知、衍生文件与备注的摘要"), "SM3", "national", _("写进日志条目，不能改设")
    )
    return [tree, signed, digests]
