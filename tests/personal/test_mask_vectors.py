"""The table of masks, row by row."""

from datetime import date

import pytest

from auth import masks
from auth.masks import Mask, RebuildableIdError, birth_year, refuse_rebuildable
from domain.customer import CustomerKind

VECTORS: list[tuple[Mask, str | None, str | None]] = [
    (masks.name, "张三", "张*"),
    (masks.name, "张三丰", "张**"),
    (masks.name, "欧阳修", "欧阳*"),
    (masks.name, "欧阳娜娜", "欧阳**"),
    (masks.name, "欧阳", "欧*"),
    (masks.name, "李", "*"),
    (masks.name, "张𠮷", "张*"),
    (masks.name, "阿依古丽·买买提", "阿***·买**"),
    (masks.name, "John Smith", "J***"),
    (masks.name, "  王五 ", "王*"),
    (masks.name, "", ""),
    (masks.name, None, None),
    (masks.name, "·", "******"),
    (masks.name, "\ud800三", "******"),
    (masks.name_fixed, "张三丰", "张*"),
    (masks.mobile, "13812345678", "138****5678"),
    (masks.mobile, "+86 138-1234-5678", "138****5678"),
    (masks.mobile, "008613812345678", "138****5678"),
    (masks.mobile, "＋８６１３８１２３４５６７８", "138****5678"),
    (masks.mobile, "1381234567", "******"),
    (masks.mobile, "+85291234567", "+852 ****4567"),
    (masks.landline, "010-12345678", "010-******78"),
    (masks.landline, "09157518479", "0915-*****79"),
    (masks.landline, "021-12345678 ext 12", "021-******78"),
    (masks.landline, "95588", "******"),
    (masks.telephone, "95588", "95***"),
    (masks.telephone, "+8695588", "95***"),
    (masks.telephone, "400-820-8820", "400-*****20"),
    (masks.telephone, "+868008208820;ext=3", "800-*****20"),
    (masks.service, "13900010051", "******"),
    (masks.resident_id, "11010519491231002X", "1****************X"),
    (masks.resident_id, "11010519491231002x", "1****************X"),
    (masks.resident_id, " 110105 19491231 002X", "1****************X"),
    (masks.resident_id, "110105491231002", "1*************2"),
    (masks.resident_id, "1101051949", "******"),
    (masks.resident_id_1_2, "51343620000320711X", "5***************1X"),
    (masks.resident_id_6_4, "11010519491231002X", "110105********002X"),
    (masks.resident_id_6_4, "110105491231002", "******"),
    (masks.document, "E12345678", "E******78"),
    (masks.document, "C12345678", "C******78"),
    (masks.document, "H12345678", "H******78"),
    (masks.document, "12345678", "1*****78"),
    (masks.document, "E1", "******"),
    (masks.credit_code, "91110000600037341L", "91110000600037341L"),
    (masks.credit_code, "92110108MA01YBNX6Y", "92************NX6Y"),
    (masks.bank_card, "6228480402564890018", "**** **** **** 0018"),
    (masks.bank_card, "6228 4804 0256 4890 018", "**** **** **** 0018"),
    (masks.bank_card, "4111111111111111", "**** **** **** 1111"),
    (masks.bank_card, "12345678", "******"),
    (masks.bank_card_6_4, "6228480402564890018", "622848*********0018"),
    (masks.email, "zhangsan@example.com", "z***@example.com"),
    (masks.email, "ab@b.com", "a***@b.com"),
    (masks.email, "a@b.com", "***@b.com"),
    (masks.email, "zhangsan+crm@Example.com", "z***@example.com"),
    (masks.email, "not-an-email", "******"),
    (masks.address, "北京市海淀区马连洼街道289号", "北京市海淀区****"),
    (masks.address, "浙江省杭州市西湖区文三路138号东方大厦1201室", "浙江省杭州市西湖区****"),
    (masks.address, "内蒙古自治区锡林郭勒盟锡林浩特市那达慕大街1号", "内蒙古自治区锡林郭勒盟锡林浩特市****"),
    (masks.address, "文三路138号", "****"),
    (masks.birth_date, "1988-06-15", "1988-**-**"),
    (masks.wechat_id, "zhangsan_2024", "z***4"),
    (masks.opaque, "oAbC12345", "******"),
    (masks.plate, "苏D40000", "苏D****0"),
    (masks.plate, "粤BD12345", "粤B*****5"),
    (masks.plate, "京A123", "******"),
    (masks.ip, "192.168.1.77", "192.168.*.*"),
    (masks.ip, "2001:db8:86a3:8d3:1319:8a2e:370:7344", "2001:db8:*:*:*:*:*:*"),
    (masks.geo, "39.984154,116.307490", "39.98,116.31"),
    (masks.secret, "any", None),
]


@pytest.mark.parametrize(("mask", "text", "shown"), VECTORS)
def test_a_mask_shows_what_its_row_of_the_table_says(mask: Mask, text: str | None, shown: str | None) -> None:
    assert mask(text) == shown


