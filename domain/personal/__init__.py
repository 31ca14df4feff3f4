"""What people write as a name, a number or an address, brought to one normal form (R36).

Every function takes `(text, *, field)` and returns the normal form. It raises `Invalid` for a text that cannot be what
the field asks for, and `MaskedValueWrite` for a masked one (R37); neither carries the text.
"""

from domain.personal.dates import birth_date, birth_day
from domain.personal.document import document_number
from domain.personal.email import email_address
from domain.personal.identity import (
    credit_code,
    identity_number,
    is_card_shaped,
    is_credit_code,
    is_resident_id,
    resident_id,
)
from domain.personal.masked import looks_masked
from domain.personal.phone import contact_number, telephone_number
from domain.personal.text import free_text, person_name, postal_address
from domain.personal.wechat import wechat_id

__all__ = [
    "birth_date",
    "birth_day",
    "contact_number",
    "credit_code",
    "document_number",
    "email_address",
    "free_text",
    "identity_number",
    "is_card_shaped",
    "is_credit_code",
    "is_resident_id",
    "looks_masked",
    "person_name",
    "postal_address",
    "resident_id",
    "telephone_number",
    "wechat_id",
]
