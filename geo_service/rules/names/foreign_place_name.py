"""NM-FOR-01: a foreign place as a name in China."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from geo_service.domain.finding import Evidence, Severity
from geo_service.domain.place import FeatureType
from geo_service.domain.text import Text
from geo_service.lexicons import Cells
from geo_service.rules.base import Quality, Rule
from geo_service.rules.names import NameCase, NameContext, Standing, clean, flagged
from geo_service.rules.names._foreign_names import FOREIGN_NAME_BASES, foreign_name_evidence

_COUNTRY = Text("含有外国国名“{word}”", "holds the name of a foreign country, '{word}'")
_MYTH = Text("含有外国神话、传说名称“{word}”", "holds the name '{word}' of foreign myth or legend")
_PLACE = Text("含有外国地名“{word}”", "holds the foreign place name '{word}'")


def _message(cells: Cells) -> Text:
    return {"country": _COUNTRY, "myth": _MYTH}.get(cells["kind"], _PLACE)


def _check(case: NameCase, _context: NameContext) -> Iterator[Evidence]:
    return foreign_name_evidence(case, "foreign_names", _message)


RULE = Rule(
    id="NM-FOR-01",
    slug="foreign_place_name",
    version=4,
    title=Text("以外国地名命名", "Foreign place as a name"),
    category="洋",
    quality=Quality.THEMATIC,
    basis=FOREIGN_NAME_BASES,
    check=_check,
    examples=(
        flagged(
            "曼哈顿广场",
            FeatureType.ESTATE,
            Severity.PROHIBITED,
            Text("通知自举之例", "the notice's own example"),
        ),
        flagged(
            "曼哈顿广场",
            FeatureType.ESTATE,
            Severity.ADVISED_AGAINST,
            Text("2021年尚无行政法规的明文禁止", "no regulation forbade it in 2021"),
            on=date(2021, 6, 1),
        ),
        flagged(
            "威尼斯花园",
            FeatureType.ESTATE,
            Severity.ADVISED_AGAINST,
            Text("既有小区名列入清理", "an existing estate is for the clean-up"),
            standing=Standing.EXISTING,
        ),
        flagged(
            "桑德兰路",
            FeatureType.ROAD,
            Severity.HUMAN,
            Text("不为人熟知的城市，可能只是巧合", "a lesser-known town: chance is likely"),
        ),
        flagged(
            "米兰花园",
            FeatureType.ESTATE,
            Severity.HUMAN,
            Text("新疆亦有米兰镇：问清所指", "there is a Milan in Xinjiang too: ask which"),
        ),
        flagged(
            "罗马庄路",
            FeatureType.ROAD,
            Severity.HUMAN,
            Text("后接村落通名：或为当地村名", "a village generic follows: perhaps a village here"),
        ),
        flagged(
            "罗马家园",
            FeatureType.ESTATE,
            Severity.PROHIBITED,
            Text("“家园”是住宅区通名，不是村落通名", "家园 is the generic of an estate"),
        ),
        flagged(
            "罗马湖路",
            FeatureType.ROAD,
            Severity.HUMAN,
            Text("可能是当地的湖名", "may be a lake of the place"),
        ),
        flagged(
            "塞纳河路",
            FeatureType.ROAD,
            Severity.PROHIBITED,
            Text("外国河名", "a river abroad"),
        ),
        flagged(
            "柏林花园",
            FeatureType.ESTATE,
            Severity.HUMAN,
            Text("国内也有同名地方，住宅区名由人判断", "also a place in China: asked for estates"),
        ),
        clean(
            "柏林路", FeatureType.ROAD, Text("国内多地有同名村镇", "villages of that name in China")
        ),
        clean("米兰路", FeatureType.ROAD, Text("可指新疆米兰镇", "may be the Milan of Xinjiang")),
        clean("台湾路", FeatureType.ROAD, Text("中国地名", "a Chinese place")),
        clean("香港中路", FeatureType.ROAD, Text("中国地名", "a Chinese place")),
        clean("德州路", FeatureType.ROAD, Text("山东省德州市", "Dezhou in Shandong")),
        clean(
            "长泰国际公寓",
            FeatureType.ESTATE,
            Text("“泰国”二字跨词，不是国名", "泰国 straddles two words here"),
        ),
    ),
    trap=Text(
        "同形汉语词（德州、东京、国际前的“泰、英、美”）不是外国地名；香港、澳门、台湾的地名都是中国地名",
        "Chinese homographs are not foreign; places of Hong Kong, Macao and Taiwan are Chinese",
    ),
    handling=Text(
        "换用当地地名或汉语词；历史久远、纪念和友好性质的既有名称由人认定",
        "use a local or Chinese word; old, commemorative and friendship names are for a person",
    ),
)
