"""Why personal data may be handled: the purpose register and the seven legal bases (R06)."""

from enum import StrEnum

from sqlalchemy.orm import Mapped, mapped_column

from domain.base import REGISTER, Base


class LegalBasis(StrEnum):
    """The seven bases of 个人信息保护法 art. 13; there is no legitimate interest."""

    CONSENT = "CONSENT"
    CONTRACT = "CONTRACT"
    LEGAL_DUTY = "LEGAL_DUTY"
    EMERGENCY = "EMERGENCY"
    NEWS = "NEWS"
    PUBLIC_DATA = "PUBLIC_DATA"
    OTHER_LAW = "OTHER_LAW"


class Purpose(Base):
    """An entry of the purpose register."""

    __tablename__ = "purpose"
    __table_args__ = ({"info": REGISTER},)
    code: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]


DUPLICATE_CHECK = "DUPLICATE_CHECK"
"""Why somebody is told that a customer has a contact already. Nobody asks for clear values with it."""

PURPOSES = {
    "FOLLOW_UP": "客户跟进 / Following up a customer",
    "SERVICE": "客户服务 / Serving a customer's ticket",
    "CONTRACT": "订立、履行合同 / Concluding and performing a contract",
    "DATA_SUBJECT_REQUEST": "处理个人信息主体请求 / Answering a data subject's request",
    "LEGAL_DUTY": "履行法定义务 / A duty under the law",
    DUPLICATE_CHECK: "核对重复客户 / Keeping one record of each customer",
}
"""The register as it is first filled."""
