"""The one list of what is detected in free text. A new kind is a module of this package and a line here.

Earlier ones go first where a value could be of two kinds: what one has found, the next does not see.
"""

from auth.free_text import address, bank_card, document, email, id_number, messenger, mobile, phone, plate, qq, wechat
from auth.free_text.kinds import Detector

DETECTORS: tuple[Detector, ...] = (
    email.DETECTOR,
    id_number.DETECTOR,
    bank_card.DETECTOR,
    mobile.DETECTOR,
    wechat.DETECTOR,
    qq.DETECTOR,
    messenger.DETECTOR,
    document.DETECTOR,
    phone.DETECTOR,
    plate.DETECTOR,
    address.DETECTOR,
)
VERSION = 3
"""Counts up with every change of what is found: `zhike rescan` goes through the stored texts once for each."""