@pytest.mark.parametrize(
    ("on", "shown"),
    [(date(2026, 11, 1), "****-**-**"), (date(2030, 6, 14), "****-**-**"), (date(2030, 6, 15), "2016-**-**")],
)
def test_nothing_of_a_birth_date_is_shown_until_the_fourteenth_birthday(on: date, shown: str) -> None:
    assert birth_year(date(2016, 6, 15), on) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("浙江省 杭州市 西湖区 文三路138号", "浙江省杭州市西湖区****"),
        ("浙江杭州市西湖区文三路", "浙江杭州市西湖区****"),
        ("杭州市西湖区文三路138号", "杭州市西湖区****"),
        ("中国上海上海市浦东新区张江路1号", "上海上海市浦东新区****"),
        ("北京市市辖区海淀区中关村", "北京市海淀区****"),
        ("北京市东方小区3号楼", "北京市****"),
        ("杭州市城市花园2栋", "杭州市****"),
        ("长春市红旗街12号", "长春市****"),
        ("深圳市科技园区软件路", "深圳市****"),
        ("河北省唐山市路南区新华道", "河北省唐山市路南区****"),
        ("山西省阳泉市城区南大街", "山西省阳泉市城区****"),
        ("东莞市长安镇沙头村", "东莞市****"),
        ("广东省中山路南区33号", "广东省****"),
        ("云南省红河哈尼族彝族自治州屏边苗族自治县玉屏镇", "云南省红河哈尼族彝族自治州屏边苗族自治县****"),
        ("甘肃省临夏州积石山保安族东乡族撒拉族自治县吹麻滩镇", "甘肃省临夏州积石山保安族东乡族撒拉族自治县****"),
        ("山东省济南市市中区经四路", "山东省济南市市中区****"),
        ("湖北省荆州市沙市区北京路", "湖北省荆州市沙市区****"),
        ("江苏省南京市鼓楼区中山路", "江苏省南京市鼓楼区****"),
        ("河南省新乡市红旗区平原路", "河南省新乡市红旗区****"),
        ("上海市区南京路1号", "上海市****"),
        ("新疆维吾尔自治区喀什地区喀什市人民东路", "新疆维吾尔自治区喀什地区喀什市****"),
        ("内蒙古自治区呼伦贝尔市鄂伦春自治旗阿里河镇", "内蒙古自治区呼伦贝尔市鄂伦春自治旗****"),
        ("香港特别行政区中西区皇后大道中1号", "香港特别行政区中西区****"),
        ("黑龙江省哈尔滨市道里区中央大街", "黑龙江省哈尔滨市道里区****"),
        ("221B Baker Street, London", "****"),
        ("北京", "北京****"),
        ("西湖区文三路138号", "****"),
    ],
)
def test_an_address_ends_at_its_district(text: str, shown: str) -> None:
    assert masks.address(text) == shown


@pytest.mark.parametrize(
    ("field", "text", "kind", "shown"),
    [
        ("mobile", "+8613812345678", CustomerKind.PERSON, "138****5678"),
        ("mobile", "+861062345678;ext=12", CustomerKind.ORGANIZATION, "010-******78"),
        ("other_mobile", "+869157518479", CustomerKind.PERSON, "0915-*****79"),
        ("mobile", "+864001234567", CustomerKind.ORGANIZATION, "400-*****67"),
        ("id_number", "11010519491231002X", CustomerKind.ORGANIZATION, "1****************X"),
        ("id_number", "91110000600037341L", CustomerKind.ORGANIZATION, "91110000600037341L"),
        ("id_number", "92110108MA01YBNX6Y", CustomerKind.PERSON, "92************NX6Y"),
        ("name", "北京知客科技有限公司", CustomerKind.ORGANIZATION, "北京知客科技有限公司"),
        ("name", "上海七二〇广告有限公司3721店", CustomerKind.ORGANIZATION, "上海七二〇广告有限公司3721店"),
        ("name", "北京知客科技有限公司 139-1234-0987", CustomerKind.ORGANIZATION, f"北{'*' * 23}"),
        ("name", "北京知客科技有限公司a@b.cn", CustomerKind.ORGANIZATION, f"北{'*' * 15}"),
        ("email", "mei@13912340987.com", CustomerKind.PERSON, "******"),
        ("email", "mei@mail.163.com", CustomerKind.PERSON, "m***@mail.163.com"),
        ("name", "李鑫", CustomerKind.ORGANIZATION, "李*"),
        ("name", "阿卜杜热合曼·买买提", CustomerKind.ORGANIZATION, "阿*****·买**"),
        ("name", "北京知客科技有限公司", CustomerKind.PERSON, "北*********"),
        ("birth_date", "1988-06-15", CustomerKind.PERSON, "1988-**-**"),
    ],
)
def test_each_field_has_its_mask(field: str, text: str, kind: CustomerKind, shown: str) -> None:
    assert masks.masked(field, text, kind) == shown


@pytest.mark.parametrize(
    ("id_number", "birth_date"), [("ID_6_4", "CLEAR"), ("ID_6_4", "BIRTH_YEAR"), ("ID_3_4", "CLEAR")]
)
def test_no_role_may_see_a_birth_date_beside_an_id_that_it_completes(id_number: str, birth_date: str) -> None:
    with pytest.raises(RebuildableIdError, match=id_number):
        refuse_rebuildable(id_number, birth_date)


@pytest.mark.parametrize(
    ("id_number", "birth_date"), [("ID_1_1", "CLEAR"), ("ID_1_2", "CLEAR"), ("ID_6_4", "HIDDEN"), ("CLEAR", "CLEAR")]
)
def test_ids_that_a_birth_date_does_not_complete_are_allowed(id_number: str, birth_date: str) -> None:
    refuse_rebuildable(id_number, birth_date)
