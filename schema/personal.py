"""Personal information as a viewer may see it: one shape for every role."""

import strawberry

from auth.access import Sight
from domain.access_log import PersonalField
from domain.personal.document import IdDocumentKind
from schema.binding import described

described(
    Sight,
    "看到的清晰程度。How sharply the viewer sees a field.",
    CLEAR="明文。The value itself.",
    MASKED="脱敏文本，例如 138****5678。A masked text.",
    HIDDEN="不可见。Not for this viewer.",
)

described(
    PersonalField,
    "可申请查看明文的个人信息项。A personal text that can be revealed.",
    NAME="姓名或名称。Name.",
    MOBILE="手机或电话。Phone number.",
    OTHER_MOBILE="第二个电话。A second phone number.",
    EMAIL="邮箱。E-mail address.",
    WECHAT_ID="微信号。WeChat ID.",
    ID_NUMBER="身份证号或统一社会信用代码。Resident ID or credit code.",
    ID_DOCUMENT="护照、通行证等其他证件的号码。Number of a passport, permit or other identity document.",
    ADDRESS="地址。Postal address.",
    BIRTH_DATE="出生日期。Date of birth.",
    SUMMARY="互动摘要原文。The original of an interaction's summary.",
    DESCRIPTION="工单描述原文。The original of a ticket's description.",
    TEXT="工单步骤说明原文。The original of what was said at a ticket's step.",
)

described(
    IdDocumentKind,
    "居民身份证以外的证件种类。What kind of identity document it is, where it is no resident identity card.",
    PASSPORT="护照。A passport.",
    HK_MACAO_PERMIT="港澳居民来往内地通行证或往来港澳通行证。"
    "A travel permit of residents of Hong Kong or Macao, or one to travel there.",
    TAIWAN_PERMIT="台胞证，或往来台湾通行证。A travel permit between Taiwan and the mainland.",
    FOREIGN_PERMANENT_RESIDENT="外国人永久居留身份证。A foreigner's permanent residence card.",
    MILITARY="军官证、士兵证、文职干部证等。A document of the armed forces.",
    OTHER="其他证件。Another document.",
)

ON_APPROVAL = (
    " 需审批者（未满 14 岁者的资料、身份证号）为 false，因为审批尚未实现。False where an approval is needed (data of "
    "children under 14, resident IDs), since nobody can approve yet."
)
"""What a description adds where it says that somebody may ask for a clear text."""


@strawberry.type(
    description="按查看者权限呈现的一项个人信息，对所有角色形状相同。"
    "A piece of personal information as this viewer may see it. The same shape for every role."
)
class PersonalText:
    display: str | None = strawberry.field(
        description="明文或脱敏文本；无值或不可见时为 null。The clear or masked text; null where none or hidden."
    )
    sight: Sight = strawberry.field(description="清晰程度。How sharply it is seen.")
    revealable: bool = strawberry.field(
        description="是否可用 revealPersonalData 查看明文。Whether revealPersonalData shows this viewer the clear text."
        + ON_APPROVAL
    )


@strawberry.type(
    description="居民身份证以外的一件证件；没有时 kind 为 null，number 无值。"
    "An identity document other than a resident identity card. Where there is none, `kind` is null."
)
class IdDocument:
    kind: IdDocumentKind | None = strawberry.field(
        description="证件种类；没有证件或不可见时为 null。What it is; null where there is none or it is hidden."
    )
    number: PersonalText = strawberry.field(description="证件号码。Its number.")
