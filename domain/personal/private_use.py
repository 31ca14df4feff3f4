"""Characters of the private use areas, which GBK texts hold where Unicode had none yet.

GB 18030 names the character that each of them became. Software of before 2005 still writes the private ones, above all
in names of people (U+E863 for 䶮). All other private characters look different on every machine: nobody can compare,
search or print them, so they are refused.
"""

import re

_BEGIN_FE50 = 0xE815
# GB 18030-2005 and -2022, bytes FE50-FEA0 in order; U+E815 is the first.
_FE50 = (
    "⺁𠂇𠂉𠃌⺄㑳㑇⺈⺋龴㖞㘚㘎⺌⺗㥮㤘龵㧏㧟㩳㧐龶龷㭎㱮㳠⺧𡗗龸⺪䁖䅟⺮䌷⺳⺶⺷𢦏䎱䎬⺻䏝䓖䙡䙌龹"
    "䜣䜩䝼䞍⻊䥇䥺䥽䦂䦃䦅䦆䦟䦛䦷䦶龺𤇾䲣䲟䲠䲡䱷䲢䴓䴔䴕䴖䴗䴘䴙䶮龻"
)
_VERTICAL = {0xE78D + place: code for place, code in enumerate([0xFE10, 0xFE12, 0xFE11, *range(0xFE13, 0xFE1A)])}
_LETTERS = {0xE7C7: 0x1E3F, 0xE7C8: 0x01F9}
_DESCRIPTION = {0xE7E7: 0x303E} | {0xE7E8 + place: 0x2FF0 + place for place in range(12)}

STANDARD = {_BEGIN_FE50 + place: ord(character) for place, character in enumerate(_FE50)}
STANDARD |= _VERTICAL | _LETTERS | _DESCRIPTION
"""The public character of each private one that the standard maps."""

_MAPPED = re.compile("[\ue78d-\ue864]")
# Private use in all three planes, and the code points that Unicode sets apart for no character at all.
_REFUSED = re.compile(
    "[\ue000-\uf8ff\ufdd0-\ufdef\ufffe\uffff\U000f0000-\U0010ffff"
    + "".join(chr(plane << 16 | end) for plane in range(1, 15) for end in (0xFFFE, 0xFFFF))
    + "]"
)


def standard_characters(text: str) -> str:
    """The text with each private character that GB 18030 maps replaced by the public one. Linear."""
    return text.translate(STANDARD) if _MAPPED.search(text) else text


def holds_private_use(text: str) -> bool:
    """Whether there is a character in it that means something on the writer's machine alone, or nowhere."""
    return _REFUSED.search(text) is not None
