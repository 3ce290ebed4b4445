"""How often the verdict on a name is right: `python benchmarks/accuracy_names.py [--write]`.

Two lists with sources (benchmarks/data): names that authorities listed as non-standard, and names
that they approved or registered; then every registered name of the sample cities as a large list
of names that should pass. Each figure is given twice: plain, and with every row of the word
lists switched off whose only source is the list being scored. `--write` keeps the tables in
docs/evidence/names-accuracy.md, before the sections written there by hand.
"""

from __future__ import annotations

import csv
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from multiprocessing import get_context
from pathlib import Path

from geo_service import cities, lexicons
from geo_service.domain.finding import Outcome, Severity
from geo_service.domain.place import FeatureType
from geo_service.language.split import split_name
from geo_service.lexicons import Table, read_table
from geo_service.resources import vendor_dir
from geo_service.rules.names import Standing
from geo_service.services.names import NameRequest, check_name
from geo_service.services.samples.divisions import city_names

HERE = Path(__file__).parent
KEPT_AT = HERE.parent / "docs" / "evidence" / "names-accuracy.md"
TODAY = date(2024, 6, 1)
CAMPAIGN = date(2019, 6, 1)
CITY = "370200"
SAMPLE_CITIES = ("370200", "370600")

TYPES = {
    "居民区": FeatureType.ESTATE,
    "建筑物": FeatureType.BUILDING,
    "道路": FeatureType.ROAD,
    "桥梁": FeatureType.FACILITY,
    "社区或村": FeatureType.VILLAGE,
}

CITED_AS = {
    "西安市": ("西安", "Xi'an"),
    "广州市": ("广州", "Guangzhou"),
    "杭州市": ("杭州", "Hangzhou"),
    "漳州市": ("漳州", "Zhangzhou"),
    "台州市": ("台州", "Taizhou"),
    "珠海市": ("珠海", "Zhuhai"),
    "江苏省通知示例": ("江苏", "Jiangsu"),
    "全国通知示例": ("N18",),
}
"""How the `source` column of a word list would name the list being scored."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A row of one of the lists. `kind` is its category, `source` its address with the marks."""

    name: str
    feature_type: FeatureType
    standing: Standing
    city: str
    kind: str
    source: str

    @property
    def is_hard(self) -> bool:
        return self.source.endswith("#hard")


@dataclass(frozen=True, slots=True)
class Scored:
    """A row with its verdict and the findings that made it (rule, message)."""

    row: Listed
    outcome: Outcome
    why: tuple[tuple[str, str], ...]

    @property
    def is_flagged(self) -> bool:
        return self.outcome is not Outcome.PASS


def _read(file: str) -> list[Listed]:
    with (HERE / "data" / file).open(encoding="utf-8", newline="") as lines:
        return [_listed(cells) for cells in csv.DictReader(lines)]


def _listed(cells: dict[str, str]) -> Listed:
    kind, _, note = cells["feature_type"].partition("(")
    standing = Standing.EXISTING if note.startswith("已登记") else Standing.PROPOSED
    return Listed(
        cells["name"],
        TYPES[kind],
        standing,
        cells["city"],
        cells.get("category", ""),
        cells["source_url"],
    )


def nonstandard() -> list[Listed]:
    """Listed as non-standard, each judged as if proposed."""
    return _read("nonstandard_names_dev.csv")


def approved() -> list[Listed]:
    """Approved or registered names; what was put on display or approved is judged as proposed."""
    return _read("approved_names_dev.csv")


def registered() -> list[Listed]:
    """Every unit, township, village and community of the sample cities."""
    return [
        Listed(place.name, place.feature_type, Standing.EXISTING, code, "", "")
        for code in SAMPLE_CITIES
        for place in city_names(cities.city(code), vendor_dir() / "divisions")
    ]


def derived(rows: Iterable[Listed], feature_type: FeatureType, generic: str) -> list[Listed]:
    """New names as offices make them: the specifics of registered names with another generic."""
    specifics = {split_name(row.name, row.feature_type).specific for row in rows}
    return [
        Listed(specific + generic, feature_type, Standing.PROPOSED, CITY, "", "")
        for specific in sorted(specifics)
        if len(specific) > 1
    ]


