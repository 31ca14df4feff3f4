"""Postal addresses and points on the map."""

import re

from auth.masks.closing import fails_closed

_PROVINCE = (
    "(?:(?:北京|天津|上海|重庆)市?"
    "|(?:河北|山西|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建|江西|山东|河南|湖北|湖南|广东|海南|四川|贵州|云南|陕西|甘肃|青海|台湾)省?"
    "|(?:内蒙古|西藏)(?:自治区)?|广西(?:壮族自治区)?|宁夏(?:回族自治区)?|新疆(?:维吾尔自治区)?|(?:香港|澳门)(?:特别行政区)?)"
)
# Without the characters that a street has and the name of a place does not.
_NAME = "[^\\W\\d_A-Za-z路街巷弄号村室栋幢座市区县]"
_CITY = f"(?:{_NAME}{{2,8}}?(?:市|地区|盟)|{_NAME}{{2,12}}?自治州)"
# 小区, 园区 and the like are housing and business parks, finer than any district.
_DISTRICT = (
    f"(?:沙市区|(?:[路市](?=[南北中桥]))?{_NAME}{{1,8}}?(?<![小社园校厂景宅活业发院库营])区"
    f"|{_NAME}{{2,15}}?自治[县旗]|{_NAME}{{1,4}}?县|{_NAME}{{2,6}}?[市旗])"
    "(?!路|街|巷|大街|大道|大厦|广场|花园|公寓|村|镇|乡|中学|小学|医院)"
)
_ADDRESS = re.compile(f"(?:中国)?((?:{_PROVINCE})?(?:{_CITY})?)(?:市辖区)?({_DISTRICT})?")
_BETWEEN = re.compile(r"[\s,，、/|\-]+")
_POINT = re.compile(r"(-?[0-9]{1,3}(?:\.[0-9]{1,20})?) ?, ?(-?[0-9]{1,3}(?:\.[0-9]{1,20})?)")


@fails_closed
def address(plain: str) -> str | None:
    """ADDR_DISTRICT: province, city and district or county, told by their wording, then a fixed `****`.

    A district is believed only behind a province or a city; what is not recognised is hidden.
    """
    found = _ADDRESS.match(_BETWEEN.sub("", plain))
    if found is None or not found[1]:
        return "****"
    return f"{found[1]}{found[2] or ''}****"


@fails_closed
def geo(plain: str) -> str | None:
    """A point in degrees, both rounded to 2 decimals: about 1.1 km. A track of points is hidden."""
    found = _POINT.fullmatch(plain)
    if found is None or any(abs(float(degrees)) > 180 for degrees in found.groups()):
        return None
    return ",".join(f"{round(float(degrees), 2) + 0.0:.2f}" for degrees in found.groups())
