"""What people write is brought to one form, or refused without being repeated."""

import re
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import DomainError, ErrorCode, Invalid, MaskedValueWrite
from domain.personal import (
    birth_date,
    birth_day,
    contact_number,
    credit_code,
    email_address,
    free_text,
    identity_number,
    person_name,
    postal_address,
    resident_id,
    wechat_id,
)
from domain.personal.dates import today

NORMALISERS = [
    birth_day,
    contact_number,
    credit_code,
    email_address,
    free_text,
    identity_number,
    person_name,
    postal_address,
    resident_id,
    wechat_id,
]

ACCEPTED = [
    (contact_number, "13812345678", "+8613812345678"),
    (contact_number, "+86 138-1234-5678", "+8613812345678"),
    (contact_number, "8613812345678", "+8613812345678"),
    (contact_number, "008613812345678", "+8613812345678"),
    (contact_number, "013812345678", "+8613812345678"),
    (contact_number, "1381234-5678", "+8613812345678"),
    (contact_number, "１３８　１２３４　５６７８", "+8613812345678"),
    (contact_number, "\u202d138 1234 5678\u202c", "+8613812345678"),
    (contact_number, "149 1234 5678", "+8614912345678"),
    (contact_number, "194 1234 5678", "+8619412345678"),
    (contact_number, "（010）6234-5678", "+861062345678"),
    (contact_number, "0915-7518479", "+869157518479"),
    (contact_number, "010-62345678-801", "+861062345678;ext=801"),
    (contact_number, "010-62345678转801", "+861062345678;ext=801"),
    (contact_number, "021-62345678 ext. 12", "+862162345678;ext=12"),
    (contact_number, "400-123-4567", "+864001234567"),
    (contact_number, "+852 9123 4567", "+85291234567"),
    (contact_number, "0085291234567", "+85291234567"),
    (email_address, " Zhang.San＠EXAMPLE.com ", "Zhang.San@example.com"),
    (email_address, "张三@例子.中国", "张三@例子.中国"),
    (resident_id, "11010519491231002x", "11010519491231002X"),
    (resident_id, "'110105 19491231 002X ", "11010519491231002X"),
    (resident_id, "１１０１０５１９４９１２３１００２Ｘ", "11010519491231002X"),
    (resident_id, "110105491231002", "11010519491231002X"),
    (resident_id, "810000199408230021", "810000199408230021"),
    (resident_id, "911124198108030024", "911124198108030024"),
    (credit_code, "91110000600037341l", "91110000600037341L"),
    (credit_code, "91110000-600037341-L", "91110000600037341L"),
    (identity_number, "91110000600037341L", "91110000600037341L"),
    (identity_number, "110105491231002", "11010519491231002X"),
    (wechat_id, " ZhangSan_2024", "zhangsan_2024"),
    (wechat_id, "13812345678", "13812345678"),
    (birth_day, "2008/08/06", "2008-08-06"),
    (birth_day, "2008-8-6", "2008-08-06"),
    (birth_day, "2008.08.06", "2008-08-06"),
    (birth_day, "1968年11月17日", "1968-11-17"),
    (birth_day, "20140312", "2014-03-12"),
    (birth_day, "1988-06-15 00:00:00", "1988-06-15"),
    (birth_day, "２０１４０３１２", "2014-03-12"),
    (person_name, " 张\u3000三 ", "张 三"),
    (person_name, "阿依古丽•买买提", "阿依古丽·买买提"),
    (person_name, "\ufeff李", "李"),
    (postal_address, "北京市\n海淀区", "北京市 海淀区"),
    (free_text, " 第一行\r\n１３８ ", "第一行\n１３８"),
    (free_text, "回电138****5678", "回电138****5678"),
]

