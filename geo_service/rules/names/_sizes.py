"""Whether a place is as large as its generic says, by the table `generic_sizes`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache

from geo_service.domain.finding import Measure
from geo_service.domain.proposal import FeatureFacts
from geo_service.domain.text import Text
from geo_service.lexicons import Cells, lexicon


@dataclass(frozen=True, slots=True)
class Demand:
    """One limit; `label` and `unit` word the measure."""

    measure: str
    least: bool
    value: float
    label: Text
    unit: str

    @property
    def text(self) -> Text:
        """The demand as a reader knows it."""
        sign, unit = "≥" if self.least else "≤", self.unit.replace("m2", "m²")
        return Text("{label}{told}", "{label} {told}").fill(
            label=self.label, told=f"{sign}{self.value:,g}{unit}"
        )

    def missed_by(self, told: float) -> float:
        """How far a figure misses the limit, as a share of it; 0 where it holds."""
        short = self.value - told if self.least else told - self.value
        return max(0.0, short / self.value)


@dataclass(frozen=True, slots=True)
class Standard:
    """What one set of rules demands for a generic: all demands of any one way."""

    preset: str
    source: str
    ways: tuple[tuple[Demand, ...], ...]

    @property
    def text(self) -> Text:
        """Who demands what; ways are joined by "or", the demands of one by "and"."""
        zh = "，或者".join("且".join(d.text.zh for d in way) for way in self.ways)
        en = ", or ".join(" and ".join(d.text.en for d in way) for way in self.ways)
        return Text(f"{zh}（{self.source}）", f"{en} ({self.source})")


@dataclass(frozen=True, slots=True)
class Judgement:
    """A standard put beside the facts. `fits` is None where the facts do not tell.

    `nearest` is the missed demand of the way that comes nearest to being met, `short` how far the
    figure misses it; `missing` are the labels of the facts that would settle the matter.
    """

    standard: Standard
    fits: bool | None
    nearest: Measure | None = None
    short: float = 0.0
    missing: tuple[Text, ...] = ()


@cache
def _measures() -> dict[str, Cells]:
    return {row["measure"]: row for row in lexicon("size_measures", "measure").rows}


def _demand(row: Cells) -> Demand:
    words = _measures()[row["measure"]]
    label = Text(words["label_zh"], words["label_en"])
    return Demand(row["measure"], row["bound"] == "min", float(row["value"]), label, words["unit"])


@cache
def _standards() -> dict[str, tuple[Standard, ...]]:
    """By generic, in the order of the table."""
    ways: dict[tuple[str, str, str], dict[str, list[Demand]]] = {}
    for row in lexicon("generic_sizes", "preset", "generic", "way", "measure", "bound").rows:
        key = row["generic"], row["preset"], row["source"]
        ways.setdefault(key, {}).setdefault(row["way"], []).append(_demand(row))
    found: dict[str, list[Standard]] = {}
    for (generic, preset, source), by_way in ways.items():
        standard = Standard(preset, source, tuple(tuple(way) for way in by_way.values()))
        found.setdefault(generic, []).append(standard)
    return {generic: tuple(standards) for generic, standards in found.items()}


def standards_of(generic: str) -> tuple[Standard, ...]:
    """What the rules on file demand for a generic: 商业广场 is held to what 广场 must be."""
    table = _standards()
    ends = (generic[start:] for start in range(len(generic)))
    known = next((end for end in ends if end in table and (end == generic or len(end) > 1)), "")
    return table.get(known, ())


def told_by(facts: FeatureFacts) -> Callable[[str], float | None]:
    """The figure of a measure, None where it is not told."""

    def figure(measure: str) -> float | None:
        if measure != "open_percent":
            told: float | None = getattr(facts, measure)
            return told
        if not facts.site_area_m2 or facts.open_area_m2 is None:
            return None
        return 100 * facts.open_area_m2 / facts.site_area_m2

    return figure


def judge(standard: Standard, facts: FeatureFacts) -> Judgement:
    """A way fails if one told figure misses it; a standard is missed if every way fails."""
    figure = told_by(facts)
    worst: list[tuple[float, Measure]] = []
    missing: dict[Text, None] = {}
    for way in standard.ways:
        told = [(demand, figure(demand.measure)) for demand in way]
        missed = [(d.missed_by(x), d, x) for d, x in told if x is not None and d.missed_by(x)]
        unknown = [demand.label for demand, x in told if x is None]
        if missed:
            short, demand, x = max(missed, key=lambda row: row[0])
            worst.append((short, Measure(x, demand.value, demand.unit, standard.source)))
        elif unknown:
            missing.update(dict.fromkeys(unknown))
        else:
            return Judgement(standard, fits=True)
    if missing:
        return Judgement(standard, fits=None, missing=tuple(missing))
    short, nearest = min(worst, key=lambda row: row[0])
    return Judgement(standard, fits=False, nearest=nearest, short=short)


def judged(generic: str, facts: FeatureFacts, preset: str = "") -> tuple[Judgement, ...]:
    """The generic under the standards on file, or under one preset; none where no fact counts."""
    figure = told_by(facts)
    standards = [s for s in standards_of(generic) if preset in ("", s.preset)]
    measures = {d.measure for s in standards for way in s.ways for d in way}
    if all(figure(measure) is None for measure in measures):
        return ()
    return tuple(judge(standard, facts) for standard in standards)


def mildest(judgements: Iterable[Judgement]) -> Judgement:
    """The missed standard that comes nearest to being met."""
    return min(judgements, key=lambda judgement: judgement.short)


def labels_text(judgements: Iterable[Judgement]) -> Text:
    """The facts that are missing, each once."""
    labels = dict.fromkeys(label for judgement in judgements for label in judgement.missing)
    return Text("、".join(label.zh for label in labels), ", ".join(label.en for label in labels))
