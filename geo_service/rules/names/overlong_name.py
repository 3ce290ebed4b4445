"""NM-FORM-05: a name of more characters than people use."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from geo_service.domain.finding import Evidence, Measure, Severity
from geo_service.domain.place import FeatureType
from geo_service.domain.text import Text
from geo_service.language.normalise import normal_form
from geo_service.lexicons import lexicon
from geo_service.rules.base import Basis, Quality, Rule
from geo_service.rules.names import NameCase, NameContext, Standing, clean, flagged
from geo_service.rules.names._subjects import BUILT, NEW, ROADS

_MESSAGE = Text(
    "名称有 {count} 个字，宜在 {most} 字以内", "{count} characters; {most} at most are advised"
)


@cache
def _limits() -> dict[str, tuple[int, str]]:
    rows = lexicon("name_lengths", "feature_type").rows
    return {row["feature_type"]: (int(row["most"]), row["source"]) for row in rows}


def _check(case: NameCase, _context: NameContext) -> Iterator[Evidence]:
    limit = _limits().get(case.feature_type)
    if limit is None:
        return
    most, source = limit
    count = len(normal_form(case.name))
    if count > most:
        yield Evidence(
            message=_MESSAGE.fill(count=count, most=most),
            key="most",
            measure=Measure(float(count), float(most), "字", source),
        )


RULE = Rule(
    id="NM-FORM-05",
    slug="overlong_name",
    version=1,
    title=Text("名称过长", "Overlong name"),
    category="怪",
    quality=Quality.FORMAT,
    basis=(
        Basis("NC13", "length", Severity.INFO, "", NEW, BUILT),
        Basis("QDR", "5(2)", Severity.INFO, "", NEW, ROADS),
        Basis("GOOD_PRACTICE", "length", Severity.INFO, "", NEW, BUILT | ROADS),
    ),
    check=_check,
    examples=(
        flagged(
            "澄澜云杉碧波听涛花园",
            FeatureType.ESTATE,
            Severity.INFO,
            Text("十个字", "ten characters"),
        ),
        flagged(
            "澄澜云杉碧波听涛路",
            FeatureType.ROAD,
            Severity.INFO,
            Text("九个字的路名", "a road of nine characters"),
        ),
        clean("澄澜云杉听涛花园", FeatureType.ESTATE, Text("八个字", "eight characters")),
        clean(
            "澄澜云杉碧波听涛社区居民委员会",
            FeatureType.VILLAGE,
            Text("村居名称不查", "villages are not looked at"),
        ),
        clean(
            "澄澜云杉碧波听涛花园",
            FeatureType.ESTATE,
            Text("既有名称不查", "existing names are not looked at"),
            standing=Standing.EXISTING,
        ),
    ),
    trap=Text(
        "字数标准只见于他市，本市未定，只作提示",
        "the figure is another city's; here it is only a note",
    ),
    handling=Text("宜缩短", "a shorter name is better"),
)
