"""The form in which a name is asked about: texts as a browser sends them, and their reading."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields, make_dataclass
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import Depends

from geo_service.domain.identity import DivisionCode
from geo_service.domain.place import FeatureType
from geo_service.domain.proposal import RoadClass
from geo_service.domain.text import Text
from geo_service.errors import InputError
from geo_service.messages import explain, message
from geo_service.pages.drawing import read_drawn
from geo_service.rules.names import Standing
from geo_service.services.drawn_feature import as_drawn
from geo_service.services.facts import fact_names, read_facts
from geo_service.services.names import MAX_LENGTH, NameRequest, checked_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shapely.geometry.base import BaseGeometry

    from geo_service.domain.proposal import FeatureFacts
    from geo_service.domain.text import Lang
    from geo_service.pages.render import Parameters

Faults = dict[str, Text]
"""What is wrong with the entries, by the name of the field."""


@dataclass(frozen=True, slots=True)
class _Entries:
    name: str = ""
    type: str = FeatureType.ROAD
    status: str = Standing.PROPOSED
    as_of: str = ""
    lon: str = ""
    lat: str = ""
    drawn: str = ""
    unit: str = ""
    replaces: str = ""
    spelling: str = ""
    no_register: str = ""


_FactEntries = make_dataclass("_FactEntries", [(name, str, "") for name in fact_names()])
"""One entry per fact that can be told; all are parameters of the address."""


@dataclass(frozen=True, slots=True)
class NameForm:
    """The form as it was sent. The facts are those of `services.facts`, blank ones included."""

    entries: _Entries
    facts: dict[str, str]

    @property
    def told(self) -> dict[str, str]:
        """The facts that were filled in."""
        return {name: text for name, text in self.facts.items() if text.strip()}

    def parameters(self, **changed: str) -> Parameters:
        """What an address needs to ask the same again, with some entries changed."""
        return {**asdict(self.entries), **self.told, **changed}


def _form(
    entries: Annotated[_Entries, Depends(_Entries)],
    facts: Annotated[Any, Depends(_FactEntries)],
) -> NameForm:
    return NameForm(entries, asdict(facts))


FormDep = Annotated[NameForm, Depends(_form)]


def form_of(entries: Mapping[str, str]) -> NameForm:
    """The form of entries sent otherwise; those it does not know are left out."""
    own = {f.name: entries[f.name] for f in fields(_Entries) if f.name in entries}
    return NameForm(_Entries(**own), {name: entries.get(name, "") for name in fact_names()})


def fact_fields(lang: Lang) -> list[tuple[str, str, list[tuple[str, str]]]]:
    """The facts with their labels, and the words to choose from where they are no figures."""
    classes = [(kind.value, message(f"pages.class_{kind.value}").in_(lang)) for kind in RoadClass]
    rows = []
    for name in fact_names():
        label = message("pages.road_class" if name == "road_class" else f"facts.{name}")
        rows.append((name, label.in_(lang), classes if name == "road_class" else []))
    return rows


@dataclass(slots=True)
class _Reading:
    """Values read from the form, and what is wrong with the fields that could not be read."""

    faults: Faults = field(default_factory=dict)

    def fault(self, name: str, key: str) -> None:
        """Note what is wrong with a field."""
        self.faults[name] = message(f"pages.fault_{key}", limit=MAX_LENGTH)

    def refused(self, name: str, error: InputError) -> None:
        """Note what the service says of a field."""
        self.faults[name] = Text(explain(error, "zh"), explain(error, "en"))

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

    def unit(self, text: str) -> DivisionCode | None:
        """A division code, None where none was given."""
        try:
            return DivisionCode.parse(text) if text.strip() else None
        except InputError:
            self.fault("unit", "unit")
            return None

    def drawn(self, text: str) -> BaseGeometry | None:
        """The geometry as it was drawn, None where nothing was."""
        read = read_drawn(text)
        if isinstance(read, Text):
            self.faults["drawn"] = read
            return None
        return read

    def former(self, text: str) -> str:
        """The name that is replaced, empty where none is."""
        try:
            return checked_name(text) if text.strip() else ""
        except InputError as error:
            self.refused("replaces", error)
            return ""

    def facts(self, told: dict[str, str]) -> FeatureFacts:
        """The facts; each that cannot be read is told at its own field."""
        for name, text in told.items():
            try:
                read_facts({name: text})
            except InputError:
                self.fault(name, "type" if name == "road_class" else "figure")
        sound = {name: text for name, text in told.items() if name not in self.faults}
        return read_facts(sound)


def read_form(form: NameForm, today: date) -> tuple[NameRequest | None, Faults]:
    """The request a form makes, or None and what is wrong, by field."""
    reading, asked = _Reading(), form.entries
    name = asked.name.strip()
    if not 0 < len(name) <= MAX_LENGTH:
        reading.fault("name", "name")
    day = reading.day(asked.as_of, today)
    kind = reading.choice("type", asked.type, FeatureType)
    standing = reading.choice("status", asked.status, Standing)
    lon = reading.degrees("lon", asked.lon, 180)
    lat = reading.degrees("lat", asked.lat, 90)
    if (lon is None) != (lat is None):
        reading.fault("lon" if lon is None else "lat", "position")
    drawn = reading.drawn(asked.drawn)
    unit = reading.unit(asked.unit)
    facts = reading.facts(form.told)
    replaces = reading.former(asked.replaces)
    if reading.faults:
        return None, reading.faults
    position = None if lon is None or lat is None else (lon, lat)
    request = NameRequest(
        name,
        FeatureType(kind),
        Standing(standing),
        day,
        position,
        unit,
        facts=facts,
        replaces=replaces,
    )
    return (request if drawn is None else as_drawn(request, drawn)), {}
