"""A generated corpus of texts with and without personal values: every kind × way of writing × context.

Deterministic, so that the page in docs/ and the test count the same. Nothing here is anybody's: numbers are random.
"""

import hashlib
import random
import re
import unicodedata
from collections.abc import Callable, Iterator
from functools import cache
from itertools import product
from typing import NamedTuple

from auth.free_text import Kind, scan


class Sample(NamedTuple):
    """A text, what of it must not be readable afterwards, and of which kind that is; plain texts have neither."""

    text: str
    secret: str
    kind: Kind | None


class Measured(NamedTuple):
    """How many of the texts of a kind were treated rightly."""

    total: int
    right: int

    @property
    def share(self) -> float:
        return self.right / self.total


WORDS = str.maketrans("〇零一幺壹二贰三叁四肆五伍六陆七柒八捌九玖", "00111223344556677889" + "9")


def flat(text: str) -> str:
    """A text as somebody reads it who wants the number: NFKC, words as digits, nothing but letters and digits."""
    wide = unicodedata.normalize("NFKC", text).translate(WORDS)
    return "".join(sign for sign in wide if sign.isalnum() or sign == "@").lower()


scanned = cache(scan)


def is_hidden(sample: Sample) -> bool:
    """Whether the secret cannot be read in what is stored."""
    return flat(sample.secret) not in flat(scanned(sample.text).masked)


def is_left_alone(sample: Sample) -> bool:
    """Whether a plain text stays as it is."""
    return scanned(sample.text).masked == sample.text


SCRIPTS: dict[str, str] = {
    "ASCII": "0123456789",
    "full width": "０１２３４５６７８９",
    "Chinese": "〇一二三四五六七八九",
    "spoken": "零幺二三四五六七八九",
    "formal": "零壹贰叁肆伍陆柒捌玖",
    "circled": "⓪①②③④⑤⑥⑦⑧⑨",
    "bold": "𝟎𝟏𝟐𝟑𝟒𝟓𝟔𝟕𝟖𝟗",
    "Arabic-Indic": "٠١٢٣٤٥٦٧٨٩",
    "superscript": "⁰¹²³⁴⁵⁶⁷⁸⁹",
}
GAPS = (
    "",
    " ",
    "-",
    "😀",
    "→",
    "★",
    ";",
    "：",
    "\\",
    "】【",
    "    ",
    ".",
    "/",
    "_",
    "\t",
    "\n",
    "\u200b",
    "·",
    "、",
    " - ",
    "–",
    "－",
    "\u3000",
    "\u00a0",
)
AROUND = (
    "{}", "客户说{}，请记下", "【{}】", "联系电话{}谢谢", "call {} tomorrow",
    "张总 {} 周五前有空", "已回访（{}）意向一般",
    "备注:{};加急", "王女士{}上午来过", "call back: {}\n再约时间", "换成 {} 了，旧的不用", "12月3日 {} 来电咨询报价",
)  # fmt: skip


def written_in(digits: str, script: str) -> str:
    return digits.translate(str.maketrans("0123456789", SCRIPTS[script]))


def cut(digits: str, sizes: tuple[int, ...], gap: str) -> str:
    ends = [sum(sizes[: place + 1]) for place in range(len(sizes))]
    return gap.join(digits[end - size : end] for end, size in zip(ends, sizes, strict=True))


