"""The page where a name is tried, and the map beside its verdict."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse

from geo_service.api.deps import LangDep, Services, ServicesDep
from geo_service.api.names import verdict_of
from geo_service.domain.change import RecordKind
from geo_service.domain.place import FeatureType, NamedPlace
from geo_service.domain.text import Text
from geo_service.errors import InputError, NotFound
from geo_service.maps.names import names_map
from geo_service.maps.offline import vendored_assets
from geo_service.messages import explain, message
from geo_service.pages.render import address, map_response, options, page
from geo_service.rules.names import Standing
from geo_service.services.boundaries import case_from_store
from geo_service.services.names import MAX_LENGTH, NameRequest

if TYPE_CHECKING:
    from geo_service.domain.finding import Verdict
    from geo_service.domain.identity import DivisionCode

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)


@dataclass(frozen=True, slots=True)
class NameForm:
    """The form as it was sent: texts, as a browser sends them."""

    name: str = ""
    type: str = FeatureType.ROAD
    status: str = Standing.PROPOSED
    as_of: str = ""
    lon: str = ""
    lat: str = ""
    no_register: str = ""

    def parameters(self) -> dict[str, str]:
        """What an address needs to ask the same again."""
        return {key: getattr(self, key) for key in self.__slots__}


Faults = dict[str, "Text"]
_FIELD_OF = {"day": "as_of", "name": "name", "position": "lon"}


@dataclass(slots=True)
class _Reading:
    """Values read from the form, and what is wrong with the fields that could not be read."""

    faults: Faults = field(default_factory=dict)

    def fault(self, name: str, key: str) -> None:
        """Note what is wrong with a field."""
        self.faults[name] = message(f"pages.fault_{key}", limit=MAX_LENGTH)

    def day(self, text: str, today: date) -> date:
        """A date, today where none was given."""
        if not text.strip():
            return today
        try:
            return date.fromisoformat(text.strip())
        except ValueError:
            self.fault("as_of", "as_of")
            return today

    def degrees(self, name: str, text: str, limit: float) -> float | None:
        """A longitude or latitude, None where none was given."""
        if not text.strip():
            return None
        try:
            value = float(text)
        except ValueError:
            value = limit * 2
        if not abs(value) <= limit:  # also catches nan
            self.fault(name, name)
        return value

    def choice(self, name: str, text: str, kind: type[FeatureType | Standing]) -> str:
        """One of the words of an enumeration."""
        if text not in list(kind):
            self.fault(name, name)
        return text


def read_form(form: NameForm, today: date) -> tuple[NameRequest | None, Faults]:
    """The request a form makes, or None and what is wrong, by field."""
    reading = _Reading()
    name = form.name.strip()
    if not 0 < len(name) <= MAX_LENGTH:
        reading.fault("name", "name")
    day = reading.day(form.as_of, today)
    kind = reading.choice("type", form.type, FeatureType)
    standing = reading.choice("status", form.status, Standing)
    lon = reading.degrees("lon", form.lon, 180)
    lat = reading.degrees("lat", form.lat, 90)
    if (lon is None) != (lat is None):
        reading.fault("lon" if lon is None else "lat", "position")
    if reading.faults:
        return None, reading.faults
    position = None if lon is None or lat is None else (lon, lat)
    return NameRequest(name, FeatureType(kind), Standing(standing), day, position), {}


def _judged(
    form: NameForm, services: Services
) -> tuple[NameRequest | None, Verdict | None, Faults]:
    """The request and its verdict, or the faults of the form, those the service finds included."""
    asked, faults = read_form(form, services.today())
    if asked is None:
        return None, None, faults
    try:
        return asked, verdict_of(asked, services, use_register=not form.no_register), {}
    except InputError as error:
        field_name = _FIELD_OF.get(error.code.partition("_")[0], "name")
        text = Text(explain(error, "zh"), explain(error, "en"))
        return None, None, {field_name: text}


def _form(
    *,
    name: str = "",
    type: str = FeatureType.ROAD,
    status: str = Standing.PROPOSED,
    as_of: str = "",
    lon: str = "",
    lat: str = "",
    no_register: str = "",
) -> NameForm:
    return NameForm(name, type, status, as_of, lon, lat, no_register)


FormDep = Annotated[NameForm, Depends(_form)]


def near_places(verdict: Verdict, services: Services) -> dict[str, NamedPlace]:
    """The registered places behind the near names of a verdict, by id."""
    found = {}
    for near in verdict.near:
        try:
            record = services.store.get(RecordKind.PLACE_NAMES, near.id, as_of=verdict.as_of)
        except NotFound:  # retired between the check and now
            continue
        if isinstance(record, NamedPlace):
            found[near.id] = record
    return found


def _unit_names(services: Services) -> dict[DivisionCode, str]:
    return {row.code: row.name for row in services.city.codes}


@router.get("/")
def index(request: Request, form: FormDep, services: ServicesDep, lang: LangDep) -> HTMLResponse:
    """The form, and below it the verdict once a name was sent."""
    verdict: Verdict | None = None
    faults: Faults = {}
    if "name" in request.query_params:
        _, verdict, faults = _judged(form, services)
    places = near_places(verdict, services) if verdict is not None and verdict.near else {}
    has_map = verdict is not None and bool(places or form.lon.strip())
    return page(
        request,
        "index.html",
        status=400 if faults else 200,
        form=form,
        faults=faults,
        verdict=verdict,
        places=places,
        unit_names=_unit_names(services),
        types=options(FeatureType, "type", lang),
        standings=options(Standing, "status", lang),
        today=services.today(),
        max_length=MAX_LENGTH,
        map_src=address("/map/names", {**form.parameters(), "lang": lang}) if has_map else "",
    )


@router.get("/map/names")
def names_map_page(form: FormDep, services: ServicesDep, lang: LangDep) -> HTMLResponse:
    """The map beside a verdict. Raises InputError for a form that cannot be read."""
    asked, verdict, faults = _judged(form, services)
    if asked is None or verdict is None:
        raise InputError("form_invalid", fields=", ".join(sorted(faults)))
    html = names_map(
        verdict,
        near_places(verdict, services),
        case_from_store(services.store, services.city, asked.as_of),
        position=asked.position,
        city=services.city,
        lang=lang,
        assets=vendored_assets(),
    )
    return map_response(html)
