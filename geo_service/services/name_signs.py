"""What stands on a name sign (GB 17733), as text: Hanzi and Hanyu Pinyin against the register."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from geo_service import statutes
from geo_service.domain.finding import Outcome, Severity, outcome_of
from geo_service.domain.place import FeatureType, NameStatus, ReadingSource
from geo_service.errors import InputError
from geo_service.language.normalise import normal_form, registered_forms
from geo_service.language.romanisation import spell
from geo_service.language.spelling_check import Kind, differences, is_spelt_so
from geo_service.language.split import likely_type
from geo_service.lexicons import lexicon
from geo_service.messages import message
from geo_service.services.answered_sheets import (
    SheetCount,
    cell_refusal,
    read_sheet,
    type_in,
    write_answers,
)
from geo_service.services.names import checked_name
from geo_service.services.wire import citation_json
from geo_service.services.wording import citations_text, severity_words

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from geo_service.domain.law import Citation
    from geo_service.domain.place import NamedPlace
    from geo_service.domain.text import Lang, Text
    from geo_service.language.romanisation import Spelling
    from geo_service.store.protocol import Store

_REQUIRED = ("hanzi", "pinyin")
_ANSWERS = ("verdict", "expected", "faults")


@dataclass(frozen=True, slots=True)
class SignFault:
    """One thing wrong with a sign, or worth knowing; `citations` are those in force on the day.

    The gravest of them gives the severity; what no article in force speaks of is only noted.
    """

    code: str
    severity: Severity
    text: Text
    citations: tuple[Citation, ...]


@dataclass(frozen=True, slots=True)
class SignReport:
    """A sign as it reads, the spelling it should bear, and the faults, gravest first.

    `approved` says that the expected spelling is the one of the register.
    """

    hanzi: str
    pinyin: str
    feature_type: FeatureType
    expected: str
    approved: bool
    faults: tuple[SignFault, ...]

    @property
    def outcome(self) -> Outcome:
        """fail where the law forbids it, review where a person must look, else pass."""
        return outcome_of(fault.severity for fault in self.faults)


def check_sign(
    hanzi: str, pinyin: str, kind: FeatureType | None, as_of: date, store: Store | None
) -> SignReport:
    """The text of a sign against the standard names and the rules of spelling.

    Without a register the characters are not examined. Raises InputError for what cannot be a
    name, or where the generic does not tell the type and none is given.
    """
    name = checked_name(hanzi)
    written = normal_form(name)
    feature_type = kind or likely_type(written)
    if feature_type is None:
        raise InputError("feature_type_unknown", name=name)
    spelling = spell(written, feature_type)
    forms = registered_forms(written, feature_type)
    places = None if store is None else store.places_like(written=forms, as_of=as_of)
    same = (place for place in places or () if normal_form(place.name) == written)
    approved = _approved(same, feature_type)
    told = [
        *_hanzi_faults(written, places),
        *_pinyin_faults(pinyin.strip(), approved, spelling),
    ]
    faults = (_fault(code, as_of, values) for code, values in told)
    ordered = sorted(faults, key=lambda fault: (-fault.severity, fault.code))
    expected = approved or spelling.text
    return SignReport(name, pinyin.strip(), feature_type, expected, bool(approved), tuple(ordered))


_Told = tuple[str, Mapping[str, object]]


@cache
def _grounds() -> dict[str, list[tuple[str, str, Severity]]]:
    """By fault the articles that it breaks, and how much a breach of each weighs."""
    found: dict[str, list[tuple[str, str, Severity]]] = {}
    for row in lexicon("sign_faults", "fault", "instrument", "article").rows:
        ground = row["instrument"], row["article"], Severity.from_word(row["severity"])
        found.setdefault(row["fault"], []).append(ground)
    return found


def _fault(code: str, day: date, values: Mapping[str, object]) -> SignFault:
    held = [
        (statutes.citation(instrument, article), severity)
        for instrument, article, severity in _grounds()[code]
        if statutes.article(instrument, article).in_force.covers(day)
    ]
    worst = max((severity for _, severity in held), default=Severity.INFO)
    cited = tuple(citation for citation, _ in held)
    return SignFault(code, worst, message(f"signs.{code}", **values), cited)


def _approved(places: Iterable[NamedPlace], feature_type: FeatureType) -> str:
    """The approved spelling of the register, empty where it has none."""
    for place in places:
        stored = place.reading_source is ReadingSource.STORED
        if stored and place.feature_type is feature_type and place.status is NameStatus.STANDARD:
            return place.romanization
    return ""


def _hanzi_faults(written: str, places: Sequence[NamedPlace] | None) -> Iterator[_Told]:
    """What the register says of the characters; `places` is None where it was not asked."""
    if places is None:
        yield "register_not_asked", {}
        return
    if any(place.status is NameStatus.STANDARD for place in places):
        return
    if not places:
        yield "not_standard", {"found": written}
        return
    status = message(f"search.status_{places[0].status.value}")
    values = {"found": written, "status": status, "id": places[0].id}
    yield "not_the_standard_form", values


_FAULT_OF = {
    Kind.ENGLISH: "english_generic",
    Kind.LETTERS: "letters_differ",
    Kind.UMLAUT: "letters_differ",
    Kind.OFFICIAL: "letters_differ",
    Kind.READING: "other_reading",
    Kind.TONE: "tones_differ",
    Kind.NUMERAL: "form_differs",
    Kind.SPACING: "form_differs",
    Kind.APOSTROPHE: "form_differs",
    Kind.CAPITAL: "form_differs",
}
"""What a difference means on a sign; tones left out and other official spellings mean nothing."""


def _pinyin_faults(given: str, approved: str, spelling: Spelling) -> Iterator[_Told]:
    """The spelling beside the approved one of the register, or the one by the rules."""
    if not given:
        yield "pinyin_missing", {}
        return
    if approved and is_spelt_so(given, approved):
        return
    told: dict[str, str] = {}
    for difference in differences(given, spelling):
        if difference.kind in _FAULT_OF:
            told.setdefault(_FAULT_OF[difference.kind], difference.given)
    if approved and not told:
        told["letters_differ"] = given
    for code, found in told.items():
        yield code, {"found": found, "expected": approved or spelling.text}


def sign_json(report: SignReport, lang: Lang) -> dict[str, Any]:
    """The report as the CLI shows it under `--json`."""
    return {
        "hanzi": report.hanzi,
        "pinyin": report.pinyin,
        "feature_type": report.feature_type.value,
        "verdict": report.outcome.value,
        "expected": report.expected,
        "approved": report.approved,
        "faults": [
            {
                "code": fault.code,
                "severity": fault.severity.word,
                "message": fault.text.in_(lang),
                "citations": [citation_json(citation, lang) for citation in fault.citations],
            }
            for fault in report.faults
        ],
        "notice": message("name.notice").in_(lang),
    }


def fault_text(fault: SignFault, lang: Lang) -> str:
    """A fault with its articles in one line."""
    graded = severity_words(fault.severity, "NM").in_(lang)
    # Parts of a text that has no articles are cited alike: once is enough.
    cited = dict.fromkeys(citations_text((citation,), lang) for citation in fault.citations)
    articles = ("；" if lang == "zh" else "; ").join(cited)
    if not articles:
        return f"[{graded}] {fault.text.in_(lang)}"
    return message("signs.fault", severity=graded, text=fault.text, articles=articles).in_(lang)


def check_sign_file(
    source: Path, target: Path, as_of: date, store: Store | None, lang: Lang
) -> SheetCount:
    """Check the signs of a sheet (`hanzi`, `pinyin`, optionally `type`) and write the answers.

    Flagged are those that do not pass. Raises InputError naming file, row and
    column; then nothing is written.
    """
    sheet = read_sheet(source, _REQUIRED, lang)
    reports = []
    for row in sheet.rows:
        kind = type_in(sheet.file, row)
        try:
            report = check_sign(row.cells["hanzi"], row.cells["pinyin"], kind, as_of, store)
        except InputError as error:
            raise cell_refusal(sheet.file, row, "hanzi", error, lang) from error
        reports.append(report)
    write_answers(target, source, sheet, _ANSWERS, (_answer(report, lang) for report in reports))
    flagged = sum(report.outcome is not Outcome.PASS for report in reports)
    return SheetCount(len(reports), flagged, sheet.notices)


def _answer(report: SignReport, lang: Lang) -> tuple[str, str, str]:
    joint = "；" if lang == "zh" else "; "
    faults = joint.join(fault.text.in_(lang) for fault in report.faults)
    return report.outcome.value, report.expected, faults
