"""What the mask of an address hides and keeps, one line a case: stars in the expected value say it all."""

import pytest

from midan.core.fields.divisions import all_districts, town_names
from midan.core.masking.address import mask_address

UNIT_PARTS = [
    (
        "浙江省杭州市余杭区文一西路969号西溪园区3栋2单元501室",
        "浙江省杭州市余杭区文一西路969号西溪园区*********",
    ),
    ("阳光花园3-2-501", "阳光花园*******"),
    ("阳光花园12#1203", "阳光花园*******"),
    ("财富大厦A座12层", "财富大厦*****"),
    ("柳营路702弄152号", "柳营路702弄****"),
    ("新沪路58弄11-802", "新沪路58弄******"),
    ("购物中心地下一层B12", "购物中心*******"),
    ("张家村三组45号", "张家村三组***"),
    ("张家村12号", "张家村***"),
    ("银泰城七楼", "银泰城**"),
    ("建国路88号1203", "建国路88号****"),
    ("阳光花园３栋２单元５０１室", "阳光花园*********"),
    ("阳光花园①栋②单元", "阳光花园*****"),
    ("阳光花园三栋二单元五〇一", "阳光花园********"),
    ("阳光花园1栋1单元三三〇", "阳光花园********"),
    ("阳光花园3号楼西单元501东户", "阳光花园***********"),
    ("阳光花园3号楼2单元501 左手边", "阳光花园*************"),
    ("阳光花园5一2一301", "阳光花园*******"),
    ("阳光花园3 栋 2 单元 501", "阳光花园************"),
    ("机电城A区3栋16号", "机电城A区*****"),
    ("西雅园10幢3底层", "西雅园******"),
    ("财富大厦2F206", "财富大厦*****"),
    ("商贸城二区三楼3街12345号", "商贸城二区**********"),
    ("商贸城四区八楼79号门三街40842", "商贸城四区*************"),
    ("阳光花园甲12号楼", "阳光花园*****"),
    ("阳光花园第B-D栋1单元", "阳光花园********"),
    ("阳光花园37栋3单元6楼左户", "阳光花园**********"),
    ("供销社对面第二户", "供销社对面***"),
    ("建设路3号楼402", "建设路******"),
    ("北三东路157-5号", "北三东路157-**"),
    ("北三东路157-501号", "北三东路********"),
    ("人民路商业街12号", "人民路商业街***"),
    ("望京街道12号", "望京街道***"),
    ("三里屯SOHOC座12", "三里屯SOHO****"),
    ("101", "***"),
]
KEPT = [
    "江苏省南京市六合区中山三路50号",
    "河南省三门峡市湖滨区五原路12号",
    "七里河区西津西路16号",
    "朝阳区三里屯街道工体北路8号",
    "二道区东盛大街1号",
    "朝阳区十八里店乡十八里店村",
    "浙江省三门县海游街道三门湾路5号",
    "广东省江门市蓬江区",
    "下沙10号大街",
    "天府三街199号",
    "东四十条甲22号",
    "X305县道旁5公里",
    "104国道东侧500米",
    "文1西路",
    "解放路二段12号",
    "经十路9777号",
    "八一街15号",
    "第一人民医院",
    "世纪城三期",
    "机电城A区",
    "五一路与二环路交叉口",
    "沿山村5组",
    "地铁3号线A口",
    "酒仙桥路10号院",
    "建国路一号",
    "五棵松体育馆",
    "一品江山",
]
PEOPLE = [
    ("阳光花园5栋王女士收", "阳光花园*****收"),
    ("阳光花园5栋201 张三 13800001234", "阳光花园***** ** ***********"),
    ("阳光花园 张建国 138-0000-1234", "阳光花园 *** *************"),
    ("阳光花园张三010-88880000", "阳光花园**************"),
    ("张家村赵铁柱收", "张家村***收"),
    ("阳光花园3栋201陈晓", "阳光花园*******"),
    ("阳光花园（李先生）", "阳光花园（***）"),
    ("王小明，浙江省杭州市西湖区", "***，浙江省杭州市西湖区"),
    ("阳光花园转王小二", "阳光花园转***"),
    ("阳光花园 zhang@example.com", "阳光花园 *****************"),
]


@pytest.mark.parametrize(("address", "masked"), UNIT_PARTS)
def test_the_unit_part_is_hidden_and_nothing_else(address: str, masked: str) -> None:
    assert mask_address(address) == masked


@pytest.mark.parametrize("address", KEPT)
def test_roads_divisions_and_zones_stay(address: str) -> None:
    assert mask_address(address) == address


@pytest.mark.parametrize(("address", "masked"), PEOPLE)
def test_names_and_phones_written_into_an_address_are_hidden(address: str, masked: str) -> None:
    assert mask_address(address) == masked


def test_what_stands_around_a_unit_part_is_not_touched() -> None:
    assert mask_address("阳光花园二期3栋501（放门口）") == "阳光花园二期*****（放门口）"
    assert mask_address("\t阳光花园 3栋　") == "\t阳光花园 **　"


def test_every_division_and_town_of_the_country_stays_alone_and_before_a_unit_part() -> None:
    names = {d.city for d in all_districts()} | {d.district for d in all_districts()} | town_names()
    broken = [
        name
        for name in names
        if mask_address(name) != name or mask_address(f"{name}12号楼3单元501") != name + "*" * 10
    ]
    assert len(names) > 30_000
    assert broken == []
