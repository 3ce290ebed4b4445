"""Road generics against shape on synthetic roads: `python benchmarks/road_generics.py [--write]`.

Real road geometry with approved names is not to be had here. The roads are invented (示例市): each
is drawn as the city's rule describes its generic, every second one with one planted fault. What is
counted: faults found by the rule they were planted for, sound roads that are asked about, and
whether anything is ever forbidden. `--write` keeps the table in docs/evidence/road-generics.md.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import shapely

from geo_service.cities import city
from geo_service.domain.change import Change, Operation
from geo_service.domain.finding import Severity
from geo_service.domain.identity import DivisionCode
from geo_service.domain.place import FeatureType, NamedPlace
from geo_service.domain.proposal import FeatureFacts, RoadClass
from geo_service.domain.provenance import Provenance
from geo_service.rules.names import Standing
from geo_service.services.drawn_feature import as_drawn
from geo_service.services.names import NameRequest, check_name
from geo_service.store.opening import open_store

KEPT_AT = Path(__file__).parent.parent / "docs" / "evidence" / "road-generics.md"
CITY = city("990100")
DAY = date(2024, 6, 1)
SEED = 20260
ROADS = 1200
LON, LAT = 119.4, 38.2
M_LON, M_LAT = 1 / 87_200, 1 / 110_990
SYLLABLES = "云霄澄澜听涛栖霞望岭松溪鹤鸣青岚碧梧"

# generic: (fitting classes, widths, lengths) as the rule of the city and the notes of others say
SOUND = {
    "大道": ((RoadClass.TRUNK, RoadClass.ARTERIAL), (40, 60), (4000, 9000)),
    "路": ((RoadClass.ARTERIAL, RoadClass.SECONDARY, RoadClass.BRANCH), (12, 36), (600, 3000)),
    "街": ((RoadClass.SECONDARY,), (12, 30), (400, 1500)),
    "巷": ((RoadClass.LANE,), (5, 10), (80, 400)),
    "环路": ((RoadClass.ARTERIAL,), (20, 36), (3000, 6000)),
    "支路": ((RoadClass.BRANCH,), (9, 16), (200, 600)),
    "东路": ((RoadClass.SECONDARY,), (14, 30), (600, 1500)),
}
FAULTS = {
    "大道": ("lane", "short"),
    "巷": ("arterial", "wide"),
    "环路": ("straight",),
    "支路": ("apart", "orphan"),
    "东路": ("west",),
}
RULE_OF = {
    "lane": "NM-GEN-02",
    "short": "NM-GEN-02",
    "arterial": "NM-GEN-02",
    "wide": "NM-GEN-02",
    "straight": "NM-GEN-02",
    "apart": "NM-GEN-04",
    "orphan": "NM-GEN-04",
    "west": "NM-GEN-04",
}


@dataclass(frozen=True)
class Drawn:
    """A synthetic road: its name, the facts told, its line, its fault, and its registered kin."""

    name: str
    facts: FeatureFacts
    line: shapely.LineString
    fault: str
    kin: tuple[str, shapely.LineString] | None


def line(*ends: tuple[float, float]) -> shapely.LineString:
    return shapely.LineString([(LON + x * M_LON, LAT + y * M_LAT) for x, y in ends])


def draw(number: int, random: Random) -> Drawn:
    generic = list(SOUND)[number % len(SOUND)]
    faulty = number % 2 and generic in FAULTS
    fault = random.choice(FAULTS[generic]) if faulty else ""
    classes, widths, lengths = SOUND[generic]
    specific = "".join(random.sample(SYLLABLES, 3))
    x, y = random.uniform(0, 60_000), random.uniform(0, 40_000)
    length, width = random.uniform(*lengths), random.uniform(*widths)
    kind = random.choice(classes)
    if fault == "lane":
        kind = RoadClass.LANE
    elif fault == "arterial":
        kind = RoadClass.ARTERIAL
    elif fault == "wide":
        width = random.uniform(30, 45)
    elif fault == "short":
        length = random.uniform(150, 400)
    course = line((x, y), (x + length, y))
    kin = None
    if generic == "环路" and fault != "straight":
        course = line((x, y), (x + length / 3, y), (x + length / 3, y + length / 3), (x, y + 900))
    elif generic == "支路" and fault != "orphan":
        gap = random.uniform(200, 900) if fault == "apart" else random.uniform(0, 30)
        kin = f"{specific}路", line((x - 900, y + gap), (x + 1500, y + gap))
        course = line((x, y), (x, y - length))
    elif generic == "东路":
        away = random.uniform(900, 3000) * (1 if fault == "west" else -1)
        kin = f"{specific}西路", line((x + away, y + 50), (x + away + length, y + 50))
    return Drawn(
        f"{specific}{generic}",
        FeatureFacts(road_class=kind, width_m=round(width, 1)),
        course,
        fault,
        kin,
    )


def place(number: int, name: str, course: shapely.LineString) -> NamedPlace:
    return NamedPlace(
        id=f"示例-{number}",
        name=name,
        feature_type=FeatureType.ROAD,
        provenance=Provenance("示例 synthetic"),
        unit_code=DivisionCode("990101"),
        geometry=course,
    )


def records(roads: list[Drawn], random: Random) -> Iterator[NamedPlace]:
    """The kin of the roads, and some two thousand other roads around."""
    for number, road in enumerate(roads):
        if road.kin is not None:
            yield place(number, *road.kin)
    for number in range(ROADS, ROADS + 2000):
        x, y = random.uniform(0, 60_000), random.uniform(0, 40_000)
        name = "样" + "".join(random.sample(SYLLABLES, 3)) + "路"
        yield place(number, name, line((x, y), (x + random.uniform(500, 2500), y)))


def findings_of(
    roads: list[Drawn], folder: Path, random: Random
) -> list[set[tuple[str, Severity]]]:
    moment = datetime(2024, 1, 1, tzinfo=UTC)
    store = open_store(f"gpkg:{folder / 'roads.gpkg'}", create=True, clock=lambda: moment)
    with store.begin() as unit:
        unit.append(
            Change(operation=Operation.CREATE, record=record, actor="bench", reason="示例")
            for record in records(roads, random)
        )
    found = []
    for road in roads:
        request = NameRequest(road.name, FeatureType.ROAD, Standing.PROPOSED, DAY, facts=road.facts)
        verdict = check_name(as_drawn(request, road.line), CITY, store)
        found.append({(f.rule_id, f.severity) for f in verdict.findings if "-GEN-" in f.rule_id})
    store.close()
    return found


def report() -> str:
    random = Random(SEED)  # noqa: S311 - a reproducible draw, no secret
    roads = [draw(number, random) for number in range(ROADS)]
    with TemporaryDirectory() as folder:
        found = findings_of(roads, Path(folder), random)
    planted, caught = Counter[str](), Counter[str]()
    sound = asked = forbidden = 0
    for road, findings in zip(roads, found, strict=True):
        forbidden += any(severity is Severity.PROHIBITED for _, severity in findings)
        if road.fault:
            planted[road.fault] += 1
            caught[road.fault] += any(rule == RULE_OF[road.fault] for rule, _ in findings)
        else:
            sound += 1
            asked += bool(findings)
    lines = [
        "# 道路通名与线形（合成道路，示例）/ Road generics against shape (synthetic roads)",
        "",
        "By `python benchmarks/road_generics.py --write`. Every road is invented (示例市), drawn "
        "as 青岛市城市道路命名规则 art. 4 describes its generic; this shows that the rules see "
        "what they say, not how often real roads break them.",
        "",
        "| planted fault | rule | found |",
        "| --- | --- | --- |",
        *(f"| {f} | {RULE_OF[f]} | {caught[f]}/{planted[f]} |" for f in sorted(planted)),
        f"| none (sound roads that are asked about) | | {asked}/{sound} |",
        f"| any (roads with a prohibition) | | {forbidden}/{len(roads)} |",
        "",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    text = report()
    print(text)
    if "--write" in sys.argv:
        KEPT_AT.write_text(text, encoding="utf-8")
