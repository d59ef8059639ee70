"""The reader's words for what weakens a keeper, and for the claim that destruction rests on."""

from typing import Final

from django.utils.translation.trans_null import gettext_noop as _

WARNING: Final = {
    "only_keeper": _("只有这一个保管处：丢失它即永久丢失全部数据"),
    "best_effort": _("尽力擦除：文件系统或磁盘可能留有旧数据块"),
    "inside_backups": _("位于备份目录之内：备份会留下旧的一代"),
    "snapshotting_filesystem": _("位于会做快照的文件系统：快照会留下旧的一代"),
    "same_disk_as_data": _("与数据在同一磁盘：整盘镜像会同时带走两者"),
    "halves_on_one_disk": _("两半在同一磁盘：等于没有分开"),
    "silent": _("没有应答，或应有的文件不见了"),
    "other_generation": _("没有当前这一代"),
    "older_generation_not_erased": _("仍保存着旧的一代"),
    "pack_behind": _("密钥包不是最新"),
    "database_older_than_pack": _("密钥包比数据库新：数据库可能是旧副本"),
}
HOW: Final = {
    "overwritten_and_unlinked": _("覆盖后删除文件"),
    "both_halves_overwritten_and_unlinked": _("两半都覆盖后删除"),
    "token_key_destroyed": _("令牌销毁了包裹它的密钥"),
    "was_not_there": _("该处没有这一代"),
}
# What an old copy of this class opens: said before anything is destroyed, because it is the limit of the claim.
COPY: Final = {
    "file": _("旧副本：谁留有旧一代的密钥文件和口令，更换之前销毁的内容就仍能读出"),
    "split": _("旧副本：只留有旧的一半，读不出任何内容；两半都留有，就仍能读出"),
    "token": _("旧副本：留有旧的密钥文件也读不出任何内容，除非令牌自身被复制过"),
}
LINE: Final = _("%(name)s：持有第 %(held)s 代，密钥包 %(pack)d")
KEYD: Final = _("密钥进程 %(host)s/%(pid)d：已确认密钥状态 %(version)d，租约还剩 %(seconds)s 秒")
# Stated so wherever destruction is spoken of.
CLAIM: Final = _(
    "即使持有全部数据库、日志、备份、密钥包和当前密钥，已销毁的内容也无法读出——当且仅当没有任何旧一代密钥的副本留存"
)
OPEN: Final = _(
    "自上次更换密钥以来有 %(count)d 次销毁：旧的数据库副本加上当前密钥仍能读出，请运行 midan keys rotate"
)
PENDING: Final = _("仍欠擦除旧一代密钥的保管处：%(names)s。在此之前，已销毁的内容仍可能由旧副本读出")
STANDBY: Final = _("备库 %(name)s：%(why)s。各保管处在等它，不擦除旧的一代")
WHY_STANDBY: Final = {
    "late": _("还没有重放到新的密钥状态"),
    "silent": _("没有应答；已停用的请删除其复制槽"),
    "unseen": _("密钥进程的帐号无权查看复制状态"),
}
SETTLED: Final = _("没有保管处欠擦除")
