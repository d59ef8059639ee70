"""The reader's words for what the data catalogue says: categories, surfaces, forms, legal bases."""

from typing import Final

from django.utils.translation.trans_null import gettext_noop as _

CATEGORY: Final = {
    "identity": _("身份信息"),
    "address": _("地址信息"),
    "order": _("订单信息"),
    "derived": _("衍生信息"),
}
SURFACE: Final = {
    "label": _("面单"),
    "courier_page": _("快递员页面"),
    "console": _("管理页面"),
    "tracking": _("公开查询"),
    "api": _("接口"),
    "reveal": _("查看明文"),
    "rights_copy": _("客户副本"),
    "extract": _("分析数据"),
}
DOCUMENT: Final = {
    "resident_id": _("居民身份证"),
    "temporary_resident_id": _("临时居民身份证"),
    "military_id": _("军人身份证件"),
    "armed_police_id": _("武警身份证件"),
    "hk_macau_permit": _("港澳居民来往内地通行证"),
    "taiwan_permit": _("台湾居民来往大陆通行证"),
    "residence_permit": _("港澳台居民居住证"),
    "passport": _("护照"),
}
FORM: Final = {"full": _("完整"), "masked": _("掩码"), "coarse": _("仅区划")}
BASIS: Final = {
    "consent": _("个人同意"),
    "contract": _("履行合同所必需"),
    "legal_duty": _("履行法定义务"),
    "emergency": _("紧急情况"),
    "public_reporting": _("舆论监督"),
    "already_public": _("已公开信息"),
    "other_law": _("其他法定情形"),
}