PLAIN = """
    订单号20261130########|订单 DD2026#########|运单 SF10########### |快递单号 YT7############|
    合同编号 HT2026113000#|合同 2026-SH-0###|发票号码 0#######|工单 T000000##|批次 B20261130-###|
    型号 XJ-###-####|型号 MK-1380####|货号 AB######|序列号 SN8X7K-###A-22CC|流水号 2026113012##########|
    报价 ###,###.## 元|报价 1,38#,###.00|预算 1,500,000 到 2,000,000|预算 150-180 万|2026-11-30 12:30:45|
    2026/12/3 14:00-16:30|11月30日 9:30|三月十八日|二〇二六年十二月三日|一三五上班，二四六休息|十二月一日到五日|
    客服热线 400-82#-88##|热线 400#######|800-810-####|致电 955##|拨打 10086|打 12315 投诉|110 报警|12306 订票|
    客服 95#### 转人工|版本 10.0.#.13#|IP 192.168.1#.#|v2.13.8|build 20261130.#|坐标 31.23####,121.47####|
    ISBN 978-7-302-5####-#|ISBN 97873025####1|统一社会信用代码 91310115MA1K35J49U|税号 91440300708461136T|
    股票代码 600###|邮编 2001##|第###号文件####页|第 ## 页第 # 条|共 1,380 件|1380 箱|尺寸 138*120*56|
    长度 1500 2000 2500|温度 -18.5 到 25.0 度|占比 38.12%|增长 13.8%|评分 9.5/10|3 号楼会议室|2号线地铁|5 栋验收|
    第三车道|12 层样板间|约在世纪大道见面|南京路步行街|中山路的店|在浦东新区开会|上海市场|北京路过|微信沟通|
    已加微信|微信支付 12#00 元|微信群 200 人|QQ群通知|身份证复印件|护照办理 15 个工作日|银行卡丢失|车牌还没上|
    邮箱退信|@李雷 请跟进|#138 和 #1234|logo@2x.png|commit 13fa8b2|G13## 次高铁|MU51## 航班|座位 31A|
    库存 13# 1234 件|A4 纸 500 张|B2B 平台|Q3 财报|5G 套餐 128 元|时间戳 17645#####|时间戳 17645########|
    订单 13812345678#01|提单 COSU138########|料号 100-13800-138|保单 PDAA2026################|
    look at example.com|http://example.com/138/1234|meet at 3pm|WeChat payment|ID 还没给|
    passport photo|    固件 V1.38.####.####|产量 138 #### #### 台|每月 138## ### ### 件|参数 1.5/9.0/#.1/7.#/8.3/4.0|
    房号3栋502的样板间资料|
    git@github.com:foo/bar.git|北京A####5批次|telegram group|skype meeting|抖音直播 3 场|
    12 bank cards|第一二三四批|七八个人，五六天
"""
"""Plain texts, parted by |; # stands for any digit from 1 to 9."""


def some_digits(chance: random.Random, size: int) -> str:
    return "".join(chance.choices("0123456789", k=size))


def a_mobile(chance: random.Random) -> str:
    return f"1{chance.choice('3456789')}{some_digits(chance, 9)}"


def an_id(chance: random.Random) -> str:
    region = chance.choice(["110105", "310115", "440305", "330106", "510107", "230103", "654201"])
    day = f"{chance.randint(1940, 2009)}{chance.randint(1, 12):02}{chance.randint(1, 28):02}"
    body = region + day + some_digits(chance, 3)
    return body + "10X98765432"[sum(int(digit) * 2 ** (17 - at) for at, digit in enumerate(body)) % 11]


def a_card(chance: random.Random) -> str:
    body = chance.choice(["622848", "621700", "621226", "436742", "552534"])
    body += some_digits(chance, (15 if body[0] in "45" else 18) - 6)
    doubled = [sum(divmod(int(digit) * 2, 10)) for digit in body[::-2]]
    return body + str(-(sum(doubled) + sum(map(int, body[-2::-2]))) % 10)


def mobiles(chance: random.Random) -> Iterator[Sample]:
    for script, around in product(SCRIPTS, AROUND):
        number = a_mobile(chance)
        yield _sample(around, written_in(number, script), number, Kind.MOBILE)
    for gap, sizes, around in product(GAPS[1:], [(3, 4, 4), (3, 2, 2, 2, 2), (1, 3, 3, 4), (1,) * 11], AROUND):
        number = a_mobile(chance)
        yield _sample(around, cut(number, sizes, gap), number, Kind.MOBILE)
    for prefix, gap, around in product(["+86", "+86 ", "0086-", "(+86)", "86-", "0"], ["", "-", " "], AROUND):
        number = a_mobile(chance)
        yield _sample(around, prefix + cut(number, (3, 4, 4), gap), number, Kind.MOBILE)
    for label_, around in product(["订单", "运单号 ", "合同 ", "工单"], AROUND):
        number = a_mobile(chance)
        yield _sample(around, label_ + number, number, Kind.MOBILE)
    for letter, around in product("lI|", AROUND):
        number = a_mobile(chance)
        yield _sample(around, letter + number[1:], number[1:], Kind.MOBILE)
    for around in AROUND:
        numbers = [a_mobile(chance) for _ in range(3)]
        yield _sample(around, "/".join(numbers), chance.choice(numbers), Kind.MOBILE)


