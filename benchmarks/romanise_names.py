"""How fast names are read and spelt, and on what the readings rest.

    python benchmarks/romanise_names.py [--write]

Names: the villages of the sample cities as set up. pypinyin is timed beside where it is installed;
it is no dependency of the program.
"""

from __future__ import annotations

import argparse
import csv
import time
from collections.abc import Callable
from pathlib import Path

import geo_service
from geo_service.domain.place import FeatureType
from geo_service.language.normalise import compared_form
from geo_service.language.readings import read
from geo_service.language.romanisation import romanise
from geo_service.lexicons import lexicon

VILLAGES = Path(geo_service.__file__).parent / "_vendor" / "divisions" / "villages.csv"
EVIDENCE = Path(__file__).parents[1] / "docs" / "evidence" / "names-romanisation.md"


def names() -> list[str]:
    with VILLAGES.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return [compared_form(row["name"], FeatureType.VILLAGE) for row in rows]


def microseconds(work: Callable[[str], object], texts: list[str]) -> float:
    """CPU time per name of the best of three rounds, tables loaded."""
    for text in texts[:200]:
        work(text)
    rounds = []
    for _ in range(3):
        start = time.process_time()
        for text in texts:
            work(text)
        rounds.append((time.process_time() - start) / len(texts) * 1e6)
    return min(rounds)


def report() -> str:
    texts = names()
    timed: dict[str, Callable[[str], object]] = {
        "read（每字读音 / a reading for each character）": read,
        "romanise（分写、拼写、其他读法 / cut, spelt, alternatives）": lambda name: romanise(
            name, FeatureType.VILLAGE
        ),
    }
    try:
        import pypinyin  # noqa: PLC0415 - not a dependency
    except ImportError:
        missing = "pypinyin: not installed, not timed."
    else:
        missing = f"pypinyin {pypinyin.__version__}, its own defaults."
        timed["pypinyin.pinyin"] = pypinyin.pinyin
        timed["pypinyin.pinyin heteronym=True"] = lambda name: pypinyin.pinyin(name, heteronym=True)
    rows = lexicon("place_readings", "name").rows
    agreed = sum("agree" in row["source"] for row in rows)
    open_ones = sum("to be confirmed" in row["source"] for row in rows)
    readings = [read(name) for name in texts]
    doubtful = sum(any(r.others for r in found if not r.stored) for found in readings)
    lines = [
        "# 地名拼写 / Spelling of names",
        "",
        f"By `python benchmarks/romanise_names.py --write` on {len(texts)} village names.",
        missing,
        "",
        "| 每个名称的处理器时间 / CPU time per name | µs |",
        "| --- | --- |",
        *(f"| {what} | {microseconds(work, texts):.1f} |" for what, work in timed.items()),
        "",
        "| 读音依据 / what readings rest on | |",
        "| --- | --- |",
        f"| 地名读音表条目 / stored places | {len(rows)} |",
        f"| 其中与词典或者他处拼写相符 / agree with a dictionary or with letters | {agreed} |",
        f"| 其中待核定 / still to be confirmed | {open_ones} |",
        f"| 名称中有未定多音字 / names with an unsettled heteronym | {doubtful}/{len(texts)} |",
        "",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help=f"write {EVIDENCE.name}")
    chosen = parser.parse_args()
    text = report()
    print(text)
    if chosen.write:
        EVIDENCE.write_text(text, encoding="utf-8")
