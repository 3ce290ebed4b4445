"""Roman spelling: the examples of the 1984 rules, published spellings, hard readings, checking."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo_service.domain.place import FeatureType
from geo_service.language.readings import read
from geo_service.language.romanisation import romanise, spell
from geo_service.language.spelling_check import Kind, Level, differences

ROAD, ESTATE, BUILDING = FeatureType.ROAD, FeatureType.ESTATE, FeatureType.BUILDING
VILLAGE, NATURAL, FACILITY, UNIT = (
    FeatureType.VILLAGE,
    FeatureType.NATURAL,
    FeatureType.FACILITY,
    FeatureType.UNIT,
)

# (84)中地字第17号: the examples of its rules, by rule.
RULES = {
    ROAD: """
        京津公路 Jīngjīn Gōnglù|南京公路 Nánjīng Gōnglù|滨江道 Bīnjiāng Dào|横街 Héng Jiē
        长安街 Cháng'ān Jiē|大马路 Dà Mǎlù|梧桐巷 Wútóng Xiàng|门框胡同 Ménkuàng Hútòng
        景山后街 Jǐngshān Hòujiē|造币左路 Zàobì Zuǒlù|清波门直街 Qīngbōmén Zhíjiē
        后赵家楼胡同 Hòuzhàojiālóu Hútòng|朝阳门内大街 Cháoyángménnèi Dàjiē|南小街 Nán Xiǎojiē
        南横东街 Nánhéng Dōngjiē|修文西小巷 Xiūwén Xīxiǎoxiàng
        东直门外南后街 Dōngzhíménwài Nánhòujiē|广安门北滨河路 Guǎng'ānmén Běibīnhé Lù
        解放路南小街 Jiěfànglù Nánxiǎojiē|包头胡同东巷 Bāotóu Hútòng Dōngxiàng
        张之洞路 Zhāngzhīdòng Lù|三眼井胡同 Sānyǎnjǐng Hútòng|八角场东街 Bājiǎochǎng Dōngjiē
        三八路 Sānbā Lù|二马路 2 Mǎlù|经五路 Jīng 5 Lù|三环路 3 Huánlù
        大川淀一巷 Dàchuāndiàn 1 Xiàng|东四十二条 Dōngsì 12 Tiáo|第九弄 Dì-9 Lòng
        天宁寺西里一巷 Tiānníngsì Xīlǐ 1 Xiàng|盆儿胡同 Pénr Hútòng""",
    NATURAL: """
        太行山 Tàiháng Shān|松花江 Sōnghuā Jiāng|汾河 Fén Hé|太湖 Tài Hú|舟山群岛 Zhōushān Qúndǎo
        台湾海峡 Táiwān Hǎixiá|青藏高原 Qīngzàng Gāoyuán|西辽河 Xīliáo Hé|潮白新河 Cháobái Xīnhé
        新通扬运河 Xīntōngyáng Yùnhé|北雁荡山 Běiyàndàng Shān|老秃顶子山 Lǎotūdǐngzǐ Shān
        小金门岛 Xiǎojīnmén Dǎo|渤海湾 Bóhǎi Wān|五指山 Wǔzhǐ Shān|九龙江 Jiǔlóng Jiāng
        三门峡 Sānmén Xiá|二道沟 Èrdào Gōu|第二松花江 Dì'èr Sōnghuā Jiāng|1203高地 1203 Gāodì
        1718峰 1718 Fēng|珠江 Zhū Jiāng|海南岛 Hǎinán Dǎo""",
    VILLAGE: """
        王村 Wángcūn|江镇 Jiāngzhèn|漷县 Huǒxiàn|周口店 Zhōukǒudiàn|文家市 Wénjiāshì
        油坊桥 Yóufángqiáo|铁匠营 Tiějiàngyíng|大虎山 Dàhǔshān|太平沟 Tàipínggōu
        三岔河 Sānchàhé|龙王集 Lóngwángjí|龚家棚 Gōngjiāpéng|众埠街 Zhòngbùjiē
        南王家荡 Nánwángjiādàng|第六屯 Dìliùtún|李庄 Lǐzhuāng|十里堡 Shílǐpù|大黄堡 Dàhuángbǎo""",
    UNIT: """
        西藏自治区 Xīzàng Zìzhìqū|江苏省 Jiāngsū Shěng|襄樊市 Xiāngfán Shì|通县 Tōng Xiàn
        西峰镇 Xīfēng Zhèn|虹口区 Hóngkǒu Qū|友谊乡 Yǒuyì Xiāng|黑龙江省 Hēilóngjiāng Shěng
        景德镇市 Jǐngdézhèn Shì|左权县 Zuǒquán Xiàn|吴堡县 Wúbǔ Xiàn|西安市 Xī'ān Shì
        建瓯市 Jiàn'ōu Shì|天峨县 Tiān'é Xiàn""",
    FACILITY: """
        密云水库 Mìyún Shuǐkù|永丰渠 Yǒngfēng Qú|欧阳海水库 Ōuyánghǎi Shuǐkù
        五一广场 Wǔyī Guǎngchǎng""",
}

# Published by Haiyan, Xiuzhou, Jiashan and Zhangjiagang (capitals there without tones).
PUBLISHED = {
    ROAD: """
        紫薇路 Zǐwēi Lù|长南路 Chángnán Lù|稻丰路 Dàofēng Lù|霑云路 Zhānyún Lù|曲泾路 Qǔjīng Lù
        紫云路 Zǐyún Lù|荫家桥路 Yīnjiāqiáo Lù|高科路 Gāokē Lù|圆航路 Yuánháng Lù
        冯家巷 Féngjiā Xiàng|徐家埭巷 Xújiādài Xiàng|碾坨桥弄 Niǎntuóqiáo Lòng
        天生港路 Tiānshēnggǎng Lù|学府南路 Xuéfǔ Nánlù""",
    FACILITY: "缪家堰桥 Miàojiāyàn Qiáo|印家桥 Yìnjiā Qiáo",
    ESTATE: "珑港华庭 Lónggǎng Huátíng|凤桐雅苑 Fèngtóng Yǎyuàn",
}

# By the rules, on approved names, names of Qingdao and of every kind of part.
OWN = {
    ROAD: """
        香港东路 Xiānggǎng Dōnglù|香港中路 Xiānggǎng Zhōnglù|香港西路 Xiānggǎng Xīlù
        延安一路 Yán'ān 1 Lù|延安二路 Yán'ān 2 Lù|山东路 Shāndōng Lù|台湾路 Táiwān Lù
        澳门路 Àomén Lù|东海路 Dōnghǎi Lù|太平路 Tàipíng Lù|五四广场路 Wǔsìguǎngchǎng Lù
        即墨路 Jímò Lù|登州路 Dēngzhōu Lù|黄县路 Huángxiàn Lù|单县路 Shànxiàn Lù
        莘县路 Shēnxiàn Lù|冠县路 Guànxiàn Lù|无棣路 Wúdì Lù|乐陵路 Làolíng Lù
        东阿路 Dōng'ē Lù|长清路 Chángqīng Lù|济南路 Jǐnán Lù|朝城路 Cháochéng Lù
        重庆南路 Chóngqìng Nánlù|合肥路 Héféi Lù|成都路 Chéngdū Lù|厦门路 Xiàmén Lù
        台东三路 Táidōng 3 Lù|大名路 Dàmíng Lù|抚顺支路 Fǔshùn Zhīlù|绿岭路 Lǜlǐng Lù
        劲松七路 Jìngsōng 7 Lù|宝通北街 Bǎotōng Běijiē|政法学院东巷 Zhèngfǎxuéyuàn Dōngxiàng
        希宁南巷 Xīníng Nánxiàng|兴发西巷 Xīngfā Xīxiàng|轻风路 Qīngfēng Lù|龙驹街 Lóngjū Jiē
        青龙山东路 Qīnglóngshān Dōnglù|狮子口东街 Shīzǐkǒu Dōngjiē|耕秀路 Gēngxiù Lù
        共建胡同 Gòngjiàn Hútòng|火炬大街 Huǒjù Dàjiē|通济街 Tōngjì Jiē|知行路 Zhīxíng Lù
        长发路 Chángfā Lù|银行街 Yínháng Jiē|音乐厅路 Yīnyuètīng Lù|白云观路 Báiyúnguàn Lù
        会计路 Kuàijì Lù|幼儿园路 Yòu'éryuán Lù|儿童路 Értóng Lù
        朝霞路 Zhāoxiá Lù|女娲路 Nǚwā Lù|旅顺路 Lǚshùn Lù
        二十一世纪大道 Èrshíyīshìjì Dàdào|十二路 12 Lù|纬二路 Wěi 2 Lù|西一街 Xī 1 Jiē
        滨海大道 Bīnhǎi Dàdào|鄂尔多斯路 È'ěrduōsī Lù|敖包路 Áobāo Lù|安娥路 Ān'é Lù""",
    ESTATE: """
        翡翠花园 Fěicuì Huāyuán|翡翠花园二期 Fěicuì Huāyuán 2 Qī
        翡翠花园（南区） Fěicuì Huāyuán Nánqū
        恒大城 Héngdà Chéng|梅馨家园 Méixīn Jiāyuán|新都小区 Xīndū Xiǎoqū""",
    BUILDING: "海信大厦 Hǎixìn Dàshà|海信花园大厦 Hǎixìn Huāyuán Dàshà|发展大厦 Fāzhǎn Dàshà",
    VILLAGE: """
        东王庄村 Dōngwángzhuāngcūn|二十里铺村 Èrshílǐpùcūn|柳行村 Liǔhángcūn|解家村 Xièjiācūn
        中山社区 Zhōngshān Shèqū|常家村村民委员会 Chángjiācūn Cūnmín Wěiyuánhuì
        翟家疃村 Zháijiātuǎncūn|曾家村 Zēngjiācūn|垅家村 Lǒngjiācūn""",
    UNIT: """
        市南区 Shìnán Qū|崂山区 Láoshān Qū|北宅街道 Běizhái Jiēdào|王哥庄街道 Wánggēzhuāng Jiēdào
        宁夏回族自治区 Níngxià Huízú Zìzhìqū|广西壮族自治区 Guǎngxī Zhuàngzú Zìzhìqū
        新疆维吾尔自治区 Xīnjiāng Wéiwú'ěr Zìzhìqū|孟村回族自治县 Mèngcūn Huízú Zìzhìxiàn
        围场满族蒙古族自治县 Wéichǎng Mǎnzú Měnggǔzú Zìzhìxiàn
        延边朝鲜族自治州 Yánbiān Cháoxiǎnzú Zìzhìzhōu|河北省大城县 Héběi Shěng Dàichéng Xiàn
        青岛市市南区 Qīngdǎo Shì Shìnán Qū
        吐鲁番市 Tǔlǔfān Shì|台儿庄区 Tái'érzhuāng Qū|陕西省 Shaanxi Sheng|山西省 Shānxī Shěng
        香港特别行政区 Hong Kong Tebiexingzhengqu|澳门特别行政区 Macao Tebiexingzhengqu
        内蒙古自治区 Inner Mongolia Zizhiqu|台湾省 Táiwān Shěng""",
    NATURAL: """
        崂山 Láo Shān|大沽河 Dàgū Hé|胶州湾 Jiāozhōu Wān|灵山岛 Língshān Dǎo|鸭绿江 Yālù Jiāng
        雅鲁藏布江 Yǎlǔzàngbù Jiāng|罗布泊 Luóbù Pō|长江 Cháng Jiāng|大运河 Dà Yùnhé""",
    FACILITY: """
        青岛北站 Qīngdǎo Běizhàn|嘉兴火车站北广场 Jiāxīng Huǒchēzhàn Běiguǎngchǎng
        峪夼水库 Yùkuǎng Shuǐkù|胶州湾大桥 Jiāozhōuwān Dàqiáo""",
}

HARD = """
乐亭 làotíng|六安 lùān|铅山 yánshān|歙县 shèxiàn|番禺 pānyú|荥阳 xíngyáng|枞阳 zōngyáng
蔚县 yùxiàn|丽水 líshuǐ|东阿 dōngē|荥经 yíngjīng|浚县 xùnxiàn|泌阳 bìyáng|中牟 zhōngmù
洪洞 hóngtóng|繁峙 fánshì|隰县 xíxiàn|井陉 jǐngxíng|大城 dàichéng|蠡县 lǐxiàn|任丘 rénqiū
长子 zhǎngzǐ|应县 yìngxiàn|解州 xièzhōu|吴堡 wúbǔ|柞水 zhàshuǐ|华阴 huàyīn|宕昌 tànchāng
尉犁 yùlí|喀什 kāshí|巴彦淖尔 bāyànnàoěr|太仆寺 tàipúsì|珲春 húnchūn|穆棱 mùlíng|莘县 shēnxiàn
莘庄 xīnzhuāng|闵行 mǐnháng|茌平 chípíng|单县 shànxiàn|鄄城 juànchéng|临朐 línqú|乐陵 làolíng
牟平 mùpíng|盱眙 xūyí|浒墅关 xǔshùguān|六合 lùhé|甪直 lùzhí|邗江 hánjiāng|台州 tāizhōu
乐清 yuèqīng|嵊州 shèngzhōu|鄞州 yínzhōu|亳州 bózhōu|黟县 yīxiàn|涡阳 guōyáng|蚌埠 bèngbù
砀山 dàngshān|婺源 wùyuán|弋阳 yìyáng|厦门 xiàmén|长汀 chángtīng|闽侯 mǐnhòu|监利 jiànlì
黄陂 huángpí|郧西 yúnxī|秭归 zǐguī|耒阳 lěiyáng|郴州 chēnzhōu|溆浦 xùpǔ|东莞 dōngguǎn
大埔 dàbù|佛山 fóshān|儋州 dānzhōu|邕宁 yōngníng|涪陵 fúlíng|北碚 běibèi|綦江 qíjiāng
犍为 qiánwéi|珙县 gǒngxiàn|筠连 jūnlián|什邡 shífāng|阆中 làngzhōng|邛崃 qiónglái|勐海 měnghǎi
会理 huìlǐ|都匀 dūyún|那坡 nàpō|称多 chènduō|渑池 miǎnchí|柘城 zhèchéng|武陟 wǔzhì|召陵 shàolíng
"""


def cases(*tables: dict[FeatureType, str]) -> list[tuple[str, FeatureType, str]]:
    rows = (
        (row, kind)
        for table in tables
        for kind, text in table.items()
        for line in text.splitlines()
        for row in line.strip().split("|")
        if row
    )
    return [(name, kind, spelling) for row, kind in rows for name, spelling in [row.split(" ", 1)]]


@pytest.mark.parametrize(("name", "kind", "spelling"), cases(RULES, PUBLISHED, OWN))
def test_spelling(name: str, kind: FeatureType, spelling: str) -> None:
    assert romanise(name, kind).text == spelling


HARD_CASES = [tuple(row.split(" ")) for line in HARD.split("\n") for row in line.split("|") if row]


@pytest.mark.parametrize(("name", "reading"), HARD_CASES)
def test_hard_places_have_a_stored_reading(name: str, reading: str) -> None:
    found = read(name)
    assert "".join(each.syllable for each in found) == reading
    assert all(each.stored for each in found)


def test_enough_names_are_tried() -> None:
    assert len(cases(RULES, PUBLISHED, OWN)) >= 200
    assert len(HARD_CASES) >= 90


@pytest.mark.parametrize(
    ("name", "kind", "other"),
    [
        ("知行路", ROAD, "Zhīháng Lù"),
        ("乐园路", ROAD, "Yuèyuán Lù"),
        ("十里堡", VILLAGE, "Shílǐbǎo"),
        ("大城县", UNIT, "Dàchéng Xiàn"),
        ("盆儿胡同", ROAD, "Pén'ér Hútòng"),
        ("哈尔滨市", UNIT, "Harbin Shi"),
        ("内蒙古自治区", UNIT, "Nei Mongol Zizhiqu"),
    ],
)
def test_other_readings_are_offered(name: str, kind: FeatureType, other: str) -> None:
    assert other in romanise(name, kind).alternatives


@pytest.mark.parametrize(
    ("name", "position", "syllable"),
    [("恒大城", 1, "dà"), ("新华山水", 1, "huá"), ("简单县志", 1, "dān"), ("快乐亭园", 1, "lè")],
)
def test_everyday_characters_make_a_place_only_where_one_can_begin(
    name: str, position: int, syllable: str
) -> None:
    assert read(name)[position].syllable == syllable


def test_a_division_before_a_place_does_not_hide_it() -> None:
    assert [r.syllable for r in read("安徽省六安市")][3:5] == ["lù", "ān"]


def test_a_phrase_is_not_seen_across_the_cut() -> None:
    assert romanise("同行道", ROAD).text == "Tóngháng Dào"
    assert romanise("太和道", ROAD).text == "Tàihé Dào"


@given(
    st.text(alphabet="长乐行重都阿儿朝单会中大街路县山三", max_size=12),
    st.sampled_from(FeatureType),
)
def test_an_alternative_differs_and_none_repeats(name: str, kind: FeatureType) -> None:
    found = romanise(name, kind)
    assert found.text not in found.alternatives
    assert len(set(found.alternatives)) == len(found.alternatives)


@given(st.text(max_size=60), st.sampled_from(FeatureType), st.text(max_size=60))
def test_any_text_is_spelt_and_any_spelling_judged(
    name: str, kind: FeatureType, given_text: str
) -> None:
    spelling = spell(name, kind)
    differences(given_text, spelling)
    assert spelling.text == spelling.text.strip()


@given(st.sampled_from(cases(RULES, PUBLISHED, OWN)))
def test_a_spelling_agrees_with_itself_and_its_capitals(case: tuple[str, FeatureType, str]) -> None:
    name, kind, text = case
    spelling = spell(name, kind)
    assert differences(text, spelling) == ()
    plain = unicodedata.normalize("NFD", text.upper())
    plain = "".join(c for c in plain if c not in "\u0304\u0301\u030c\u0300")
    found = differences(unicodedata.normalize("NFC", plain), spelling)
    assert all(difference.level is Level.INFO for difference in found)


@pytest.mark.parametrize(
    ("name", "kind", "spelling", "kinds"),
    [
        ("学府南路", ROAD, "Xuéfǔnán Lù", [Kind.SPACING]),
        ("凤仪路", ROAD, "Feng Yi Lu", [Kind.SPACING, Kind.TONELESS]),
        ("凤仪路", ROAD, "Fēngyí Lù", [Kind.TONE]),
        ("凤仪路", ROAD, "fengyi lu", [Kind.CAPITAL, Kind.TONELESS]),
        ("凤仪路", ROAD, "Fengyi Road", [Kind.ENGLISH]),
        ("凤仪路", ROAD, "Fangyi Road", [Kind.ENGLISH, Kind.LETTERS]),
        ("香港中路", ROAD, "Xianggang Middle Road", [Kind.ENGLISH]),
        ("香港中路", ROAD, "Xianggang Zhonglu", [Kind.TONELESS]),
        ("延安三路", ROAD, "Yán'ān Sān Lù", [Kind.NUMERAL]),
        ("延安三路", ROAD, "Yánān 3 Lù", [Kind.APOSTROPHE]),
        ("延安三路", ROAD, "Yán’ān 3 Lù", []),
        ("绿春县", UNIT, "Lvchun Xian", [Kind.UMLAUT]),
        ("乐亭县", UNIT, "Lètíng Xiàn", [Kind.LETTERS]),
        ("知行路", ROAD, "Zhīháng Lù", [Kind.READING]),
        ("陕西省", UNIT, "Shǎnxī Shěng", [Kind.OFFICIAL]),
        ("哈尔滨市", UNIT, "Harbin Shi", [Kind.OFFERED]),
        ("凤仪路", ROAD, "", [Kind.LETTERS]),
        ("凤仪路", ROAD, "凤仪路", [Kind.LETTERS]),
    ],
)
def test_what_differs_is_named(
    name: str, kind: FeatureType, spelling: str, kinds: list[Kind]
) -> None:
    assert [found.kind for found in differences(spelling, spell(name, kind))] == kinds


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("女儿河路", "Nǚ'érhé Lù"),
        ("燕儿岛路", "Yàn'érdǎo Lù"),
        ("花儿胡同", "Huār Hútòng"),
        ("〇路", "Líng Lù"),
        ("SOHO路", "SOHO Lù"),
        ("(name)安路", "Name'ān Lù"),
        ("-福宁路", "-Fúníng Lù"),
    ],
)
def test_er_zero_and_letters_are_spelt_for_what_they_are(name: str, text: str) -> None:
    """儿 is a syllable inside a word, foreign letters are none, a mark takes no capital."""
    assert romanise(name, ROAD).text == text


@pytest.mark.parametrize("given_text", ["Shaanxi Sheng", "Shaanxi Shěng", "SHAANXI SHENG"])
def test_beside_an_official_spelling_tones_may_stand_or_not(given_text: str) -> None:
    assert differences(given_text, spell("陕西省", UNIT)) == ()


def test_another_sound_is_an_error_and_another_writing_a_warning() -> None:
    (spacing,) = differences("Xuéfǔnán Lù", spell("学府南路", ROAD))
    (letters,) = differences("Xuěfù Beilù", spell("学府南路", ROAD))
    assert (spacing.level, spacing.expected) == (Level.WARNING, "Xuéfǔ Nánlù")
    assert letters.level is Level.ERROR


@pytest.mark.parametrize("text", ["' " * 20_000, "-" * 40_000, "a\u0301" * 20_000, "Road " * 9_000])
def test_long_spellings_are_judged_without_running_away(text: str) -> None:
    assert differences(text, spell("凤仪路", ROAD))
