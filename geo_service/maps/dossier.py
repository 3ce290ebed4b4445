"""What a walk through the sample leaves in a folder: report (JSON, HTML) and single-file maps."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from geo_service.maps.review import boundary_map
from geo_service.maps.sheet import templates
from geo_service.messages import message
from geo_service.services.appraisal import CityReview, KeyReview, NamesReview, key_json, names_json
from geo_service.services.boundaries import report_json
from geo_service.services.wording import citations_text, severity_text

if TYPE_CHECKING:
    from datetime import date

    from geo_service.cities import CityProfile
    from geo_service.domain.finding import Digest, Finding
    from geo_service.domain.text import Lang
    from geo_service.maps.offline import Assets

SHOWN = 300
"""Rows of a table in the HTML report; the JSON report holds all."""


@dataclass(frozen=True, slots=True)
class Dossier:
    """All results of one run. `review` is None where no outlines of the city are installed."""

    city: CityProfile
    as_of: date
    digest: Digest
    counts: dict[str, int]
    names: NamesReview
    review: CityReview | None
    key: KeyReview


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table of the report."""

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[object, ...], ...]


@dataclass(frozen=True, slots=True)
class Part:
    """One section of the report."""

    title: str
    note: str
    tables: tuple[Sheet, ...]
    remarks: tuple[str, ...] = ()


class Wording:
    """The report's sentences in one language."""

    def __init__(self, lang: Lang) -> None:
        self.lang = lang

    def __call__(self, key: str, **values: object) -> str:
        """One sentence of the area `house`."""
        return message(f"house.{key}", **values).in_(self.lang)

    def head(self, *columns: str) -> tuple[str, ...]:
        """Column headings."""
        return tuple(self(f"column_{column}") for column in columns)


def _contents(dossier: Dossier, say: Wording) -> Sheet:
    expected = dossier.city.expected
    rows = tuple(
        (say(f"kind_{kind}"), count, expected.get(kind, "–"))
        for kind, count in dossier.counts.items()
    )
    return Sheet("", say.head("kind", "count", "expected"), rows)


def _tally(findings: Iterable[Finding], say: Wording) -> Sheet:
    counted = Counter((f.severity, f.rule_id, f.title) for f in findings)
    rows = sorted(counted.items(), key=lambda row: (-row[0][0], row[0][1]))
    return Sheet(
        "",
        say.head("severity", "rule", "message", "count"),
        tuple(
            (severity_text(severity, rule_id, say.lang), rule_id, title.in_(say.lang), count)
            for (severity, rule_id, title), count in rows
        ),
    )


def _listed(findings: Sequence[Finding], say: Wording) -> Sheet:
    rows = tuple(
        (
            severity_text(finding.severity, finding.rule_id, say.lang),
            finding.rule_id,
            finding.subject.name or finding.subject.id,
            finding.message.in_(say.lang),
            citations_text(finding.citations, say.lang),
        )
        for finding in findings[:SHOWN]
    )
    caption = say("shown", shown=len(rows), total=len(findings)) if len(findings) > SHOWN else ""
    return Sheet(caption, say.head("severity", "rule", "subject", "message", "basis"), rows)


def _tables(findings: Sequence[Finding], say: Wording) -> tuple[Sheet, ...]:
    return (_tally(findings, say), _listed(findings, say)) if findings else ()


def _not_run(review: CityReview, say: Wording) -> tuple[str, ...]:
    missing = ", ".join(f"{rule} ({layer})" for rule, layer in review.report.rules_not_run)
    return (say("not_run", rules=missing),) if missing else ()


def _parts(dossier: Dossier, say: Wording) -> Iterator[Part]:
    if dossier.review is not None:
        found = dossier.review.report.findings
        remarks = _not_run(dossier.review, say)
        yield Part(say("boundaries_title"), say("evaluation"), _tables(found, say), remarks)
    names = [finding for _, verdict in dossier.names.flagged for finding in verdict.findings]
    checked = say(
        "names_checked", checked=dossier.names.checked, flagged=len(dossier.names.flagged)
    )
    yield Part(say("names_title"), "", _tables(names, say), (checked,))
    yield _synthetic(dossier.key, say)