REFUSED = [
    (contact_number, "1381234567"),
    (contact_number, "12812345678"),
    (contact_number, "95588"),
    (contact_number, "手机13812345678"),
    (contact_number, "13812345678/13912345678"),
    (contact_number, "+999 1234567"),
    (email_address, "moqiang"),
    (email_address, "a b@example.com"),
    (email_address, "a@@example.com"),
    (email_address, f"{'a' * 250}@example.com"),
    (resident_id, "110105194912310021"),
    (resident_id, "110105204912310026"),
    (resident_id, "110105194913310028"),
    (resident_id, "110105491331002"),
    (resident_id, "990105194912310023"),
    (resident_id, "91110000600037341L"),
    (credit_code, "91110000600037341M"),
    (credit_code, "9111000060003734IL"),
    (credit_code, "11010519491231002X"),
    (identity_number, "E12345678"),
    (wechat_id, "a_b"),
    (wechat_id, "微信"),
    (birth_day, "1899-12-31"),
    (birth_day, "2023-02-29"),
    (birth_day, "2008-08/06"),
    (birth_day, "080806"),
    (birth_day, "1988-06-15 08:30:00"),
    (person_name, "李" * 101),
    (person_name, "\x00"),
    (person_name, "张\x07三"),
    (person_name, "张\u202e三"),
    (person_name, "张\ud800"),
    (person_name, " \u3000 "),
    (free_text, "a\x00b"),
    (free_text, "\udfff"),
    (free_text, "长" * 20_001),
]

MASKED = [
    (contact_number, "138****5678"),
    (contact_number, "138＊＊＊＊5678"),
    (contact_number, "+852 ****4567"),
    (email_address, "z***@example.com"),
    (email_address, "***@b.com"),
    (identity_number, "1****************X"),
    (wechat_id, "z***4"),
    (birth_day, "1988-**-**"),
    (person_name, "张*"),
    (person_name, "欧阳*"),
    (person_name, "*"),
    (person_name, "阿*·买*"),
    (person_name, "J***"),
    (postal_address, "北京市海淀区****"),
    (postal_address, "******"),
    (person_name, "●"),
    (person_name, "张●●"),
    (person_name, "张○○"),
    (person_name, "□"),
    (person_name, "陶□"),
    (person_name, "李*明"),
    (person_name, "张×"),
    (person_name, "张××"),
    (person_name, "张ＸＸ"),
    (person_name, "王xx"),
    (person_name, "张??"),
    (person_name, "张••"),
    (person_name, "138xxxx5678"),
    (person_name, "138####5678"),
    (person_name, "138XXXXXXXX"),
    (person_name, "138xxxx5678有限公司"),
    (person_name, "138●●●●5678商行"),
    (person_name, "张**有限公司"),
    (person_name, "李●行"),
    (person_name, "张••工作室"),
    (postal_address, "北京市海淀区XX路XX号"),
    (postal_address, "██路12号"),
    (postal_address, "文三路○○○号"),
    (postal_address, "杭州市__路3号"),
    (email_address, "z●●●@example.com"),
    (email_address, "z*n@example.com"),
]

REAL_NAMES = """
    Max|Xxx Ltd|XX|The xx|Exxon|XXL服饰|Foxx 88|老王X|陈x|A*B|阿依古丽•买买提|J. K. Rowling|百雀羚×故宫|3x3 Basket
    二○○八餐饮|九〇后文化|〇〇后餐饮|○八一厂|C#|What?|360公司|58同城|1号店|7-11|7天连锁|Maxx Höhe
    XX服饰有限公司|乐■天工作室|某xx科技（上海）有限公司|██文化传媒|X■餐厅|张×记面馆有限公司|□□工作室|A××贸易
"""
REAL_ADDRESSES = """
    建设路１２#|二○一号|12xx|1 Max Road|Route 6x, Roxxon Plaza|XX Street 5|长安街1#楼|3#-2-501|12*8米仓库
"""
UNMASKED = [(person_name, text.strip()) for text in re.split(r"[|\n]", REAL_NAMES.strip())] + [
    (postal_address, text.strip()) for text in REAL_ADDRESSES.split("|")
]
"""Real names and addresses with signs of masks in them."""

Normaliser = Callable[..., str]


@pytest.mark.parametrize(("normalise", "text", "normal"), ACCEPTED)
def test_a_text_has_one_normal_form(normalise: Normaliser, text: str, normal: str) -> None:
    assert normalise(text, field="f") == normal