def phones(chance: random.Random) -> Iterator[Sample]:
    areas = ("010", "021", "0755", "0571", "0991")
    for area, form, around in product(areas, ["{}-{}", "({}){}", "{} {}", "（{}）{}", "{}{}", "+86 {}-{}"], AROUND):
        number = chance.choice("2345678") + some_digits(chance, 7)
        shown = area[1:] if form.startswith("+") else area
        yield _sample(around, form.format(shown, number), number, Kind.PHONE)
    for area, form, around in product(areas, ["{}-{} {}", "{} {}-{}", "{}-{}{}转8012", "{}-{}{}-801"], AROUND[1:]):
        number = chance.choice("2345678") + some_digits(chance, 7)
        yield _sample(around, form.format(area, number[:4], number[4:]), number, Kind.PHONE)
    foreign = [
        ("852", "9#######", "香港"), ("853", "66######", "澳门"), ("886", "9########", "台湾"),
        ("65", "9#######", "新加坡"),
        ("81", "90########", "日本"), ("44", "7911######", "英国"), ("1", "415555####", "美国"),
        ("61", "41#######", "澳洲"),
        ("49", "1512#######", "德国"),
    ]  # fmt: skip
    for (code, shape, place), form, around in product(
        foreign, ["+{} {}", "电话 00{}{}", "{place} {}-{}", "{}-{}（{place}）"], AROUND
    ):
        number = "".join(some_digits(chance, 1) if sign == "#" else sign for sign in shape)
        yield _sample(around, form.format(code, number, place=place), number, Kind.PHONE)
    for label_, around in product(["座机：", "座机 ", "固话", "办公室电话 ", "tel: ", "传真："], AROUND[1:]):
        number = chance.choice("345678") + some_digits(chance, 7)
        yield _sample(around, label_ + number, number, Kind.PHONE)


def emails(chance: random.Random) -> Iterator[Sample]:
    locals_ = ("zhang.san", "li_si88", "wang-wu", "z", "josé", "13812345678x", "sales+crm", "ZhaoLiu", "иван", "陈晨")
    domains = ("example.com", "mail.example.com.cn", "qq.com", "例子.中国", "exämple.de", "Example.ORG")
    for local, domain, at in product(locals_, domains, ["@", "＠", " @ ", "(at)", "[at]", "（at）", "艾特"]):
        around = chance.choice(AROUND)
        secret = f"{local}@" if "@" in unicodedata.normalize("NFKC", at) else f"{local}{flat(at)}"
        yield _sample(around, f"{local}{at}{domain}", secret + domain, Kind.EMAIL)
    for local, around in product(["zhang", "li_si", "tom88"], AROUND):
        yield _sample(around, f"{local} at example dot com", f"{local}atexample", Kind.EMAIL)
        yield _sample(around, f"{local}@example．com", f"{local}@example", Kind.EMAIL)


def id_numbers(chance: random.Random) -> Iterator[Sample]:
    for script, around in product(SCRIPTS, AROUND):
        number = an_id(chance)
        yield _sample(around, written_in(number, script), number[:17], Kind.ID_NUMBER)
    for gap, sizes, around in product(GAPS[1:], [(6, 8, 4), (6, 4, 4, 4), (3, 3, 4, 4, 4), (1,) * 18], AROUND):
        number = an_id(chance)
        yield _sample(around, cut(number, sizes, gap), number[:17], Kind.ID_NUMBER)
    for x, around in product("Xx×ХхΧ*Ｘ", AROUND):
        number = next(found for found in iter(lambda: an_id(chance), None) if found.endswith("X"))
        yield _sample(around, f"身份证{number[:17]}{x}", number[:17], Kind.ID_NUMBER)
    for label_, around in product(["身份证号 ", "身份证：", "证件号码", "ID card: ", "居民身份证 "], AROUND):
        wrong = an_id(chance)[:17] + chance.choice("0123456789")
        yield _sample(around, label_ + wrong, wrong, Kind.ID_NUMBER)
    for around in AROUND:
        number = an_id(chance)
        yield _sample(around, f"订单{number}", number[:17], Kind.ID_NUMBER)
        yield _sample(around, f"旧身份证 {number[:6]}{number[8:17]}", number[:6] + number[8:17], Kind.ID_NUMBER)


