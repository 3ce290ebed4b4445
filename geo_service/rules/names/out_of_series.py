"""NM-SER-01: a new road whose name leaves the series that the roads around follow."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from geo_service.domain.finding import Evidence, Measure, Severity
from geo_service.domain.place import FeatureType
from geo_service.domain.text import Text
from geo_service.language.family import family_of
from geo_service.language.series import FollowedSeries, followed_series, series_of
from geo_service.messages import message
from geo_service.rules.base import Basis, Quality, Rule
from geo_service.rules.names import (
    Beside,
    NameCase,
    NameContext,
    Neighbour,
    Standing,
    Surroundings,
    clean,
    flagged,
    registered,
    related_to,
)
from geo_service.rules.names._subjects import NEW, ROADS

_SHOWN = 10
"""Roads of the series that are told, nearest first: enough to see it on the map."""

_LEAVES = Text(
    "周围道路的 {total} 个专名中有 {count} 个属于“{series}”系列，“{specific}”不属于",
    "{count} of {total} specifics of roads around are of the series '{series}'; "
    "'{specific}' is not",
)
_SUGGESTION = Text(
    "可考虑选用“{series}”系列中尚未使用的名称；专名取自当地地名、有来历的，可以保留",
    "consider a name of the series '{series}' that is not in use yet; a specific with local "
    "grounds may stay",
)


def _check(case: NameCase, context: NameContext) -> Iterator[Evidence]:
    around = context.surroundings.near_roads if context.surroundings else None
    own = family_of(case.name, case.feature_type).root
    if not around or not own:
        return
    by_root = _nearest_by_root(around)
    if own in by_root or len(by_root) < context.city.threshold("series_least"):
        return
    limit = context.city.threshold("series_share")
    followed = followed_series(by_root, limit)
    if followed and series_of(own).isdisjoint(row.series for row in followed):
        yield _evidence(own, followed[0], by_root, limit)


def _nearest_by_root(around: tuple[Neighbour, ...]) -> dict[str, Neighbour]:
    """The nearest road of each root: 香港东路, 香港中路 and 香港西路 are one. Nearest first."""
    found: dict[str, Neighbour] = {}
    for road in around:
        root = family_of(road.place.name, road.place.feature_type).root
        if root:  # a road called by direction or number alone has no specific
            found.setdefault(root, road)
    return found


def _evidence(
    own: str, followed: FollowedSeries, by_root: dict[str, Neighbour], limit: float
) -> Evidence:
    series = message(f"series.{followed.series}")
    held = [by_root[root] for root in followed.specifics[:_SHOWN]]
    return Evidence(
        message=_LEAVES.fill(
            total=len(by_root), count=len(followed.specifics), series=series, specific=own
        ),
        key=followed.series,
        related=tuple(related_to(road.place, road.distance_m) for road in held),
        measure=Measure(round(followed.share, 2), limit, "", "城市配置 series_share"),
        suggestion=_SUGGESTION.fill(series=series),
    )


def _among(*names: str) -> Beside:
    """Invented positions: a road every 200 m."""
    roads = (registered(name, FeatureType.ROAD) for name in names)
    near = tuple(Neighbour(road, 200.0 * n) for n, road in enumerate(roads, start=1))
    return Beside(Surroundings(near_roads=near))


_PROVINCES = _among("江西路", "香港东路", "香港中路", "台湾路", "听澜路")
_NATURE = _among("浮山路", "月亮湖路", "青龙峡路", "听澜路")

RULE = Rule(
    id="NM-SER-01",
    slug="out_of_series",
    version=1,
    title=Text("路名不随周围系列", "Road outside the series of the roads around"),
    category="序列",
    quality=Quality.THEMATIC,
    needs=frozenset(("register", "position")),
    basis=(
        Basis("QDR", "5(2)", Severity.INFO, "", NEW, ROADS),
        Basis("L96", "8(9)", Severity.INFO, "", NEW, ROADS),
        Basis("GOOD_PRACTICE", "series", Severity.INFO, "", NEW, ROADS),
    ),
    check=_check,
    examples=(
        flagged(
            "锦绣路",
            FeatureType.ROAD,
            Severity.INFO,
            Text("周围以省级行政区命名（位置系虚构）", "provinces around (invented positions)"),
            beside=_PROVINCES,
        ),
        flagged(
            "锦绣路",
            FeatureType.ROAD,
            Severity.INFO,
            Text(
                "周围以山、湖、峡命名（位置系虚构）", "mountain, lake and gorge around (invented)"
            ),
            on=date(2015, 6, 1),
            beside=_NATURE,
        ),
        clean(
            "澳门路",
            FeatureType.ROAD,
            Text("属于周围的系列", "of the series around"),
            beside=_PROVINCES,
        ),
        clean(
            "听澜南路",
            FeatureType.ROAD,
            Text("由周围已有的“听澜路”派生", "derived from the 听澜路 around"),
            beside=_PROVINCES,
        ),
        clean(
            "锦绣路",
            FeatureType.ROAD,
            Text("香港东、中、西路只算一个专名，不足三个", "three roads of one specific make two"),
            beside=_among("香港东路", "香港中路", "香港西路", "澳门路"),
        ),
        clean(
            "锦绣路",
            FeatureType.ROAD,
            Text("五个专名中两个成系列，不到半数", "two of five are a series: less than half"),
            beside=_among("江西路", "湖南路", "听澜路", "澄波路", "月涌路"),
        ),
        clean(
            "锦绣路",
            FeatureType.ROAD,
            Text("既有道路不问", "existing roads are not asked about"),
            standing=Standing.EXISTING,
            beside=_PROVINCES,
        ),
    ),
    trap=Text(
        "取自当地村名、山水、掌故的路名本来就不随系列；同字的词未必同类。只作参考得分，从不要求更改",
        "names with local grounds follow no series by nature, and words that end alike may differ; "
        "it is a score, and never asks for a change",
    ),
    handling=Text(
        "对照地名方案看该片区是否定有系列；没有的，不必理会",
        "see whether the name plan sets a series for the quarter; if none, let it be",
    ),
)
