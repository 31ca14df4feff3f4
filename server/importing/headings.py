"""What a column is called: the Chinese and English headings that exports use, and what each becomes here."""

import re
from enum import StrEnum
from pathlib import Path

from domain.personal.normal_form import normal_form

MARK = "<!-- headings -->"


class Column(StrEnum):
    """What a column holds, named as the field that it becomes."""

    EXTERNAL_ID = "external_id"
    NAME = "name"
    COMPANY = "company"
    CONTACT = "contact"
    KIND = "kind"
    MOBILE = "mobile"
    OTHER_MOBILE = "other_mobile"
    EMAIL = "email"
    WECHAT_ID = "wechat_id"
    ID_NUMBER = "id_number"
    ID_DOCUMENT = "id_document"
    ID_DOCUMENT_KIND = "id_document_kind"
    PASSPORT = "passport"
    HK_MACAO_PERMIT = "hk_macao_permit"
    TAIWAN_PERMIT = "taiwan_permit"
    TAX_NUMBER = "tax_number"
    ADDRESS = "address"
    DELIVERY_ADDRESS = "delivery_address"
    BIRTH_DATE = "birth_date"
    REGION = "region"
    INDUSTRY = "industry"
    STAGE = "stage"
    TIER = "tier"
    SCORE = "score"
    SOURCE = "source"
    TAGS = "tags"
    OWNER = "owner"
    PREFERRED_CHANNEL = "preferred_channel"
    NOTE = "note"


HEADINGS: dict[Column, tuple[str, str]] = {
    Column.EXTERNAL_ID: (
        "客户编号 客户编码 客户代码 客户号 客户ID 编号 客戶編號 客戶代碼",
        """customer number, customer no, customer id, customer code, client id, client number, account number,
        account id, external id, number, no, id, code""",
    ),
    Column.NAME: (
        "客户名称 客户姓名 客户名 名称 姓名 客戶名稱 客戶姓名 名稱",
        "customer name, name, full name, client name, customer, client",
    ),
    Column.COMPANY: (
        "公司名称 企业名称 单位名称 公司 所属公司 公司全称 企业全称 工作单位 公司名稱 企業名稱 單位名稱",
        "company name, company, account name, organisation name, organization name, organisation, organization",
    ),
    Column.CONTACT: (
        "联系人 联系人姓名 客户联系人 主要联系人 对接人 聯絡人 聯繫人 聯絡人姓名",
        "contact name, contact, contact person, primary contact",
    ),
    Column.KIND: (
        "客户类型 客户类别 客户性质 类型 客戶類型 客戶類別 類型",
        "customer type, type, kind, customer kind, client type, account type",
    ),
    Column.MOBILE: (
        """手机 手机号 手机号码 移动电话 联系电话 联系方式 联系手机 电话 电话号码 手機 手機號碼 行動電話
        聯絡電話 聯繫電話 電話 電話號碼""",
        """mobile, mobile phone, mobile number, mobile no, phone, phone number, phone no, cell, cell phone,
        cellphone, cell number, telephone, tel, contact number""",
    ),
    Column.OTHER_MOBILE: (
        """备用手机 备用电话 其他电话 其他手机 第二电话 手机2 电话2 座机 固定电话 固话 办公电话 公司电话
        備用電話 其他電話 市話 手機2 電話2 公司電話""",
        """other mobile, other phone, second phone, secondary phone, alternate phone, alternative phone,
        mobile 2, phone 2, landline, office phone, work phone, home phone, business phone""",
    ),
    Column.EMAIL: (
        "邮箱 电子邮箱 电子邮件 邮箱地址 邮件 邮件地址 電子郵件 電子郵箱 電郵 信箱 郵箱",
        "email, e-mail, email address, e-mail address, mail",
    ),
    Column.WECHAT_ID: (
        "微信号 微信 微信ID 微信号码 微信號 微信帳號 微信账号",
        "wechat, wechat id, we chat, weixin, weixin id, wechat account",
    ),
    Column.ID_NUMBER: (
        "身份证号 身份证 身份证号码 居民身份证 居民身份证号 身份證號 身份證 身分證字號",
        "id number, id card, id card number, identity number, identity card, national id, resident id",
    ),
    Column.ID_DOCUMENT: (
        "证件号 证件号码 证照号码 有效证件号码 其他证件号码 證件號碼 證件號",
        "document number, document no, id document, id document number, identity document",
    ),
    Column.ID_DOCUMENT_KIND: (
        "证件类型 证件类别 证件种类 证件名称 證件類型 證件類別",
        "document type, document kind, id type, id document type",
    ),
    Column.PASSPORT: ("护照 护照号 护照号码 護照 護照號碼", "passport, passport number, passport no"),
    Column.HK_MACAO_PERMIT: (
        """港澳通行证 港澳通行证号 港澳通行证号码 回乡证 回乡证号 港澳居民来往内地通行证 港澳居民来往内地通行证号
        港澳通行證""",
        "home return permit, mainland travel permit, hk macao permit",
    ),
    Column.TAIWAN_PERMIT: (
        "台胞证 台胞证号 台胞证号码 台湾居民来往大陆通行证 台湾居民来往大陆通行证号 台胞證 台胞證號",
        "taiwan permit, taiwan compatriot permit, mtp number",
    ),
    Column.TAX_NUMBER: (
        """统一社会信用代码 信用代码 税号 纳税人识别号 税务登记号 税务登记证号 纳税识别号 统一信用代码
        統一社會信用代碼 稅號 統一編號""",
        """credit code, unified social credit code, uscc, tax id, tax number, tax no, taxpayer id, vat number,
        vat id""",
    ),
    Column.ADDRESS: (
        "地址 联系地址 通讯地址 详细地址 家庭住址 住址 公司地址 办公地址 注册地址 聯絡地址 通訊地址 詳細地址",
        """address, postal address, mailing address, street address, street, home address, full address,
        office address, company address, billing address""",
    ),
    Column.DELIVERY_ADDRESS: (
        "收货地址 送货地址 配送地址 收件地址 邮寄地址 收貨地址 送貨地址",
        "delivery address, shipping address, ship to, ship to address",
    ),
    Column.BIRTH_DATE: (
        "出生日期 生日 出生年月日 出生年月",
        "birth date, birthdate, date of birth, dob, birthday, born",
    ),
    Column.REGION: (
        "地区 区域 大区 所属区域 所在地区 销售区域 地區 區域 大區",
        "region, area, territory, sales region",
    ),
    Column.INDUSTRY: (
        "行业 所属行业 行业类别 行業 產業",
        "industry, sector, line of business",
    ),
    Column.STAGE: (
        "客户阶段 阶段 生命周期 生命周期阶段 客戶階段 階段 生命週期",
        "stage, customer stage, lifecycle stage, life cycle stage, lifecycle, life cycle",
    ),
    Column.TIER: (
        "客户级别 客户等级 级别 等级 客户分级 客戶級別 客戶等級 級別 等級",
        "tier, customer tier, level, customer level, grade, abc class",
    ),
    Column.SCORE: (
        "评分 客户评分 得分 分值 評分",
        "score, customer score, rating, lead score",
    ),
    Column.SOURCE: (
        "来源 客户来源 线索来源 获客渠道 渠道来源 來源 客戶來源",
        "source, lead source, origin, acquired through",
    ),
    Column.TAGS: (
        "标签 客户标签 标记 標籤 客戶標籤",
        "tags, tag, labels, label, keywords",
    ),
    Column.OWNER: (
        "负责人 客户负责人 所属销售 销售 销售代表 业务员 客户经理 跟进人 归属人 負責人 業務員 客戶經理 所屬業務",
        """owner, account owner, customer owner, sales rep, rep, salesperson, sales person, account manager,
        assigned to, responsible""",
    ),
    Column.PREFERRED_CHANNEL: (
        "首选渠道 联系偏好 偏好渠道 首选联系方式 偏好联系方式 首選管道 聯絡偏好",
        "preferred channel, contact preference, preferred contact method, preferred contact",
    ),
    Column.NOTE: (
        "备注 客户备注 备注信息 说明 跟进记录 備註 備注 說明",
        "note, notes, remark, remarks, comment, comments, memo",
    ),
}
"""Chinese headings, parted by blanks, and English ones, parted by commas."""