def score(rows: Iterable[Listed], as_of: date = TODAY) -> list[Scored]:
    """The verdict on each row by the rules alone, without a register."""
    profile = cities.city(CITY)
    return [_scored(row, check_name(_request(row, as_of), profile, None)) for row in rows]


def _request(row: Listed, as_of: date) -> NameRequest:
    return NameRequest(row.name, row.feature_type, row.standing, as_of)


def _scored(row: Listed, verdict: object) -> Scored:
    why = tuple(
        (finding.rule_id, finding.message.zh)
        for finding in verdict.findings
        if finding.severity >= Severity.HUMAN
    )
    return Scored(row, verdict.outcome, why)


def _without(marks: tuple[str, ...], path: Path, key: tuple[str, ...]) -> Table:
    """A table less the rows all of whose sources are the list that `marks` name."""
    table = read_table(path, key)
    if "source" not in table.header:
        return table
    column = table.header.index("source")
    kept = [cells for cells in table.body if not cites_only(cells[column], marks)]
    return replace(table, body=tuple(kept))


def cites_only(source: str, marks: tuple[str, ...]) -> bool:
    return all(any(mark in part for mark in marks) for part in source.split(";"))


def switched_off(source: str) -> int:
    """Rows of all word lists whose only source is that list."""
    folder = lexicons.data_dir() / "lexicons"
    tables = [(path, read_table(path, ())) for path in sorted(folder.glob("*.csv"))]
    return sum(
        len(table.body) - len(_without(CITED_AS[source], path, ()).body) for path, table in tables
    )


def _score_without(source: str, rows: list[Listed]) -> list[Scored]:
    """Runs in a process of its own: the rules read each word list once and keep it."""
    lexicons.read_table = partial(_without, CITED_AS[source])
    return score(rows)


def score_switched_off(rows: list[Listed]) -> list[Scored]:
    """Each city's rows with the word list rows switched off that rest on that city's list only."""
    with ProcessPoolExecutor(2, get_context("spawn"), max_tasks_per_child=1) as pool:
        parts = [
            pool.submit(_score_without, source, [row for row in rows if row.city == source])
            for source in dict.fromkeys(row.city for row in rows)
        ]
        return [scored for part in parts for scored in part.result()]


def share(part: int, whole: int) -> str:
    return f"{part}/{whole} ({part / whole:.1%})" if whole else "0/0"


def flagged(scored: Iterable[Scored]) -> str:
    rows = list(scored)
    return share(sum(row.is_flagged for row in rows), len(rows))


def table(head: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)


def nonstandard_table(plain: list[Scored], off: list[Scored]) -> str:
    def line(label: str, wanted: Callable[[Listed], bool], off_rows: object) -> tuple[object, ...]:
        pairs = [[s for s in scored if wanted(s.row)] for scored in (plain, off)]
        failed = sum(s.outcome is Outcome.FAIL for s in pairs[0])
        return (label, flagged(pairs[0]), failed, flagged(pairs[1]), off_rows)

    def counted(row: Listed) -> bool:
        return row.kind != "other"

    kinds = [
        line(kind, lambda row, kind=kind: row.kind == kind, "")
        for kind in dict.fromkeys(s.row.kind for s in plain)
    ]
    lists = [
        line(
            f"{city}（other 除外）",
            lambda row, city=city: counted(row) and row.city == city,
            switched_off(city),
        )
        for city in dict.fromkeys(s.row.city for s in plain if counted(s.row))
    ]
    head = ("不规范名称 / listed names", "not pass", "of it fail", "switched off", "rows off")
    return table(head, [line("all but other (target ≥ 80 %)", counted, ""), *kinds, *lists])


def approved_table(runs: dict[str, list[Scored]]) -> str:
    def line(label: str, rows: list[Scored]) -> tuple[str, ...]:
        reviewed, failed = (
            sum(s.outcome is outcome for s in rows) for outcome in (Outcome.REVIEW, Outcome.FAIL)
        )
        return (label, share(failed, len(rows)), share(reviewed, len(rows)))

    rows = []
    for label, scored in runs.items():
        rows.append(line(label, scored))
        rows.append(line(f"{label}, #hard", [s for s in scored if s.row.is_hard]))
    return table(("已批准名称 / approved names", "fail", "review"), rows)


