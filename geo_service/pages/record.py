"""The page of one record: its fields, map, versions, lineage and papers, on any day."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, cast

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse

from geo_service.api.audience import AudienceDep, asker_of
from geo_service.api.deps import LangDep, Services, ServicesDep, StoreDep, needs
from geo_service.domain.access import Right
from geo_service.domain.change import RecordKind
from geo_service.domain.clock import CHINA
from geo_service.domain.place import NamedPlace
from geo_service.domain.provenance import Label
from geo_service.domain.road import Road
from geo_service.errors import InputError, NotFound
from geo_service.maps.lineage import lineage_drawing
from geo_service.maps.offline import vendored_assets
from geo_service.maps.record import record_map
from geo_service.messages import message
from geo_service.pages.record_words import difference_texts, facts, period_text
from geo_service.pages.register import kinds_for
from geo_service.pages.render import INTERNAL_MAP, Parameters, map_address, map_response, page
from geo_service.services.boundaries import case_from_store
from geo_service.services.drafts.kinds import DRAFT_KINDS
from geo_service.services.register.acts import label_of
from geo_service.services.register.differences import geometry_of
from geo_service.services.register.dossier import Dossier, dossier
from geo_service.services.register_then import as_known
from geo_service.services.serving.collections import COLLECTIONS
from geo_service.services.serving.sources import served

if TYPE_CHECKING:
    from geo_service.domain.marker import BoundaryMarker
    from geo_service.domain.text import Lang
    from geo_service.services.register.history import Step

router = APIRouter(
    include_in_schema=False,
    default_response_class=HTMLResponse,
    dependencies=[needs(Right.CONTENT_READ)],
)


@dataclass(frozen=True, slots=True)
class TimeForm:
    """The two clocks as a browser sends them: a day of the world, a moment of the register."""

    as_of: str = ""
    known_at: str = ""

    def day(self, today: date) -> date:
        """The day asked for. Raises InputError."""
        try:
            return date.fromisoformat(self.as_of.strip()) if self.as_of.strip() else today
        except ValueError as error:
            raise InputError("form_invalid", fields="as_of") from error

    def moment(self) -> datetime | None:
        """The moment asked for, by the clock of China, None for now. Raises InputError."""
        try:
            told = datetime.fromisoformat(self.known_at.strip()) if self.known_at.strip() else None
        except ValueError as error:
            raise InputError("form_invalid", fields="known_at") from error
        return told if told is None or told.tzinfo else told.replace(tzinfo=CHINA)


_BEFORE = timedelta(days=365)
"""How far the slider goes back before the first day told of a record whose beginning is not."""
TimeDep = Annotated[TimeForm, Depends(TimeForm)]


def kind_of(word: str, audience: Label) -> RecordKind:
    """The kind of an address. Raises NotFound for one that the asker may not look through."""
    if word not in kinds_for(audience):
        raise NotFound("record_not_found", kind=word[:40], record="")
    return RecordKind(word)


@router.get("/register/{kind}/{record_id:path}")
def record_page(
    *,
    request: Request,
    kind: str,
    record_id: str,
    time: TimeDep,
    audience: AudienceDep,
    services: ServicesDep,
    store: StoreDep,
    lang: LangDep,
) -> HTMLResponse:
    """One record as of a day. Raises NotFound for one that was never registered."""
    told = dossier(
        store,
        kind_of(kind, audience),
        record_id,
        as_of=time.day(services.today()),
        known_at=time.moment(),
        plane_epsg=services.city.plane_epsg,
    )
    placed = told.record is not None and geometry_of(told.record) is not None
    at: Parameters = {"as_of": told.as_of.isoformat(), "known_at": time.known_at, "lang": lang}
    path = f"/map/record/{told.kind}/{told.id}"
    return page(
        request,
        "record.html",
        told=told,
        time=time,
        name=label_of(told.newest),
        kind_word=message(f"register.kind_{told.kind}").in_(lang),
        facts=_facts(told, services, lang),
        force=told.newest.provenance.force,
        inside=audience is Label.INTERNAL,
        propose=_propose(request, told.kind),
        act_word=lambda step: _act_word(step, lang),
        act_name=lambda act: message(f"register.act_{act}").in_(lang),
        differences=lambda step: tuple(difference_texts(step.differs, lang)),
        period_text=lambda period: period_text(period, lang),
        slider=_slider(told, services.today()),
        today=services.today(),
        drawing=lineage_drawing(told.events, told.id, lang) if told.events else "",
        map_src=map_address(request, path, at) if placed else "",
    )


def _propose(request: Request, kind: RecordKind) -> str:
    """Where a change of such a record is proposed; "" for whoever may not."""
    asker = asker_of(request)
    words = (of.word for of in DRAFT_KINDS if of.kind is kind and asker.may(of.draft_right))
    return next((f"/drafts/new/{word}" for word in words), "")


def _facts(told: Dossier, services: Services, lang: Lang) -> list[tuple[str, str]]:
    """What the record says on the day, its position as fine as the asker may see it."""
    record = told.record
    of = next((c for c in COLLECTIONS.values() if c.kinds[0] is told.kind), None)
    if isinstance(record, NamedPlace | Road) and of is not None:
        (shown,) = services.features.shown(of, [served(record)])
        record = replace(record, geometry=shown.geometry)  # type: ignore[arg-type]  # of the same kind
    return [] if record is None else facts(told.kind, record, services.city.unit_names, lang)


def _act_word(step: Step, lang: Lang) -> str:
    key = f"act_{step.basis.act}" if step.basis else f"operation_{step.entry.operation}"
    return message(f"register.{key}").in_(lang)


def _slider(told: Dossier, today: date) -> tuple[date, date] | None:
    """First and last day of the slider, None where all days are alike."""
    if not told.days:
        return None
    begun = all(step.period is None or step.period.start for step in told.steps)
    first = min(told.days) - (timedelta(0) if begun else _BEFORE)
    return first, max(today, *told.days, told.as_of)


@router.get("/map/record/{kind}/{record_id:path}", dependencies=[INTERNAL_MAP])
def record_map_page(
    *,
    kind: str,
    record_id: str,
    time: TimeDep,
    audience: AudienceDep,
    services: ServicesDep,
    store: StoreDep,
    lang: LangDep,
) -> HTMLResponse:
    """Where the record lies on the day, with the markers of a line. Raises NotFound."""
    of, day, moment = kind_of(kind, audience), time.day(services.today()), time.moment()
    then = store if moment is None else as_known(store, moment)
    record = then.get(of, record_id, as_of=day)
    markers: list[BoundaryMarker] = []
    if of is RecordKind.BOUNDARY_LINES:
        found = cast("list[BoundaryMarker]", then.records(RecordKind.MARKERS, as_of=day))
        markers = [marker for marker in found if marker.line_code == record_id]
    html = record_map(
        [record],  # type: ignore[list-item]  # kinds that can be looked through
        markers,
        case_from_store(then, services.city, day),
        as_of=day,
        city=services.city,
        lang=lang,
        assets=vendored_assets(),
    )
    return map_response(html)
