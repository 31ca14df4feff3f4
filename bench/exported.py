"""An invented export in the shape of real ones: GB18030, mixed forms of numbers and dates, notes, tags, some faults."""

import csv
from collections.abc import Callable
from pathlib import Path
from random import Random

from stdnum.cn import ric

HEADINGS = """客户编号 客户名称 客户类型 手机 邮箱 微信号 身份证号 地址 出生日期 地区 行业
客户阶段 客户级别 来源 标签 负责人 备注"""
TAGS = ("价格敏感", "老客户", "注重服务", "预算充足", "决策周期长")
NOTES = ("", "", "未来有扩张计划", "喜欢微信沟通", '上次沟通,说"再考虑"\n下周回访', '=HYPERLINK("http://x")')
SURNAMES, GIVEN = "王李张刘陈杨赵黄周吴徐孙", "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀兰霞平刚桂英"
STREETS = ("上海市浦东新区世纪大道", "广东省深圳市南山区科技路", "四川省成都市武侯区人民南路")
REGIONS = ("310101", "440301", "510104")
FAULTY = 0.05


def export(path: Path, rows: int) -> None:
    """Writes so many rows, the same ones every time."""
    chance = Random(1)  # noqa: S311 - nothing is kept secret with it
    with path.open("w", encoding="gb18030", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADINGS.split())
        writer.writerows(_row(number, chance) for number in range(rows))


def _row(number: int, chance: Random) -> list[str]:
    maybe = _maybe(chance)
    given = "".join(chance.choices(GIVEN, k=2))
    return [
        f"KH{number:06}",
        chance.choice(SURNAMES) + given if chance.random() > 0.2 else f"{given}贸易有限公司",
        chance.choice(("个人", "企业", "")),
        maybe(_mobile(chance)),
        maybe(f"user{number}@example.com"),
        maybe(f"wx_{number:06}"),
        maybe(_identity(chance)),
        f"{chance.choice(STREETS)}{chance.randrange(1, 999)}号",
        maybe(_birth_date(chance)),
        chance.choice(("华东", "华东区", " 华东 ", "华南", "西北", "")),
        chance.choice(("制造", "教育", "零售", "医疗", "")),
        "未知阶段" if chance.random() < FAULTY else chance.choice(("潜在期", "潜在", "忠诚", "购买", "")),
        chance.choice(("A", "B", "C", "a类", "重点客户", "")),
        chance.choice(("转介绍", "展会", "抖音", "官网")),
        chance.choice(";；、,").join(chance.sample(TAGS, chance.randrange(4))),
        chance.choice(("rep", "other_rep", "不存在的人", "")),
        chance.choice((*NOTES, f"紧急联系 {_mobile(chance)}")),
    ]


def _maybe(chance: Random) -> Callable[[str], str]:
    return lambda text: text if chance.random() < 0.8 else ""


def _mobile(chance: Random) -> str:
    number = f"1{chance.choice('356789')}{chance.randrange(10**9):09}"
    parts = (number[:3], number[3:7], number[7:])
    return chance.choice((number, number, number, f"+86 {'-'.join(parts)}", f"0086{number}", " ".join(parts)))


def _identity(chance: Random) -> str:
    born = f"{chance.randrange(1950, 2005)}{chance.randrange(1, 13):02}{chance.randrange(1, 29):02}"
    number = f"{chance.choice(REGIONS)}{born}{chance.randrange(1000):03}"
    return chance.choice(("", "'")) + number + ric.calc_check_digit(f"{number}0")


def _birth_date(chance: Random) -> str:
    form = chance.choice(("{}-{:02}-{:02}", "{}/{}/{}", "{}{:02}{:02}", "{}年{}月{}日"))
    return form.format(chance.randrange(1950, 2005), chance.randrange(1, 13), chance.randrange(1, 29))