@pytest.mark.parametrize(("normalise", "text", "normal"), ACCEPTED)
def test_a_normal_form_is_its_own(normalise: Normaliser, text: str, normal: str) -> None:
    assert normalise(normal, field="f") == normal


@pytest.mark.parametrize(("normalise", "text"), REFUSED)
def test_what_cannot_be_a_value_is_refused_by_field(normalise: Normaliser, text: str) -> None:
    with pytest.raises(Invalid) as refusal:
        normalise(text, field="theField")
    assert refusal.value.field == ("theField",)
    assert refusal.value.code is ErrorCode.INVALID


@pytest.mark.parametrize(("normalise", "text"), MASKED)
def test_a_masked_text_is_never_taken_for_a_value(normalise: Normaliser, text: str) -> None:
    with pytest.raises(MaskedValueWrite):
        normalise(text, field="f")


@pytest.mark.parametrize(("normalise", "text"), UNMASKED)
def test_a_real_name_or_address_is_not_taken_for_a_masked_one(normalise: Normaliser, text: str) -> None:
    assert normalise(text, field="f")


def test_a_letter_led_credit_code_is_accepted() -> None:
    assert credit_code("N2110105MA01YBNX6" + _check("N2110105MA01YBNX6"), field="f").startswith("N2")


def test_nobody_is_born_tomorrow() -> None:
    assert birth_date(today().isoformat()) == today()
    with pytest.raises(Invalid):
        birth_date((today() + timedelta(days=1)).isoformat())


@given(st.dates(min_value=date(1900, 1, 1), max_value=date(2020, 12, 31)))
def test_a_birth_date_is_read_in_every_form(day: date) -> None:
    forms = ["%Y-%m-%d", "%Y/%m/%d", "%Y%m%d", "%Y年%m月%d日", "%Y.%m.%d"]
    assert {birth_date(day.strftime(form)) for form in forms} == {day}


@given(st.text(max_size=60), st.sampled_from(NORMALISERS))
def test_any_text_is_normalised_or_refused_and_never_repeated(text: str, normalise: Normaliser) -> None:
    try:
        normal = normalise(text, field="f")
    except DomainError as refusal:
        _says_nothing_of(refusal, text)
    else:
        assert normalise(normal, field="f") == normal


def _says_nothing_of(refusal: DomainError, text: str) -> None:
    assert len(text) < 3 or text not in str(refusal)
    assert refusal.__cause__ is None
    assert refusal.__suppress_context__ or refusal.__context__ is None


@pytest.mark.parametrize("normalise", NORMALISERS)
def test_a_text_without_end_is_refused_at_once(normalise: Normaliser) -> None:
    with pytest.raises(Invalid):
        normalise("e\u0301\u0316" * 300_000, field="f")


def _check(body: str) -> str:
    alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    return alphabet[-sum(alphabet.index(letter) * 3**place for place, letter in enumerate(body)) % 31]


@pytest.mark.parametrize(
    "dot", ["·", "．", "⋅", "•", "・", "‧", "･", " · ", "　・　", ".", " ． ", "∙", "˙", "﹒", "。"]
)
def test_every_dot_between_the_parts_of_a_name_is_one(dot: str) -> None:
    assert person_name(f"艾力{dot}买买提", field="f") == "艾力·买买提"


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("J. R. Smith", "J. R. Smith"),
        ("Ｊ．Ｒ．Ｓｍｉｔｈ", "J.R.Smith"),
        ("A.O.史密斯", "A.O.史密斯"),
        ("Ａ．Ｏ．史密斯（中国）", "A.O.史密斯(中国)"),
        ("Dr. 王", "Dr. 王"),
        ("No.1 店", "No.1 店"),
        ("Jean • Paul", "Jean·Paul"),
        ("阿卜杜.热合曼•买买提", "阿卜杜·热合曼·买买提"),
    ],
)
def test_full_stops_behind_letters_stay(text: str, normal: str) -> None:
    assert person_name(text, field="f") == normal
