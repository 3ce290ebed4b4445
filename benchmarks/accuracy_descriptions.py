"""How well descriptions are read and held against their lines: `docs/evidence/…-descriptions.md`.

`python benchmarks/accuracy_descriptions.py [--write]`. Two parts:
the corpus of `tests/descriptions/corpus.txt` clause by clause, and seeded contradictions: a line is
drawn at random, described by the program, put into other words, and then made to lie in one way.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from geo_service.domain.alignment import (
    AlignmentClause,
    AlignmentNode,
    AlignmentSegment,
    ClauseKind,
    North,
)
from geo_service.language.alignment import parse

ROOT = Path(__file__).parents[1]
CORPUS = ROOT / "tests" / "descriptions" / "corpus.txt"
EVIDENCE = ROOT / "docs" / "evidence" / "2026-11-25-descriptions.md"


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
    azimuth = "grid" if clause.north is North.GRID else "az"
    told = [
        "position" if clause.kind is ClauseKind.POSITION else "",
        about + clause.direction if clause.direction else "",
        f"{azimuth}={_figure(bearing)}" if bearing is not None and not clause.direction else "",
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
    ends_right: int
    ends: int
    wrong: tuple[str, ...]


def read_corpus(entries: tuple[Expected, ...]) -> Score:
    """A clause is right where every field is; `unparsed` is right where nothing else was meant."""
    right = total = ends_right = ends = 0
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
        missing, extra = meant - got, got - meant
        if missing or extra or [e for e, _ in wanted] != [e for e, _ in found]:
            wrong.append(f"{entry.text}\n  meant {wanted}\n  read  {found}")
    return Score(len(entries), right, total, ends_right, ends, tuple(wrong))


if __name__ == "__main__":
    score = read_corpus(corpus())
    print(score.texts, score.right, score.total, score.ends_right, score.ends)
    if "--wrong" in sys.argv:
        print("\n".join(score.wrong))
