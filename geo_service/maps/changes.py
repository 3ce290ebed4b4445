"""Before and after: what the register said on two days, and what changed between them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeGuard, TypeVar

from geo_service.domain.change import RecordKind
from geo_service.domain.place import NamedPlace
from geo_service.errors import InputError
from geo_service.maps import popups, swatches
from geo_service.maps.ground import Ground, base_layers, layer_label, line_features, shape_of
from geo_service.maps.shapes import drawable, label_position, mark_position, screen_json
from geo_service.maps.sheet import RecordLayer, draw, feature
from geo_service.maps.style import Mark, Stroke, style
from geo_service.maps.words import words_around
from geo_service.messages import message
from geo_service.services.boundaries import case_from_store

if TYPE_CHECKING:
    from datetime import date

    from shapely.geometry.base import BaseGeometry

    from geo_service.cities import CityProfile
    from geo_service.domain.boundary import AdministrativeBoundary
    from geo_service.domain.change import Record
    from geo_service.domain.division import AdministrativeUnit
    from geo_service.domain.text import Lang
    from geo_service.maps.ground import BoundaryLayers
    from geo_service.maps.offline import Assets
    from geo_service.maps.sharing import Sharing
    from geo_service.store.protocol import Store

    _Record = TypeVar("_Record", AdministrativeUnit, AdministrativeBoundary, NamedPlace)
else:
    _Record = TypeVar("_Record")

Json = dict[str, Any]
HOW = ("gone", "new", "changed")


@dataclass(frozen=True, slots=True)
class Moment:
    """The register as it stood on a day."""

    day: date
    case: BoundaryLayers
    places: Sequence[NamedPlace]


def moments(store: Store, city: CityProfile, before: date, after: date) -> tuple[Moment, Moment]:
    """The register on two days, the earlier one first. Raises InputError `map_days_equal`."""
    if before == after:
        raise InputError("map_days_equal", day=before)
    first, last = (
        Moment(
            day,
            case_from_store(store, city, day),
            [r for r in store.records(RecordKind.PLACE_NAMES, as_of=day) if _is_place(r)],
        )
        for day in sorted((before, after))
    )
    return first, last


def _is_place(record: Record) -> TypeGuard[NamedPlace]:
    return isinstance(record, NamedPlace)


@dataclass(frozen=True, slots=True)
class _Change(Generic[_Record]):
    """A record of which the two days say different things; one side is None where it is not."""

    before: _Record | None
    after: _Record | None

    @property
    def how(self) -> str:
        if self.after is None:
            return "gone"
        return "new" if self.before is None else "changed"

    @property
    def shown(self) -> _Record:
        record = self.after or self.before
        assert record is not None  # noqa: S101 - one of the two is always there
        return record


def _same(a: BaseGeometry | None, b: BaseGeometry | None) -> bool:
    return a is b or (a is not None and b is not None and a.equals_exact(b, 0))


def _alike(was: Any, now: Any) -> bool:
    return was.name == now.name and _same(was.geometry, now.geometry)


def _changes(before: Iterable[_Record], after: Iterable[_Record]) -> Iterator[_Change[_Record]]:
    old, new = {r.id: r for r in before}, {r.id: r for r in after}
    for key in sorted(old.keys() | new.keys()):
        was, now = old.get(key), new.get(key)
        if was is not None and now is not None and _alike(was, now):
            continue
        yield _Change(was, now)


def changes_map(
    before: Moment,
    after: Moment,
    *,
    city: CityProfile,
    lang: Lang,
    assets: Assets,
    sharing: Sharing | None = None,
) -> str:
    """An HTML page with the register of the later day and what is new, gone or changed on it.

    One file with `sharing`, linked to our server without. Geometry is EPSG:4490; of a line that
    was drawn anew both courses are shown. Raises ConfigError when assets are missing, InputError
    as `Sharing`.
    """
    if sharing is not None:
        before, after = _shared(before, sharing), _shared(after, sharing)
    old, new = Ground(before.case, city), Ground(after.case, city)
    provenances = [*old.provenances(), *new.provenances()]
    if sharing is not None:
        sharing.require_real(provenances)
    units = list(_changes(old.units, new.units))
    lines = list(_changes(old.lines, new.lines))
    names = [c for c in _changes(before.places, after.places) if drawable(c.shown.geometry)]
    days = message("maps.changes_days", before=before.day, after=after.day)
    counted = message("maps.changes_count", units=len(units), lines=len(lines), names=len(names))
    most = message("maps.changes_most", most=style().findings_per_severity)
    words = words_around(
        message("maps.changes_title", city=city.name.in_(lang)),
        as_of=after.day,
        provenances=provenances,
        notices=[days, counted, *([most] if _crowded(names) else []), message("maps.notice")],
        lang=lang,
        sharing=sharing,
    )
    changed = [
        *(_line_layer(lines, how, lang) for how in HOW if _any(lines, how)),
        *(_mark_layer("units", units, how, lang) for how in HOW if _any(units, how)),
        *(_mark_layer("names", names, how, lang) for how in HOW if _any(names, how)),
    ]
    layers = [*base_layers(new, lang), *changed]
    single = sharing is not None
    return draw(layers, new.box(city), words, lang=lang, assets=assets, single_file=single)


def _any(changes: Sequence[_Change[Any]], how: str) -> bool:
    """Whether there are changes of a kind: the legend names no others."""
    return any(change.how == how for change in changes)


def _crowded(changes: Sequence[_Change[NamedPlace]]) -> bool:
    """Whether not every mark is drawn."""
    counts = Counter(change.how for change in changes)
    return any(count > style().findings_per_severity for count in counts.values())


def _shared(moment: Moment, sharing: Sharing) -> Moment:
    return Moment(moment.day, sharing.layers(moment.case), sharing.records(moment.places))


def _line_layer(
    changes: Sequence[_Change[AdministrativeBoundary]], how: str, lang: Lang
) -> RecordLayer:
    """Lines that are gone or new; of one drawn anew the old course, beside the new one below."""
    look: Stroke = style().changed_lines[how]
    drawn = [
        change.after if how == "new" else change.before for change in changes if change.how == how
    ]
    features = line_features([line for line in drawn if line is not None], look, lang)
    label = layer_label(f"changes_lines_{how}", len(features), lang)
    return RecordLayer(label, features, "findings", swatches.line_swatch(look))


def _mark_layer(kind: str, changes: Sequence[_Change[Any]], how: str, lang: Lang) -> RecordLayer:
    """Units or names that are gone, new or changed, each with what it was and what it is."""
    look: Mark = style().changed_marks[how]
    place = label_position if kind == "units" else mark_position
    mine = [change for change in changes if change.how == how]
    features = [
        feature(
            screen_json(place(shape_of(change.shown.geometry)), style().decimals),
            id=f"{kind}-{change.shown.id}",
            mark=look.mark,
            hint=change.shown.name,
            style={"color": look.color},
            shift=2 if kind == "units" else None,  # beside the name of the unit, not on it
            popup=popups.change_popup(change.before, change.after, _what(change, lang), look, lang),
        )
        for change in mine[: style().findings_per_severity]
    ]
    label = layer_label(f"changes_{kind}_{how}", len(mine), lang)
    return RecordLayer(label, features, "findings", swatches.mark_swatch(look))


def _what(change: _Change[Any], lang: Lang) -> str:
    """New, gone, renamed, drawn anew: in words."""
    if change.how != "changed":
        return message(f"maps.change_{change.how}").in_(lang)
    was, now, said = change.before, change.after, []
    if was is None or now is None or was.name != now.name:
        said.append(message("maps.change_renamed").in_(lang))
    if was is None or now is None or not _same(was.geometry, now.geometry):
        said.append(message("maps.change_redrawn").in_(lang))
    return "；".join(said) if lang == "zh" else "; ".join(said)