def precision_table(listed: list[Scored], good: list[Scored]) -> str:
    counted = [s for s in listed if s.row.kind != "other"]
    hits, false = (sum(s.is_flagged for s in rows) for rows in (counted, good))
    head = ("precision", "recall", "F1")
    figures = (hits / (hits + false), hits / len(counted))
    f1 = 2 * figures[0] * figures[1] / sum(figures)
    return table(head, [tuple(f"{figure:.3f}" for figure in (*figures, f1))])


def dates_table(listed: list[Listed], good: list[Listed]) -> str:
    rows = []
    counted = [row for row in listed if row.kind != "other"]
    for standing in (Standing.PROPOSED, Standing.EXISTING):
        for day in (CAMPAIGN, TODAY):
            bad, fine = (
                score([replace(row, standing=standing) for row in part], day)
                for part in (counted, good)
            )
            failed = sum(s.outcome is Outcome.FAIL for s in fine)
            rows.append((standing, day, flagged(bad), flagged(fine), failed))
    return table(("all as", "on", "listed not pass", "approved not pass", "of it fail"), rows)


def corpus_tables(runs: dict[str, list[Scored]]) -> str:
    rows = [
        (label, flagged(scored), share(sum(s.outcome is Outcome.FAIL for s in scored), len(scored)))
        for label, scored in runs.items()
    ]
    first = table(("登记名称 / registered names", "not pass", "fail"), rows)
    reasons: Counter[tuple[str, str]] = Counter()
    for scored in runs.values():
        reasons.update(why for s in scored for why in s.why)
    return f"{first}\n\n" + table(
        ("rule", "said most often", "times"),
        [(rule, said, times) for (rule, said), times in reasons.most_common(25)],
    )


def missed(scored: Iterable[Scored]) -> Iterator[str]:
    for s in scored:
        if not s.is_flagged and s.row.kind != "other":
            yield f"{s.row.name}（{s.row.city}，{s.row.kind}）"


def only_for_form(scored: Iterable[Scored]) -> int:
    """Names found by nothing but a missing generic: advertised names often drop it."""
    return sum(
        {rule for rule, _ in s.why} == {"NM-FORM-01"} for s in scored if s.row.kind != "other"
    )


def report() -> str:
    listed, good = nonstandard(), approved()
    plain, off = score(listed), score_switched_off(listed)
    fine = score(good)
    villages = registered()
    corpus = {
        "as they stand (existing)": score(villages),
        "their specifics + 路 (proposed)": score(derived(villages, FeatureType.ROAD, "路")),
        "their specifics + 花园 (proposed)": score(derived(villages, FeatureType.ESTATE, "花园")),
    }
    alarms = [f"{s.row.name}: {'; '.join(said for _, said in s.why)}" for s in fine if s.is_flagged]
    return "\n\n".join(
        [
            "# 名称审查的准确性 / Accuracy of the verdict on names",
            "By `python benchmarks/accuracy_names.py --write`; rules alone, no register, city "
            f"{CITY}, as of {TODAY} unless said. Lists and their sources: `benchmarks/data`. "
            "`switched off`: each list scored without the rows of the word lists whose only source "
            "is that list (for the examples of the notice: every row that rests on the notice, "
            "its own words included).",
            nonstandard_table(plain, off),
            f"Found by nothing but a missing generic (NM-FORM-01): {only_for_form(plain)}.",
            approved_table({"as displayed, approved or registered": fine}),
            precision_table(plain, fine),
            dates_table(listed, good),
            "Not found, plain: " + "、".join(missed(plain)),
            "Not found, switched off: " + "、".join(missed(off)),
            "Approved names with a question or more: " + "、".join(alarms),
            corpus_tables(corpus),
        ]
    )


def by_hand(kept: str) -> str:
    """The sections of the kept file that were written by hand: from the first heading `##` on."""
    _, heading, rest = kept.partition("\n## ")
    return heading + rest


if __name__ == "__main__":
    text = report()
    print(text)
    if "--write" in sys.argv:
        sections = by_hand(KEPT_AT.read_text(encoding="utf-8"))
        KEPT_AT.write_text(text + "\n" + sections, encoding="utf-8")
