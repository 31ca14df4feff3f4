"""The words of closed lists, as exports write them: stages, tiers, kinds, channels."""

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

from domain.channel import Channel
from domain.customer import CustomerKind
from domain.errors import Invalid
from domain.lifecycle import LifecycleStage
from domain.personal.document import IdDocumentKind
from domain.personal.normal_form import normal_form
from domain.tier import TierCode

Word = TypeVar("Word", bound=StrEnum)
Known = TypeVar("Known", bound=str)


def _by_word(words: Mapping[Word, str]) -> dict[str, Word]:
    return {word: meant for meant, said in words.items() for word in (meant.value.casefold(), *said.split())}


STAGES = _by_word(
    {
        LifecycleStage.POTENTIAL: "潜在 潜在期 潜在客户 潛在 潛在期 prospect lead",
        LifecycleStage.AWARENESS: "认知 认知期 認知 認知期 aware",
        LifecycleStage.PURCHASE: "购买 购买期 購買 購買期 purchased buyer",
        LifecycleStage.LOYALTY: "忠诚 忠诚期 忠诚客户 忠誠 忠誠期 loyal",
        LifecycleStage.CHURN: "流失 流失期 流失客户 已流失 churned lost",
    }
)
TIER_CODES = _by_word(
    {
        TierCode.A: "a类 a级 a类客户 a级客户 a類 a級 重点 重点客户 重點客戶 tiera",
        TierCode.B: "b类 b级 b类客户 b级客户 b類 b級 潜力 潜力客户 潛力客戶 tierb",
        TierCode.C: "c类 c级 c类客户 c级客户 c類 c級 基础 基础客户 基礎客戶 tierc",
    }
)
KINDS = _by_word(
    {
        CustomerKind.PERSON: "个人 个人客户 自然人 個人 individual personal private",
        CustomerKind.ORGANIZATION: "企业 企业客户 公司 单位 机构 组织 企業 單位 機構 company organisation enterprise"
        " business corporate",
    }
)
CHANNELS = _by_word(
    {
        Channel.PHONE: "电话 手机 電話 call telephone",
        Channel.EMAIL: "邮件 邮箱 电子邮件 電郵 mail e-mail",
        Channel.SMS: "短信 簡訊 text",
        Channel.WECHAT: "微信 weixin",
        Channel.VISIT: "拜访 上门 面谈 拜訪 meeting",
        Channel.LIVE_CHAT: "在线客服 在线聊天 chat livechat",
        Channel.SOCIAL: "社交媒体 社交 social",
        Channel.EVENT: "活动 展会 活動",
        Channel.SURVEY: "问卷 调查 問卷",
        Channel.OTHER: "其他 其它",
    }
)
DOCUMENT_KINDS: Mapping[str, str] = {
    word: meant
    for meant, said in {
        "RESIDENT_ID": "身份证 居民身份证 二代身份证 身份證 身份证件 统一社会信用代码 营业执照"
        " idcard residentid nationalid",
        IdDocumentKind.PASSPORT: "护照 普通护照 因私护照 中国护照 外国护照 護照 passport",
        IdDocumentKind.HK_MACAO_PERMIT: "港澳通行证 往来港澳通行证 港澳居民来往内地通行证 港澳居民通行证 回乡证"
        " 港澳通行證 回鄉證 homereturnpermit hkmacaopermit",
        IdDocumentKind.TAIWAN_PERMIT: "台胞证 台湾居民来往大陆通行证 台湾通行证 往来台湾通行证 台胞證 taiwanpermit",
        IdDocumentKind.FOREIGN_PERMANENT_RESIDENT: "外国人永久居留身份证 外国人永久居留证 永久居留证 永居证 greencard"
        " permanentresident",
        IdDocumentKind.MILITARY: "军官证 军人证 士兵证 文职干部证 警官证 軍官證 military",
        IdDocumentKind.OTHER: "其他 其它 其他证件 驾驶证 驾照 社保卡 社会保障卡 医保卡 港澳台居民居住证"
        " 香港身份证 澳门身份证 other",
    }.items()
    for word in (meant.casefold(), *said.split())
}
_ORGANISATION = re.compile(
    r"公司|集团|有限|厂$|店$|中心$|学校|大学|医院|银行|协会|学会|基金会|研究[院所]|事务所|工作室|合作社|委员会|商行|企业"
    r"|集團|廠$|\b(?:inc|ltd|llc|co|corp|company|group|gmbh|limited|corporation)\b\.?$",
    re.IGNORECASE,
)


def word_of(words: Mapping[str, Known], text: str) -> Known | None:
    """What a word stands for, None for one that is not known."""
    return words.get("".join(normal_form(text[:100]).casefold().split()))


def named_word(text: str) -> tuple[str, str]:
    """A word to be named in a report in Chinese and English; nothing where it may be a personal value."""
    word = " ".join(text.split())
    if len(word) > 12 or any(map(str.isdigit, word)) or "@" in word:
        return "", ""
    return f"“{word}”", f": {word}"


def meant_by(words: Mapping[str, Word], text: str, field: str) -> Word:
    """What a word stands for. Raises Invalid, which lists the main words, for one that is not known."""
    found = word_of(words, text)
    if found is not None:
        return found
    known = list(dict.fromkeys(words.values()))
    chinese = [next(word for word, meant in words.items() if meant is one and not word.isascii()) for one in known]
    raise Invalid(
        field, f"无法识别的词，可用：{'、'.join(chinese)}", f"Not a known word; use one of {', '.join(known)}"
    )


def is_organisation(name: str) -> bool:
    """Whether a name holds a word that only organisations bear."""
    return _ORGANISATION.search(name.strip()) is not None
