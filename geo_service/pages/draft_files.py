"""The page of a file that was laid before another person: report, changes, maps, and the deeds."""

from __future__ import annotations

from collections import Counter as Tally
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from geo_service.api.asking import job_json
from geo_service.api.file_drafts import approve_file, recheck_file
from geo_service.domain.change import Operation, RecordKind
from geo_service.jobs.job import JobKind, JobState
from geo_service.maps.comparison import comparison_map
from geo_service.maps.offline import vendored_assets
from geo_service.messages import message
from geo_service.pages.record_words import difference_texts, field_title
from geo_service.pages.render import address
from geo_service.services.comparison import compare_copies
from geo_service.services.comparison_pairs import lines_of
from geo_service.services.drafts.files import Decision, laid_file, trial_of
from geo_service.services.interchange.reading import read_records
from geo_service.services.register.change_sheet import shape_texts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geo_service.api.asking import Counter
    from geo_service.api.deps import Services
    from geo_service.domain.draft import Draft
    from geo_service.domain.text import Lang
    from geo_service.jobs.job import Job
    from geo_service.services.drafts.review import Review
    from geo_service.services.register.differences import Difference

SHOWN = 300
"""Issues, changes and differences that the page lists; the API tells all of them."""
_JOBS = 50
_KINDS = (
    RecordKind.UNITS,
    RecordKind.BOUNDARY_LINES,
    RecordKind.BOUNDARY_NODES,
    RecordKind.MARKERS,
)


def told_of(review: Review, counter: Counter, lang: Lang) -> dict[str, Any]:
    """What the template says of a file beside what it says of every draft."""
    draft, trial = review.kept.draft, review.trial
    job = _job_of(counter, review.kept.draft.id, review.kept.version)
    written = () if trial is None else trial.report.written
    tally = Tally(each.operation for each in written)
    return {
        "report": None if trial is None else trial.report.to_json(lang),
        "repeated": trial is not None and trial.report.repeated,
        "read_as": [(key, value) for key, value in draft.body if value and key in _SHOWN_BODY],
        "written": written[:SHOWN],
        "tally": [(_operation(word, lang), count) for word, count in tally.most_common()],
        "difference": lambda each: _difference(each.differs, lang),
        "operation_word": lambda word: _operation(word, lang),
        "field_title": lambda name: field_title(name, lang),
        "in_words": lambda line: _in_words(line, lang),
        "level_word": lambda level: message(f"import.level_{level}").in_(lang),
        "shown": SHOWN,
        "job": job,
        "running": job is not None and not job.state.ended,
        "job_told": None if job is None else job_json(job, lang),
        "maps": _maps(draft, review, lang),
    }


_SHOWN_BODY = ("crs", "encoding", "layer", "sender")


def _difference(differs: Difference | None, lang: Lang) -> str:
    """What differs, in one cell. Where a record comes from is said of the file as a whole, unless
    nothing else differs."""
    if differs is None:
        return ""
    fields = tuple(change for change in differs.fields if change.field != "provenance")
    is_all = not fields and differs.geometry is None
    told_of = replace(differs, fields=differs.fields if is_all else fields, geometry=None)
    told = [
        f"{title}: {before or '—'} → {after or '—'}"
        for title, before, after in difference_texts(told_of, lang)
    ]
    if differs.geometry is not None:
        told += [text.strip() for text in shape_texts(differs.geometry, lang)]
    return ("；" if lang == "zh" else "; ").join(told)


def _in_words(line: str, lang: Lang) -> str:
    """A line of `moved_since` or `differences`: its codes of kinds and deeds in words."""
    words = {each.value: message(f"register.kind_{each.value}").in_(lang) for each in _KINDS}
    words |= {each.value: _operation(each.value, lang) for each in Operation}
    return " ".join(words.get(word, word) for word in line.split(" "))


def _operation(word: str, lang: Lang) -> str:
    return message(f"drafts.operation_{word}").in_(lang)


def _job_of(counter: Counter, draft_id: str, version: int) -> Job | None:
    """The asker's newest job on a draft, as long as it says something of the version shown."""
    found = counter.desk.book.list(who=counter.asker.name, kinds=[JobKind.FILE_DRAFT], limit=_JOBS)
    for job in found:
        asked = job.order.asked
        if (asked["draft"], asked["version"]) == (draft_id, version):
            return None if job.state is JobState.CANCELLED else job
    return None


def _maps(draft: Draft, review: Review, lang: Lang) -> list[tuple[str, str]]:
    """The addresses of the maps; before, where the file changes what is there."""
    if review.trial is None or not review.trial.report.written:
        return []
    which: tuple[str, ...] = ("after",)
    if draft.state.is_open and any(each.version for each in review.trial.report.written):
        is_line = draft.target_kind == RecordKind.BOUNDARY_LINES.value
        which = ("beside",) if is_line else ("before", "after")
    return [(each, address(f"/map/draft/{draft.id}/{each}", {"lang": lang})) for each in which]


def records_of(services: Services, draft: Draft, which: str) -> Sequence[Any]:
    """The records that a file changes: as the register has them on the day of its trial, or as the
    file has them. Raises NotFound content_erased."""
    trial = trial_of(services.store, draft)
    kind, day = RecordKind(draft.target_kind), draft.effective_on
    ids = {each.id for each in trial.report.written}
    if which == "before":
        return [r for r in services.store.records(kind, as_of=day) if r.id in ids]
    with laid_file(services.store, draft) as path:
        read = read_records(
            path,
            kind,
            city=services.city,
            today=day,
            layer=trial.layer,
            crs=trial.crs,
            encoding=trial.encoding,
            columns=None if trial.mapping is None else trial.mapping.fields,
            called=draft.name,
        )
    return [record for record in read.records if record.id in ids]


def beside_map(services: Services, draft: Draft, lang: Lang) -> str:
    """The lines of a file over those that the register has, with the stretches that differ.

    Raises ConfigError when assets are missing.
    """
    city = services.city
    sides = (records_of(services, draft, which) for which in ("before", "after"))
    a, b = (lines_of(records, city) for records in sides)
    report = compare_copies(a, b, city, draft.effective_on)
    return comparison_map(report, city=city, lang=lang, assets=vendored_assets())


def done(
    counter: Counter, services: Services, draft_id: str, version: int, entries: dict[str, str]
) -> None:
    """Queue an approval or another trial. Raises what the desk of files raises."""
    if entries["act"] == "recheck":
        recheck_file(counter, services, draft_id, version)
        return
    decision = Decision(
        document_no=entries.get("document_no", ""),
        files=entries.get("files", "").split(),
        reason=entries.get("reason", ""),
    )
    approve_file(counter, services, draft_id, version, decision)
