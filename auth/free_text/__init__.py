"""Personal numbers and addresses inside free text, found when it is written and masked in place.

One module per kind, all of them in the one list in `detectors.py`. Kinds are told by shape and check digits, by the
way people group digits, and by the words beside them. Every form is bounded, so that time is linear in the text.
"""

from auth.free_text.kinds import Kind
from auth.free_text.scanning import Scanned, is_personal_name, open_text, prepare, scan

__all__ = ["Kind", "Scanned", "is_personal_name", "open_text", "prepare", "scan"]