def documents(chance: random.Random) -> Iterator[Sample]:
    labels = {
        "护照": "E########", "护照号码：": "EA#######", "passport ": "G########", "Passport No. ": "E########",
        "港澳通行证": "H########", "往来港澳通行证号 ": "C########", "台胞证 ": "########", "回乡证：": "H##########",
        "军官证号": "#######", "驾驶证：": "############", "居住证 ": "##########", "台湾通行证 ": "T########",
    }  # fmt: skip
    for (label_, shape), around in product(labels.items(), AROUND):
        digits = chance.choice("13") + some_digits(chance, 20).replace("2", "7")
        number = "".join(digits[at] if sign == "#" else sign for at, sign in enumerate(shape))
        yield _sample(around, label_ + number, number, Kind.DOCUMENT)


def wechats(chance: random.Random) -> Iterator[Sample]:
    labels = (
        "微信号:", "微信 ", "微信：", "微信号是", "加微信 ", "VX：", "vx ", "wx:", "WeChat: ", "wechat id ", "加V：",
        "加v ", "薇信 ",
        "威信：", "V信 ", "v信号 ", "＋V ", "weixin: ", "微信ID：", "微信搜 ",
    )  # fmt: skip
    for label_, id_, around in product(labels, ["abc_{}", "zhang-{}x", "lisi{}", "wxid_{}", "Lucy{}_sh"], AROUND):
        number = id_.format(some_digits(chance, 4))
        yield _sample(around, label_ + number, number, Kind.WECHAT)


def qqs(chance: random.Random) -> Iterator[Sample]:
    labels = ("QQ ", "QQ：", "qq:", "QQ号", "QQ号码是", "扣扣", "扣扣号 ", "加Q ", "企鹅号：", "Q号 ", "q: ", "球球 ")
    for label_, size, around in product(labels, [6, 8, 9, 10], AROUND):
        number = chance.choice("3456789") + some_digits(chance, size - 1)
        yield _sample(around, label_ + number, number, Kind.QQ)


def messengers(chance: random.Random) -> Iterator[Sample]:
    labels = (
        "钉钉号 ", "钉钉：", "抖音号", "小红书号：", "微博 @", "telegram @", "Telegram: ", "skype: ", "Skype ID ",
        "Line ID: ",
        "LINE：", "whatsapp ", "支付宝账号 ", "飞书：", "Instagram: ", "企业微信 ",
    )  # fmt: skip
    for label_, id_, around in product(labels, ["abc_{}", "lisi{}", "Lucy{}_sh", "zhang.{}x"], AROUND):
        number = id_.format(some_digits(chance, 4))
        yield _sample(around, label_ + number, number, Kind.MESSENGER)


def bank_cards(chance: random.Random) -> Iterator[Sample]:
    for script, around in product(SCRIPTS, AROUND):
        number = a_card(chance)
        yield _sample(around, written_in(number, script), number, Kind.BANK_CARD)
    for gap, around in product([" ", "-", "\u3000", "－", ".", "\u00a0"], AROUND):
        number = a_card(chance)
        rest = len(number) - 12
        yield _sample(
            around, cut(number, (4, 4, 4, rest) if rest == 4 else (4, 4, 4, 4, rest - 4), gap), number, Kind.BANK_CARD
        )
    for label_, around in product(["卡号 ", "工行账号：", "银行卡", "收款账户 ", "建设银行 ", "bank card: "], AROUND):
        number = chance.choice("456") + some_digits(chance, chance.choice([15, 16, 18]))
        yield _sample(around, label_ + number, number, Kind.BANK_CARD)


def plates(chance: random.Random) -> Iterator[Sample]:
    forms = (
        "{}{}{}",
        "{}{}·{}",
        "{}{} {}",
        "{}{}-{}",
        "车牌{}{}{}",
        "车牌号：{}{}·{}",
        "开{}{}{}来的",
        "停了一辆{}{}{}",
    )
    for form, tail, around in product(forms, ["12345", "8A66K", "D12345", "12345F", "F9A88Q"], AROUND):
        province, letter = chance.choice("京沪粤苏浙川鲁豫"), chance.choice("ABCDEFG")
        yield _sample(around, form.format(province, letter, tail), f"{province}{letter}{tail}", Kind.PLATE)


