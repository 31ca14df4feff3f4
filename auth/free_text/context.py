"""What stands beside a number: the words that say what it is."""

import re

GAP = r"[ \t\r\n.()\-/_·,、|~=]{0,6}+"
"""What may stand between two digits of one number; `spelled_out` writes = for all other signs."""

JOINING = (
    r"[ \t\n,、:=.()\-]{0,3}+(?:(?:中间|后面|随后|然后|接着|再[打拨按加]?|接|加上?|尾号|末尾|后尾|最后|后半段?"
    r"|[前后末](?:[二三四五六八2-68])位数?|是|为|的)[ \t\n,、:=.]{0,2}+){1,4}+"
)
"""The words between the parts of a number that somebody tells part by part: 159 中间 0217 尾号 8834."""

_BUSINESS = re.compile(
    r"(?:订单|定单|运单|快递|单号|单据|合同|协议|发票|票号|工单|批次|批号|型号|固件|货号|料号|款号|序列号|流水|凭证|案号|文号|档案|条码"
    r"|条形码|物流|包裹|提单|报关|编号|编码|版本|图号|项目号|资产|批准|许可|备案|注册号|信用代码|税号|股票|代码|尺寸|规格|坐标|经度|纬度"
    r"|order|invoice|contract|tracking|waybill|serial|model|batch|part|sku|isbn|(?<![a-z])(?:sn|s/n|po|lot|ref|ver|firmware))"
    r"[^0-9\n，。；,;]{0,8}$",
    re.IGNORECASE,
)
_COURIER = re.compile(r"(?<![A-Za-z])(?:SF|YT|ZTO|STO|JD[A-Z]{0,3}|JT|EMS|DB|DPK|YD|YZ|HTKY|UC|TT|DN|VP)[ -]?$")
_TELEPHONE = re.compile(
    r"电话|手机|手提|座机|固话|号码|联系|致电|来电|回电|去电|回拨|拨打|改拨|[拨打呼]|传真|总机|前台|分机|短信|"
    r"(?<![a-z])(?:tel|phone|mob|mobile|cell|call|fax|whatsapp|ring|dial|reach)(?![a-z])",
    re.IGNORECASE,
)
_NEAR, _BEFORE = 14, 22


def is_business_number(text: str, start: int) -> bool:
    """Whether the words before say that this is the number of an order, a parcel, a contract, a model and the like."""
    before = text[max(0, start - _BEFORE) : start]
    return _BUSINESS.search(before) is not None or _COURIER.search(before) is not None


def is_called(text: str, start: int, end: int) -> bool:
    """Whether a word that tells of telephones stands close by, on either side."""
    before, after = text[max(0, start - _NEAR) : start], text[end : end + _NEAR]
    return _TELEPHONE.search(before) is not None or _TELEPHONE.search(after) is not None


def has_telephone_word(text: str) -> bool:
    """Whether such a word stands anywhere in the text."""
    return _TELEPHONE.search(text) is not None


def label(words: str, filler: str = "") -> str:
    """The part of a form that is a label: one of the words, then what people write between it and the value."""
    between = (
        rf"(?:[ \t\n:=,\-—>(\"'“‘「【\[]|字?[号號][码碼]?|账号|帐号|账户|编号|no\.?|number|id|就?是|为|的{filler})"
    )
    return rf"(?:{words}){between}{{0,6}}"


def groups(written: str) -> tuple[int, ...]:
    """The sizes of the groups in which the digits of a number are written."""
    return tuple(map(len, re.findall("[0-9]+", written)))


def digits(written: str) -> str:
    """Only the digits."""
    return "".join(filter(str.isdecimal, written))


def is_day(number: str) -> bool:
    """Whether eight digits read as a day of this or the last century: 20261130."""
    return re.fullmatch("(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])", number) is not None
