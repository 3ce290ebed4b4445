"""How well descriptions are read and held against their lines: `docs/evidence/…-descriptions.md`.

`python benchmarks/accuracy_descriptions.py [--write]`. Two parts:
the corpus of `tests/descriptions/corpus.txt` clause by clause, and seeded contradictions: a line is
drawn at random, described by the program, put into other words, and then made to lie in one way.
"""

from __future__ import annotations

import importlib.util
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import ModuleType
from typing import Any

from geo_service.cities import city
from geo_service.domain.alignment import (
    AlignmentClause,
    AlignmentNode,
    AlignmentSegment,
    ClauseKind,
    North,
)
from geo_service.language.alignment import parse
from geo_service.rules.descriptions import DescriptionCase
from geo_service.services.description_check import check_description

ROOT = Path(__file__).parents[1]
CORPUS = ROOT / "tests" / "descriptions" / "corpus.txt"
FIRST_READING = {
    "holdout.txt": (25, 24),
    "holdout2.txt": (78, 78),
    "holdout3.txt": (62, 61),
    "holdout4.txt": (54, 52),
    "holdout5.txt": (64, 64),
    "holdout6.txt": (62, 62),
}
"""Clauses right, and understood, when the reader first saw a set written without it."""
SEEDED = CORPUS.with_name("seeded.py")
DAY = date(2024, 6, 1)
EVIDENCE = ROOT / "docs" / "evidence" / "2026-11-28-descriptions.md"


@dataclass(frozen=True, slots=True)
class Expected:
    """One text with what it says, in the notation of the corpus."""

    structure: str
    text: str
    segments: tuple[tuple[str, tuple[str, ...]], ...]


def corpus(path: Path = CORPUS) -> tuple[Expected, ...]:
    """The texts of the corpus."""
    return tuple(_entries(path.read_text(encoding="utf-8")))


def _entries(content: str) -> Iterator[Expected]:
    structure = ""
    for block in content.split("\n\n"):
        text: list[str] = []
        segments: list[tuple[str, list[str]]] = []
        for line in block.splitlines():
            if line.startswith("## "):
                structure = line[3:]
            elif line.startswith("= "):
                segments.append((line[2:].strip(), []))
            elif line.startswith("- "):
                segments[-1][1].append(line[2:].strip())
            elif not line.startswith("# "):
                text.append(line)
        if text:
            kept = tuple((ends, tuple(clauses)) for ends, clauses in segments)
            yield Expected(structure, "\n".join(text), kept)


def written(segment: AlignmentSegment) -> tuple[str, tuple[str, ...]]:
    """A segment as the corpus writes it."""
    ends = f"{_end(segment.start)} > {_end(segment.end)}".strip()
    length = "" if segment.length_km is None else f" ; {segment.length_km:g}"
    return ends + length, tuple(_clause(clause) for clause in segment.clauses)


def _end(node: AlignmentNode | None) -> str:
    return "" if node is None else node.text


def _clause(clause: AlignmentClause) -> str:
    if clause.kind is ClauseKind.UNPARSED:
        return "unparsed"
    about = "~" if clause.approximate else ""
    bearing = clause.bearing_deg
    azimuth = "az" if clause.north is North.TRUE else clause.north.value
    told = [
        "position" if clause.kind is ClauseKind.POSITION else "",
        about + clause.direction if clause.direction else "",
        f"{azimuth}={_figure(bearing)}"
        if bearing is not None and (clause.in_figures or not clause.direction)
        else "",
        f"along={clause.along}" if clause.along else "",
        f"part={clause.part}" if clause.part else "",
        f"sense={clause.sense.value}" if clause.sense else "",
        f"via={'|'.join(clause.via)}" if clause.via else "",
        f"cross={'|'.join(clause.cross)}" if clause.cross else "",
        f"to={clause.to}" if clause.to else "",
        ""
        if clause.length_m is None
        else f"m{'~' if clause.length_approximate else '='}{_figure(clause.length_m)}",
    ]
    return " ".join(sorted(part for part in told if part))


def _figure(value: float) -> str:
    return f"{value:.4f}".rstrip("0").rstrip(".")


@dataclass(frozen=True, slots=True)
class Score:
    """Clauses of the corpus by whether they were read as written down beside them."""

    texts: int
    right: int
    total: int
    unparsed: int
    ends_right: int
    ends: int
    wrong: tuple[str, ...]


def read_corpus(entries: tuple[Expected, ...]) -> Score:
    """A clause is right where every field is; `unparsed` is right where nothing else was meant."""
    right = total = unparsed = ends_right = ends = 0
    wrong: list[str] = []
    for entry in entries:
        found = [written(segment) for segment in parse(entry.text)]
        wanted = [(e, tuple(" ".join(sorted(c.split())) for c in cs)) for e, cs in entry.segments]
        ends += len(wanted)
        ends_right += sum((Counter(e for e, _ in wanted) & Counter(e for e, _ in found)).values())
        meant = Counter(clause for _, clauses in wanted for clause in clauses)
        got = Counter(clause for _, clauses in found for clause in clauses)
        total += sum(meant.values())
        right += sum((meant & got).values())
        unparsed += (meant & got)["unparsed"]
        missing, extra = meant - got, got - meant
        if missing or extra or [e for e, _ in wanted] != [e for e, _ in found]:
            wrong.append(f"{entry.text}\n  meant {wanted}\n  read  {found}")
    return Score(len(entries), right, total, unparsed, ends_right, ends, tuple(wrong))


@dataclass(frozen=True, slots=True)
class Recall:
    """Of worlds with one contradiction: how many were told of it, and what else was said."""

    worlds: int
    found: int
    beside: Counter[str]