def addresses(chance: random.Random) -> Iterator[Sample]:
    regions = ("上海市浦东新区", "北京市朝阳区", "浙江省杭州市西湖区", "广东深圳市南山区", "成都市武侯区", "")
    streets = (
        "世纪大道{n}号", "文三路{n}号{b}幢{r}室", "长宁路{n}弄{b}号{r}室", "望京西园四区{n}号楼{b}单元{r}",
        "中山东一路{n}号",
        "幸福小区{b}栋{b}单元{r}室", "建国门外大街甲{n}号", "阳光花园{b}号楼{r}室", "人民南路{n}号东方大厦{r}室",
        "李家村{b}组{n}号",
        "解放路一百二十八号",
    )  # fmt: skip
    to = (
        "寄到{}",
        "送货：{}",
        "住{}",
        "地址：{}",
        "收货地址 {}",
        "{}，下午在家",
        "客户家在{}，周末上门",
        "发快递至{}，谢谢",
    )
    for region, street, form in product(regions, streets, to):
        numbers = {"n": chance.randint(11, 989), "b": chance.randint(1, 30), "r": chance.randint(101, 2909)}
        written = street.format(**numbers)
        yield Sample(form.format(region + written), written, Kind.ADDRESS)


def plain_texts(chance: random.Random) -> Iterator[Sample]:
    around = (
        "{}", "客户问{}的进度", "请核对{}，谢谢", "（{}）", "【{}】已确认", "re: {} please check", "张总说{}没问题",
        "12月3日跟进：{}", "{}\n下周再看",
    )  # fmt: skip
    for shape, form in product(_plain_shapes(), around):
        yield Sample(form.format("".join(_filled(chance, shape))), "", None)


def _filled(chance: random.Random, shape: str) -> Iterator[str]:
    for sign in shape:
        yield str(chance.randint(1, 9)) if sign == "#" else sign


def _plain_shapes() -> list[str]:
    return [shape.strip() for shape in re.split(r"[|\n]", PLAIN) if shape.strip()]


def _sample(around: str, written: str, secret: str, kind: Kind) -> Sample:
    return Sample(around.format(written), secret, kind)


MAKERS: dict[Kind, Callable[[random.Random], Iterator[Sample]]] = {
    Kind.MOBILE: mobiles,
    Kind.PHONE: phones,
    Kind.EMAIL: emails,
    Kind.ID_NUMBER: id_numbers,
    Kind.DOCUMENT: documents,
    Kind.WECHAT: wechats,
    Kind.QQ: qqs,
    Kind.MESSENGER: messengers,
    Kind.BANK_CARD: bank_cards,
    Kind.PLATE: plates,
    Kind.ADDRESS: addresses,
}


@cache
def samples(kind: Kind | None) -> tuple[Sample, ...]:
    """All texts of a kind; of None the plain ones."""
    make = MAKERS[kind] if kind else plain_texts
    return tuple(make(random.Random(str(kind))))


@cache
def measured(kind: Kind | None) -> Measured:
    """How many texts of a kind hide their secret; of None how many plain texts are left alone."""
    found = samples(kind)
    return Measured(len(found), sum(map(is_hidden if kind else is_left_alone, found)))


@cache
def precision(kind: Kind) -> Measured:
    """Of all texts of the corpus in which the kind was found: those that hold a personal value, of whatever kind.

    Kinds have shapes in common (a mobile is a WeChat id, a card shaped account an identity number), and what is shown
    does not name the kind: a value that is masked as another kind is masked all the same.
    """
    found = [one for made in (*MAKERS, None) for one in samples(made) if kind in scanned(one.text).found]
    return Measured(len(found), sum(one.kind is not None for one in found))


def digests() -> tuple[str, str]:
    """Of all texts, and of what becomes of them: results that change while texts do not ask for another VERSION."""
    texts = [one.text for kind in (*MAKERS, None) for one in samples(kind)[::5]]
    return _digest(texts), _digest([repr(scanned(text)) for text in texts])


def _digest(texts: list[str]) -> str:
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()


def table() -> str:
    """The table of the page on personal information."""
    lines = ["| kind | texts | hidden | of what is masked as this, personal |", "|---|---|---|---|"]
    for kind in Kind:
        hit, right = measured(kind), precision(kind)
        lines.append(f"| `{kind}` | {hit.total:,} | {hit.share:.1%} | {right.share:.1%} |")
    left = measured(None)
    lines.append(f"| plain texts | {left.total:,} | touched: {1 - left.share:.1%} | |")
    return "\n".join(lines) + "\n"
