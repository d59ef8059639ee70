"""Free text: single cases, one line each, and what must hold for every text."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from midan.core.masking.text import Kind, contains_personal_data, find, mask_text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("电话17000001234", "电话*******1234"),
        ("电话 170 0000 1234", "电话 *** **** 1234"),
        ("一七零零零零零一二三四", "***********"),
        ("170零零零零1234", "*******1234"),
        ("l7OOOOO1234", "*******1234"),
        ("08617000001234", "**********1234"),
        ("微信v17000001234", "微信************"),
        ("邮箱17000001234@example.com", "邮箱***********************"),
        ("车牌粤aeff55", "车牌粤******"),
        ("密码锁123456", "密码锁******"),
        ("单元门密码是0718#", "单元门密码是*****"),
        ("门禁按#2659#，直接进", "门禁按******，直接进"),
        ("开门密码：一二三四五六", "开门密码：******"),
        ("密码 12 34 56 放玄关", "密码 ******** 放玄关"),
        ("放隔壁302的刘阿姨", "放隔壁***的刘阿姨"),
        ("张总办公室1508", "张总办公室****"),
        ("改送至幸福小区7-2", "改送至幸福小区***"),
        ("取件密码123456", "取件密码123456"),
        ("密码箱20寸", "密码箱20寸"),
        ("放17-5-1902门口", "放*********门口"),
        ("17-5-12门口拍照", "17-5-12门口拍照"),
        ("给前台巴特尔", "给前台巴**"),
        ("170然后0000再1234", "***然后****再1234"),
        ("170****1234", "*******1234"),
        ("0571-88001234转801", "****-****1234转***"),
        ("17000001234/17000005678", "*******1234/*******5678"),
        ("身份证11010519491231002X", "身份证11**************2X"),
        ("110101199003071234X", "11**************34X"),
        ("ID110101199003071234A", "ID11**************34A"),
        ("contact John Smith", "contact J*** *****"),
        ("Contact person: Mary Jane Watson, thanks", "Contact person: M*** **** ******, thanks"),
        ("Contact Customer Service", "Contact Customer Service"),
        ("contactless Delivery", "contactless Delivery"),
        ("高露洁牙膏", "高露洁牙膏"),
        ("护照E00000000", "护照E0*****00"),
        ("卡号6222020000000000000", "卡号***************0000"),
        ("6222 0200 0000 0000", "**** **** **** 0000"),
        ("浙A·00000", "浙*·*****"),
        ("沪AD00000来取", "沪*******来取"),
        ("邮箱zhang.san@example.com", "邮箱*********************"),
        ("发到 wang@wangwei.com", "发到 ****************"),
        ("请发 zhang@mail.wangwei.com.cn，谢谢", "请发 *************************，谢谢"),
        ("a@b.com. please call", "*******. please call"),
        ("发票发到li.si@qq 谢谢", "发票发到******** 谢谢"),
        ("wang@wangwei.com123", "****************123"),
        ("送二千三百零一室", "送*******"),
        ("放三栋一千零二", "放******"),
        ("千层蛋糕和千层底布鞋", "千层蛋糕和千层底布鞋"),
        ("千层饼一盒，千里之外", "千层饼一盒，千里之外"),
        ("加微信abc_12345", "加微信*********"),
        ("QQ 100000001", "QQ *********"),
        ("放3栋2单元501门口", "放********门口"),
        ("十二楼", "***"),
        ("2-1-301", "*******"),
        ("朝阳路88号3号楼1203室", "朝阳路88号********"),
        ("收件人：王建国", "收件人：王**"),
        ("请交给欧阳娜娜女士", "请交给欧阳**女士"),
        ("买买提·艾力收", "买**·**收"),
        ("联系人：John Smith", "联系人：J*** *****"),
        ("王建国17000001234", "王*********1234"),
        ("根据刘彬的要求改派", "根据刘*的要求改派"),
        ("财务部张丽娟", "财务部张**"),
        ("仓库赵磊验货", "仓库赵*验货"),
        ("司马秀珍今天在", "司马**今天在"),
        ("王丽娟上周搬走了", "王**上周搬走了"),
        ("支付宝17000001234", "支付宝*******1234"),
        ("送到8-3层", "送到****"),
        ("麻烦送上楼，823号", "麻烦送上楼，****"),
        ("邻居598号代收", "邻居****代收"),
        ("上次送到了359", "上次送到了***"),
        ("693没人的话放物业", "***没人的话放物业"),
        ("4号写字楼423号", "*********"),
        ("32号124家里有人", "******家里有人"),
        ("王阿姨代收", "王阿姨代收"),
        ("找李师傅", "找李师傅"),
    ],
)
def test_what_points_at_a_person_is_hidden_and_nothing_else(text, shown):
    assert mask_text(text) == shown
    assert mask_text(shown) == shown
    assert contains_personal_data(text) is (text != shown)


@pytest.mark.parametrize(
    "text",
    [
        "由于江海关系晚到",
        "对于一般的货",
        "交通极不方便",
        "打不开房间了.如有问题再说",
        "加92号汽油",
        "12号送到",
        "放3号柜",
        "42号鞋",
        "共三层，每层10本",
        "杭州发的货",
    ],
)
def test_words_that_only_look_like_names_and_doors_stay(text):
    assert mask_text(text) == text


def test_find_says_what_stands_where():
    text = "王建国，17000001234，3栋501"
    assert [(span.kind, text[span.start : span.end]) for span in find(text)] == [
        (Kind.NAME, "王建国"),
        (Kind.PHONE, "17000001234"),
        (Kind.UNIT, "3栋501"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "客户投诉未收到",
        "订单号20261123000187",
        "运单MD1234567890128",
        "取件码3-2-5012",
        "11月12号楼下等",
        "2026-11-23 10:30",
        "满200减30",
        "3层抽纸5提",
        "三室两厅",
        "第3单元语文试卷",
    ],
)
def test_numbers_that_are_nobodys_stay(text):
    assert mask_text(text) == text
    assert not contains_personal_data(text)
    assert find(text) == ()


_NASTY = (
    "0123456789０１２-+ 　.·*#@，：()王李张欧阳娜建国伟收件人联系电话微信vxqQaZ栋单元室号楼层一二三零幺京浙A"
)


@settings(max_examples=600)
@given(st.text(alphabet=_NASTY, max_size=50) | st.text(max_size=60))
def test_masking_never_raises_keeps_length_and_repeats_nothing(text):
    shown = mask_text(text)
    assert len(shown) == len(text)
    assert all(after in (before, "*") for before, after in zip(text, shown, strict=True))
    assert mask_text(shown) == shown


@given(
    st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True),
    st.text(alphabet="请送到电话联系打，。 门口王李", max_size=10),
    st.sampled_from(["", " ", "，", "转", "（"]),
)
def test_a_valid_mobile_is_never_shown_whole(phone, before, after):
    shown = mask_text(before + phone + after)
    assert phone not in shown
    assert shown[len(before) : len(before) + 11] == "*******" + phone[-4:]


@given(st.text(max_size=80))
def test_spans_lie_inside_the_text(text):
    assert all(0 <= span.start < span.end <= len(text) for span in find(text))


def test_a_long_text_takes_time_in_proportion_to_its_length():
    started = time.process_time()
    for text in ("1 " * 4000, "王" * 8000, "1-" * 4000, "a@" * 4000, "一" * 8000, "·王" * 4000, "收" * 8000):
        mask_text(text)
    assert time.process_time() - started < 20


LONG_PARTS = (
    "请联系张建国先生，电话16900001234，",
    "包装要牢固，轻拿轻放，谢谢配合；",
    "身份证110101199003071234，",
    "放在3号楼2单元501室门口。",
    "到货前请先看一遍说明书，",
)


@given(st.lists(st.sampled_from(LONG_PARTS), min_size=80, max_size=300), st.integers(0, 40))
@settings(max_examples=40, deadline=None)
def test_a_long_text_is_masked_like_its_parts_wherever_they_stand(parts, shift):
    text = "字" * shift + "".join(parts)
    masked = mask_text(text)
    assert len(masked) == len(text)
    for told in ("建国", "69000012", "0101199003071", "501室", "2单元"):
        assert told not in masked
    assert masked.count("包装要牢固，轻拿轻放，谢谢配合；") == text.count("包装要牢固，轻拿轻放，谢谢配合；")
    assert mask_text(masked) == masked