def seeded() -> ModuleType:
    """The worlds of the tests."""
    spec = importlib.util.spec_from_file_location("seeded", SEEDED)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["seeded"] = module
    spec.loader.exec_module(module)
    return module


def findings(worlds: ModuleType, given: Any) -> list[str]:
    """The rules that speak on a world."""
    layers = worlds.layers(given)
    case = DescriptionCase(
        parse(given.text),
        worlds.PLANE_EPSG,
        layers.line,
        layers.markers,
        layers.landmarks,
        layers.features,
    )
    report = check_description(case, city("990100"), DAY)
    return [finding.rule_id for finding in report.findings]


def recall(worlds: ModuleType, kind: str, count: int) -> Recall:
    """How often a contradiction of a kind is found."""
    _, required = worlds.CONTRADICTIONS[kind]
    told = [set(findings(worlds, worlds.seeded(kind, seed))) for seed in range(count)]
    beside = Counter(rule for rules in told for rule in rules - required)
    return Recall(count, sum(bool(rules & required) for rules in told), beside)


def false_findings(worlds: ModuleType, count: int) -> Counter[str]:
    """What is said of worlds that hold together, by rule."""
    return Counter(
        rule for seed in range(count) for rule in findings(worlds, worlds.consistent(seed))
    )


def report(count: int) -> str:
    """The evidence as Markdown."""
    worlds = seeded()
    recalls = {kind: recall(worlds, kind, count) for kind in worlds.CONTRADICTIONS}
    found, total = (sum(getattr(r, f) for r in recalls.values()) for f in ("found", "worlds"))
    false = false_findings(worlds, 2 * count)
    rows = [
        f"| {kind} | {', '.join(sorted(worlds.CONTRADICTIONS[kind][1]))} | {r.found}/{r.worlds} | "
        + (", ".join(f"{rule} {n}" for rule, n in sorted(r.beside.items())) or "–")
        + " |"
        for kind, r in recalls.items()
    ]
    return "\n".join(
        [
            "# 走向说明的解析与核对 / Reading descriptions and holding them against their lines",
            "",
            "By `python benchmarks/accuracy_descriptions.py --write`. All places are invented.",
            "",
            "| 语料 / texts | texts | clauses | first reading: understood "
            "| now: right | understood | ends of segments |",
            "| --- | --- | --- | --- | --- | --- | --- |",
            _corpus_row("corpus.txt"),
            *map(_corpus_row, FIRST_READING),
            "",
            NOTES,
            "",
            "| 矛盾 / contradiction | rule | found | other rules that speak as well |",
            "| --- | --- | --- | --- |",
            *rows,
            f"| **all** | | **{found}/{total} ({found / total:.1%})** | |",
            "",
            f"Consistent descriptions: {2 * count}; findings on them: {sum(false.values())}"
            + (f" ({dict(false)})" if false else "")
            + ".",
            "",
            VECTORS,
            "",
        ]
    )


def _corpus_row(name: str) -> str:
    score = read_corpus(corpus(CORPUS.with_name(name)))
    _, first = FIRST_READING.get(name, (0, 0))
    shares = [
        f"{part} ({part / score.total:.1%})" if part else "–"
        for part in (first, score.right, score.right - score.unparsed)
    ]
    cells = [name, score.texts, score.total, *shares, f"{score.ends_right}/{score.ends}"]
    return "| " + " | ".join(map(str, cells)) + " |"


NOTES = """\
A clause is right where wind or azimuth, feature, part, sense, places, crossings and length all \
are; clauses meant to stay unparsed count as right, not as understood. The reader was made better \
on the corpus (first reading 131 of 149 clauses, 87.9 %). Each holdout was written in one go, \
what it says beside it, before the reader had seen it; its first reading is the blind figure. What \
it showed was then mended by rules and words of the grammar, so its figure of now is no longer \
blind, and the next set was written after that: \
holdout.txt for the first reader, holdout2 to holdout6 one after the other on 2026-11-28. \
Holdouts 3 and 4 hold much that is compound or spoken (parts of banks and roads, places told by \
distance and wind, words of the 1980s); 5 and 6 keep closer to the wording of public agreements, \
decisions and treaties. All five first readings together: 317 of 352 (90.1 %), from 80 to 98 %; \
the last two 126 of 131 (96.2 %). One who writes the reader wrote the sets: texts of others may \
come out lower. Two labels were set right afterwards, both in favour of what the reader does now: \
a leg that climbs a ridge (holdout) and a branch of a river that is passed (holdout5)."""

VECTORS = """\
Vectors of the treaties (`tests/descriptions/test_vectors.py`): marker coordinates as \
printed give, to the digit, 16°34\u203210″ and 981.3 m, 3°42\u203216″ and 519.9 m (Kilik), \
127.8° and 1.233 km, 160.7° and 3.486 km (markers 86–87, 88–89), grid azimuth 3.8° (2004).

Limits: worlds are drawn and told by our own code, in many wordings but not in those of real \
agreements; a wind that is wrong by one sector, in a leg whose ends are not known, is found only \
as far as the lengths and the places passed leave no other cut of the line. \
Up and down a slope would need a height model and is not checked; names are compared with the \
layers handed in.

Hostile texts of 100 000 characters (one word or bracket over and over, no Chinese, control \
characters) are read in 0.3–1.5 s of one core, in steps that grow with their length \
(`tests/descriptions/test_reading.py`); held against a line they take 4 s at most."""


if __name__ == "__main__":
    text = report(100 if "--write" in sys.argv else 20)
    print(text)
    if "--wrong" in sys.argv:
        print("\n".join(read_corpus(corpus()).wrong))
    if "--write" in sys.argv:
        EVIDENCE.write_text(text, encoding="utf-8")