def _synthetic(key: KeyReview, say: Wording) -> Part:
    answers = Sheet(
        say("answer_key", seeded=len(key.answers), found=key.found, extra=len(key.extra)),
        say.head("fault", "rule", "found"),
        tuple((f.id, f.rule_id, say("yes" if hit else "no")) for f, hit in key.answers),
    )
    found = _tables(key.review.report.findings, say)
    return Part(say("synthetic_title"), say("synthetic_note"), (answers, *found))


def report_page(dossier: Dossier, maps: Sequence[tuple[str, str]], lang: Lang) -> str:
    """The report as an HTML page without scripts; `maps` are (file, title)."""
    say = Wording(lang)
    digest = dossier.digest
    css = (files("geo_service.maps") / "static" / "report.css").read_text(encoding="utf-8")
    return (
        templates()
        .get_template("report.html")
        .render(
            lang_tag="zh-CN" if lang == "zh" else "en",
            css=Markup(css),  # noqa: S704 - our own file
            say=say,
            title=say("report_title", city=dossier.city.name.in_(lang)),
            digest=say(
                "digest",
                rules=digest.rules[:12],
                data=digest.data[:12],
                code=digest.code,
                day=dossier.as_of,
            ),
            notice=message("maps.notice").in_(lang),
            review_number=message("maps.review_number").in_(lang),
            notes=[] if dossier.review else [say("no_outlines")],
            maps=[{"file": file, "title": title} for file, title in maps],
            contents=_contents(dossier, say),
            parts=list(_parts(dossier, say)),
        )
    )


def report_data(dossier: Dossier, lang: Lang) -> dict[str, Any]:
    """The whole report as a JSON-ready value."""
    review = dossier.review
    return {
        "notice": message("maps.notice").in_(lang),
        "as_of": dossier.as_of.isoformat(),
        "digest": {
            "rules": dossier.digest.rules,
            "data": dossier.digest.data,
            "code": dossier.digest.code,
        },
        "city": {
            "code": dossier.city.code,
            "name": dossier.city.name.in_(lang),
            "counts": dossier.counts,
            "expected": dict(dossier.city.expected),
            "boundaries": None if review is None else report_json(review.report, lang),
        },
        "names": names_json(dossier.names, lang),
        "synthetic": key_json(dossier.key, lang),
    }


def _maps(dossier: Dossier, lang: Lang, assets: Assets) -> Iterator[tuple[str, str, str]]:
    say = Wording(lang)
    reviews = [("map-synthetic.html", say("map_synthetic"), dossier.key.review)]
    if dossier.review is not None:
        title = say("map_city", city=dossier.city.name.in_(lang))
        reviews.insert(0, ("map-city.html", title, dossier.review))
    for file, title, review in reviews:
        page = boundary_map(
            review.case,
            review.report.findings,
            city=review.city,
            as_of=review.report.as_of,
            lang=lang,
            assets=assets,
            single_file=True,
        )
        yield file, title, page


def write_dossier(dossier: Dossier, folder: Path, lang: Lang, assets: Assets) -> tuple[Path, ...]:
    """Write `index.html`, `report.json` and the maps; returns the paths.

    Each file is written whole before it takes the place of an older one; a map of an earlier run
    that no longer applies is removed. Raises ConfigError when the web assets are missing.
    """
    maps = list(_maps(dossier, lang, assets))
    data = json.dumps(report_data(dossier, lang), ensure_ascii=False, indent=1)
    pages = {file: page for file, _, page in maps}
    pages["index.html"] = report_page(dossier, [(file, title) for file, title, _ in maps], lang)
    pages["report.json"] = data + "\n"
    folder.mkdir(parents=True, exist_ok=True)
    for stale in folder.glob("map-*.html"):
        if stale.name not in pages:
            stale.unlink()
    return tuple(_write(folder / name, text) for name, text in pages.items())


def _write(path: Path, text: str) -> Path:
    draft = path.with_name(path.name + ".part")
    draft.write_text(text, encoding="utf-8")
    draft.replace(path)
    return path
