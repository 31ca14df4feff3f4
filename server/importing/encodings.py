"""Whether a text was decoded with the right encoding, told by what it says.

Nearly every file decodes as GB 18030, into Chinese letters: Cyrillic, Korean and Japanese ones too. So a decoding is
believed only where the headings are Chinese words that we know, or the names are names that Chinese people and firms
bear. No statistics of bytes are as sure on a file of three rows. What is not believed is refused: the user knows.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from functools import partial

from domain.errors import Invalid
from server.importing.words import is_organisation

# The surnames of nine in ten people, and the compound ones; simplified, then those that differ when traditional.
_SURNAMES = frozenset(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩邓冯曹彭曾肖萧田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭"
    "陆范汪廖石金韦贾夏付傅方邹熊白孟秦邱侯江尹薛闫阎段雷龙黎史陶贺毛郝顾龚邵万覃武钱戴严莫孔向常汤康易乔赖文庞樊兰殷施"
    "洪翟安颜倪牛温季俞章鲁葛伍申尤毕聂柴焦柳邢岳齐沿梅庄辛管祝左涂耿关谷祁时舒童欧甘霍欧裴符景詹束单屈鲍穆盛尚"
    "房苗蓝骆解应宗丘冉路阮车凌费纪柯卓项岑盖池成褚连古瞿艾麦宁闵仲娄习隋桂窦滕缪卜苟"
    "張劉陳楊黃趙吳孫馬羅鄭謝許韓鄧馮蕭蔣葉蘇呂盧鐘鍾譚陸範韋賈鄒閻龍賀顧龔萬錢嚴湯喬賴龐蘭顏聶齊莊塗關歐單藍駱應車費"
    "紀項蓋連麥寧閔婁習竇繆畢魯鮑韓"
)
_COMPOUND = re.compile("欧阳|上官|司马|诸葛|夏侯|慕容|令狐|尉迟|皇甫|司徒|端木|长孙|宇文|歐陽|司馬|諸葛|尉遲|長孫")
_KOREAN = frozenset(
    "김이박최정강조윤장임한오서신권황안송전홍유고문양손배백허남심노하곽성차주우구민류나진지엄채원천방공현"
    "함변염여추도소석선설마길"
)
# What notes, regions, industries and tags are written with most.
_COMMON = frozenset(
    "的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过发后作里用道行所然家种事成"
    "方多经么去法学如都同现当没动面起看定天分还进好小部其些主样理心本前开但因只从想实日军者意无力它与长把机十民第公此已工使"
    "情明性知全三又关点正业外将两高间由问很最重并物手应战向头文体政美相见被利什二等产或新己制身果加西斯月话合回特代内信表化"
    "老给世位次度门任常先海通教儿原东声提立及比员解水名真论处走义各入几口认条平系气题活尔更别打女变四神总何电数安少报才结反"
    "受目太量再感建务做接必场件计管期市直德资命山金指克许统区保至队形社便空决治展马科司五基眼书非则听白却界达光放强即像难且"
    "权思王象完设式色路记南品住告类求据程北边死张该交规万取拉格望觉术领共确传师观清今切院让识候带导争运笔客户手机电话微信沟"
    "华东南西北中区省市县镇餐饮制造零售批发服务培训医疗教育房产汽车金融食品服装物流广告传媒贸易软件科技互联网价格敏感预算充足"
    "注重服务决策周期长短已联系回访考虑投诉满意介绍朋友展会抖音官网线上下单付款发票售后维修安装"
    "客戶電話聯絡過會來個華東區業務資發價覺機構設計廣貿軟體網際醫療產車運輸話購買問題處理滿會議後開關係統點時間"
)
_HAN = re.compile("[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_LEAST_CHINESE = 0.6
# Letters of other scripts that GB 18030 holds in four bytes each, which no other encoding looks like by chance.
_OTHER_SCRIPTS = re.compile("[\u0590-\u08ff\u0f00-\u0fff\u1800-\u18af\ua000-\ua4cf]")


def cannot_tell() -> Invalid:
    """The refusal of a file whose encoding nobody can be sure of."""
    return Invalid(
        "encoding",
        "无法判断文件的编码，请用 --encoding 指定，例如 gb18030、big5、shift_jis、euc_kr、cp1251、cp1252",
        "The encoding of the file cannot be told; name it with --encoding, such as gb18030, big5, shift_jis, euc_kr, "
        "cp1251 or cp1252",
    )


def is_sound(text: str) -> bool:
    """Whether a Unicode text decoded well, though some of its characters may be broken.

    Two bytes of another encoding are often one character of UTF-8 by chance, three hardly ever.
    """
    broken = text.count("\ufffd")
    whole = [character for character in text if not character.isascii() and character != "\ufffd"]
    return len(whole) >= 9 * broken or sum(character >= "\u0800" for character in whole) >= broken


def is_chinese(headings: Iterable[str], rows: Iterable[Sequence[str]], named: Sequence[int], encoding: str) -> bool:
    """Whether a text decoded as GB 18030 or Big5 is one. `named` are the places of the cells that hold names.

    Known headings in Chinese prove it; else the names do, or the other cells where all names are in ASCII.
    """
    if any(not heading.isascii() for heading in headings):
        return True
    names, others = [], []
    for cells in rows:
        beyond = [(place, cell.strip()) for place, cell in enumerate(cells) if not cell.isascii()]
        names += [cell for place, cell in beyond if place in named]
        others += [cell for place, cell in beyond if place not in named]
    if any(map(partial(_is_korean, encoding=encoding), names)):
        return False
    return _mostly(_is_chinese_name, names) if names else _mostly(_is_chinese_text, others)


def _mostly(holds: Callable[[str], bool], cells: list[str]) -> bool:
    return sum(map(holds, cells)) >= _LEAST_CHINESE * len(cells)


def _is_chinese_name(name: str) -> bool:
    if "\ufffd" in name:
        return False
    if _COMPOUND.match(name) or is_organisation(name) or _OTHER_SCRIPTS.match(name):
        return True
    if name[0] in _SURNAMES and 2 <= len(name) <= 4:
        return 2 * sum(map(_is_everyday, name[1:])) >= len(name) - 1
    return "·" in name and all(map(_HAN.match, name.replace("·", "")))


def _is_everyday(character: str) -> bool:
    """Whether it is one of the first level of GB 2312 or Big5, where the letters of nearly all given names are."""
    return any(
        low <= character.encode(encoding, "replace")[0] <= high
        for encoding, low, high in (("gb2312", 0xB0, 0xD7), ("big5", 0xA4, 0xC6))
    )


def _is_korean(name: str, encoding: str) -> bool:
    """Whether the same bytes are a Korean name: Hangul lies where GB 2312 has its first level."""
    hangul = name.encode(encoding, "replace").decode("euc_kr", "replace")
    return len(hangul) == 3 and hangul[0] in _KOREAN and all("가" <= character <= "힣" for character in hangul)


def _is_chinese_text(text: str) -> bool:
    common = sum(character in _COMMON for character in text)
    return bool(_OTHER_SCRIPTS.search(text)) or common >= _LEAST_CHINESE * len(_HAN.findall(text)) > 0