_BRACKETED = re.compile(r"\(.*?\)|\[.*?\]|【.*?】")
_BETWEEN = re.compile(r"[\W_]+")


def column_of(heading: str) -> Column | None:
    """What the heading stands for; case, width, spaces, punctuation and what is in brackets do not count."""
    if len(heading) > 100:
        return None
    found = _known(heading)
    return found[0] if found else None


def rank_of(heading: str) -> int:
    """How early the heading stands in the list of its column: of several columns of a field the earliest is meant."""
    found = _known(heading) if len(heading) <= 100 else None
    return found[1] if found else 0


def names_of(column: Column) -> list[str]:
    """Every heading that stands for a column, Chinese ones first; the first is what reports call it."""
    chinese, english = HEADINGS[column]
    return [*chinese.split(), *" ".join(english.split()).split(", ")]


def table() -> str:
    """All headings as a Markdown table, which `docs/import.md` holds below its mark."""
    rows = [
        f"| `{column}` | {'、'.join(chinese.split())} | {' '.join(english.split())} |"
        for column, (chinese, english) in HEADINGS.items()
    ]
    return "\n".join(["| becomes | Chinese headings | English headings |", "|---|---|---|", *rows]) + "\n"


def document(path: Path) -> None:
    """Write the table anew into the document, below its mark."""
    above, mark, _ = path.read_text(encoding="utf-8").partition(MARK + "\n")
    path.write_text(above + mark + table(), encoding="utf-8")


def _known(heading: str) -> tuple[Column, int] | None:
    plain = normal_form(heading).casefold()
    return _KNOWN.get(_bare(plain)) or _KNOWN.get(_bare(_BRACKETED.sub("", plain)))


def _bare(plain: str) -> str:
    return _BETWEEN.sub("", plain)


_KNOWN = {
    _bare(normal_form(heading).casefold()): (column, rank)
    for column in HEADINGS
    for rank, heading in enumerate(names_of(column))
}
