"""Regions, industries, sources and tags have one form, however they are written."""

import pytest

from domain.errors import Invalid
from domain.word import TAG_LENGTH, region, same_as, tag_name, word

REGIONS = [
    ("华东", "华东区 华东地区 华东大区 华东片区 华东区域 华东 　华东　 华东　区"),
    ("长三角", "长三角地区 长三角"),
    ("江苏", "江苏省 江苏"),
    ("上海", "上海市 上海"),
    ("呼和浩特", "呼和浩特市 呼和浩特"),
    ("新疆", "新疆维吾尔自治区 新疆"),
    ("内蒙古", "内蒙古自治区"),
    ("香港", "香港特别行政区"),
    ("East China", "Ｅａｓｔ　　Ｃｈｉｎａ"),
]
NO_SUFFIX = ["浦东新区", "朝阳区", "东区", "西区", "东三省", "沙市", "外省", "社区", "地区", "区"]


@pytest.mark.parametrize(("short", "written"), REGIONS)
def test_a_region_has_one_name(short: str, written: str) -> None:
    spellings = [written] if short == "East China" else written.split(" ")
    assert {region(one, field="region") for one in spellings} == {short}


@pytest.mark.parametrize("name", NO_SUFFIX)
def test_what_is_no_suffix_of_a_known_region_stays(name: str) -> None:
    assert region(name, field="region") == name


@pytest.mark.parametrize("written", ["ＶＩＰ 客户", " VIP  客户 ", "vip\u3000客户", "Vip\n客户"])
def test_spellings_of_a_word_share_one_key(written: str) -> None:
    assert same_as(word(written, field="industry")) == same_as(tag_name(written, field="tags")) == "vip 客户"


def test_the_spelling_of_letters_is_kept() -> None:
    assert word("iPhone 用户", field="source") == "iPhone 用户"


def test_the_length_is_judged_in_the_one_form_and_before_hostile_text_is_normalised() -> None:
    assert tag_name("１" * TAG_LENGTH, field="tags") == "1" * TAG_LENGTH
    for long in ("1" * (TAG_LENGTH + 1), "a\u0323\u0301" * 100_000):
        with pytest.raises(Invalid):
            tag_name(long, field="tags")
