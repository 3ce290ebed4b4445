"""The pieces of a description put together: clauses into legs, legs into segments."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from geo_service.domain.alignment import (
    AlignmentClause,
    AlignmentNode,
    AlignmentSegment,
    ClauseKind,
    NodeKind,
    North,
    Sense,
)
from geo_service.language.alignment import words
from geo_service.language.alignment.scan import Piece, Squeezed, pieces, squeeze

_SLOPE_ON_WATER = {Sense.UP: Sense.UPSTREAM, Sense.DOWN: Sense.DOWNSTREAM}
_WITH_THE_WATER = {
    "顺": Sense.DOWNSTREAM,
    "顺着": Sense.DOWNSTREAM,
    "溯": Sense.UPSTREAM,
    "逆": Sense.UPSTREAM,
}
_JOINTS = "和及与"
_TAKEN_UP = ("此", "该", "这", "那", "上述")
_ON_A_MARKER = (ClauseKind.POSITION, ClauseKind.REFERENCE)
_LEGS_END_ON = (NodeKind.MARKER, NodeKind.JUNCTION)


def parse(text: str) -> tuple[AlignmentSegment, ...]:
    """The segments a text describes, in its order; nothing of the text is left out.

    Words that are not understood stand as clauses of the kind `unparsed`. Any text is taken; an
    empty one has no segments.
    """
    squeezed = squeeze(text)
    assembly = _Assembly(text, squeezed)
    for piece in pieces(squeezed.text):
        assembly.take(piece)
    return assembly.finish()


@dataclass
class _Leg:
    """A clause while it is being gathered."""

    start: int
    end: int
    fields: dict[str, object] = field(default_factory=dict)

    def has(self, *names: str) -> bool:
        return any(name in self.fields for name in names)

    def put(self, piece: Piece, **values: object) -> None:
        self.end = max(self.end, piece.end)
        self.fields.update(values)


@dataclass
class _Stretch:
    """A segment while it is being gathered; `closed` once its last marker is named."""

    start: AlignmentNode | None
    declared_end: AlignmentNode | None = None
    end: AlignmentNode | None = None
    length_km: float | None = None
    clauses: list[AlignmentClause] = field(default_factory=list)
    closed: bool = False
    on_a_marker: bool = False


class _Assembly:
    """Takes pieces one by one. What each role does stands in a method of its name."""

    def __init__(self, raw: str, squeezed: Squeezed) -> None:
        self._raw, self._squeezed = raw, squeezed
        self._stretches: list[_Stretch] = []
        self._leg: _Leg | None = None
        self._lead = (0, 0)  # small words that stand before the next leg

    def take(self, piece: Piece) -> None:
        getattr(self, f"_{piece.role.value}")(piece)

    def finish(self) -> tuple[AlignmentSegment, ...]:
        self._close_leg()
        return tuple(self._segments())

    def _segments(self) -> Iterator[AlignmentSegment]:
        for stretch in self._stretches:
            clauses = tuple(sorted(stretch.clauses, key=lambda clause: clause.span))
            yield AlignmentSegment(
                start=self._placed(stretch.start),
                end=self._placed(stretch.end or stretch.declared_end),
                clauses=clauses,
                length_km=stretch.length_km,
            )

    def _placed(self, node: AlignmentNode | None) -> AlignmentNode | None:
        return node and replace(node, span=self._squeezed.span(*node.span))

    @property
    def _stretch(self) -> _Stretch:
        """The segment that is being told; one without a start where the text names none."""
        if not self._stretches:
            self._stretches.append(_Stretch(None))
        return self._stretches[-1]

    def _open(self, start: AlignmentNode, end: AlignmentNode | None = None) -> None:
        self._close_leg()
        last = self._stretches[-1] if self._stretches else None
        if last is not None and not last.clauses and last.end is None and last.declared_end:
            last.start = start  # a title, then the sentence it belongs to
        else:
            self._stretches.append(_Stretch(start, end))

    def _current(self, piece: Piece, *apart_from: str) -> _Leg:
        """The leg a piece belongs to: a new one where the last has any of the fields named."""
        if self._leg is not None and self._leg.has(*apart_from):
            self._close_leg()
        if self._leg is None:
            if self._stretch.closed:
                self._stretches.append(_Stretch(self._stretch.end))
            begin = self._lead[0] if self._lead[1] == piece.start else piece.start
            self._leg = _Leg(begin, piece.end)
        self._leg.end = max(self._leg.end, piece.end)
        return self._leg

    def _close_leg(self) -> None:
        leg, self._leg = self._leg, None
        if leg is None or not leg.fields:
            return
        # Azimuths tell where an object is in a sentence on a marker, how the line runs elsewhere.
        aside = self._stretch.on_a_marker and leg.has("bearing_deg") and not leg.has("direction")
        kind = ClauseKind.REFERENCE if aside else ClauseKind.COURSE
        self._add(kind, leg.start, leg.end, **leg.fields)

    def _add(self, kind: ClauseKind, start: int, end: int, **fields: object) -> None:
        span = self._squeezed.span(start, end)
        fields.pop("turn", None)
        clause = AlignmentClause(kind=kind, quote=self._raw[slice(*span)], span=span)
        self._stretch.on_a_marker |= kind in _ON_A_MARKER
        self._stretch.clauses.append(replace(clause, **fields))  # type: ignore[arg-type]

    def _adjoins(self, piece: Piece) -> bool:
        return self._leg is not None and self._leg.end == piece.start

    def _header(self, piece: Piece) -> None:
        self._open(*piece.nodes)

    def _start(self, piece: Piece) -> None:
        if self._continues(piece):
            self._close_leg()
            self._lead = (piece.start, piece.end)
        else:
            self._open(*piece.nodes)

    def _continues(self, piece: Piece) -> bool:
        """至鞍部。从该鞍部 …: a start that only takes up the last landmark."""
        stretch = self._stretches[-1] if self._stretches else None
        (node,) = piece.nodes
        if stretch is None or stretch.closed or stretch.end is None:
            return False
        return piece.text.startswith(_TAKEN_UP) or node.text == stretch.end.text

    def _subject(self, piece: Piece) -> None:
        self._open(*piece.nodes)

    def _turn(self, piece: Piece) -> None:
        self._close_leg()
        self._current(piece).put(piece, turn=True)

    def _direction(self, piece: Piece) -> None:
        if piece.turn:
            self._close_leg()
        leg = self._current(piece, "to", "direction")
        leg.put(
            piece,
            direction=piece.value,
            bearing_deg=piece.figure,
            approximate=piece.approximate,
        )

    def _along(self, piece: Piece) -> None:
        name, kind, part = _feature(piece.text)
        apart = ["to", "along", "part"]
        if kind == "straight" and not self._adjoins(piece):
            apart += ["direction", "sense"]
        leg = self._current(piece, *apart)
        leg.put(piece, along=name, feature_kind=kind, part=part)
        if piece.value in _WITH_THE_WATER and kind in ("watercourse", ""):
            leg.put(piece, sense=_WITH_THE_WATER[piece.value])

    def _sense(self, piece: Piece) -> None:
        sense = Sense(piece.value)
        leg = self._current(piece, "to")
        if leg.fields.get("feature_kind") == "watercourse":
            sense = _SLOPE_ON_WATER.get(sense, sense)
        leg.put(piece, sense=sense)

    def _via(self, piece: Piece) -> None:
        leg = self._current(piece, "to")
        leg.put(piece, via=(*_names(leg, "via"), *_listed(piece.text)))

    def _cross(self, piece: Piece) -> None:
        leg = self._current(piece, "to")
        leg.put(piece, cross=(*_names(leg, "cross"), *_listed(piece.text)))

    def _to(self, piece: Piece) -> None:
        leg = self._current(piece, "to")
        leg.put(piece, to=piece.text)
        (node,) = piece.nodes
        if self._stretch.end is None or self._stretch.end.kind not in _LEGS_END_ON:
            self._stretch.end = node
        if node.kind in _LEGS_END_ON:
            self._stretch.end = node
            self._stretch.closed = True
        elif not self._stretch.closed:
            self._stretch.end = node

    def _azimuth(self, piece: Piece) -> None:
        leg = self._current(piece, "to", "bearing_deg")
        leg.put(piece, bearing_deg=piece.figure, north=North(piece.value), in_figures=True)

    def _distance(self, piece: Piece) -> None:
        leg = self._current(piece, "length_m")
        leg.put(piece, length_m=piece.figure, length_approximate=piece.approximate)

    def _length(self, piece: Piece) -> None:
        self._close_leg()
        self._stretch.length_km = piece.figure / 1000

    def _being(self, piece: Piece) -> None:
        if self._leg is not None and self._leg.has("bearing_deg", "length_m"):
            self._leg.put(piece, to=piece.text.removeprefix("为").removeprefix("是"))
        else:
            self._locating(piece)

    def _locating(self, piece: Piece) -> None:
        self._close_leg()
        self._add(ClauseKind.POSITION, piece.start, piece.end, to=piece.text)

    def _filler(self, piece: Piece) -> None:
        if self._leg is not None and self._leg.end == piece.start:
            self._leg.end = piece.end
        begin = self._lead[0] if self._lead[1] == piece.start else piece.start
        self._lead = (begin, piece.end)

    def _separator(self, piece: Piece) -> None:
        if piece.value in "。\n" and self._leg is not None and self._leg.has("to"):
            self._close_leg()

    def _unknown(self, piece: Piece) -> None:
        told = self._stretch.clauses
        in_position = self._leg is None and told and told[-1].kind is ClauseKind.POSITION
        if in_position:  # 位于 … 交界处，公路西侧
            self._add(ClauseKind.POSITION, piece.start, piece.end, to=piece.text)
        else:
            self._add(ClauseKind.UNPARSED, piece.start, piece.end)


def _names(leg: _Leg, name: str) -> tuple[str, ...]:
    held = leg.fields.get(name, ())
    return held if isinstance(held, tuple) else ()


def _feature(text: str) -> tuple[str, str, str]:
    """Name, kind and part of what is followed: 清水河的中心线 is 清水河, watercourse, 中心线."""
    end = len(text)
    while word := _part(text, end):
        end -= len(word)
    name, part = text[:end].removesuffix("的"), text[end:]
    last = words.feature_words().ending(name, 0, len(name))
    kind = words.features()[last] if last else ""
    return name, kind, part


def _part(text: str, end: int) -> str:
    """The part that ends here: the longest that leaves a feature (公路|中心, not 公|路中心)."""
    found = list(words.part_words().endings(text, 1, end))
    known = words.feature_words(), words.part_words()
    for word in found:
        if any(table.ending(text, 0, end - len(word)) for table in known):
            return word
    return found[0] if found else ""


def _listed(text: str) -> tuple[str, ...]:
    """The names of a list: parted by 、, and by 和 where what stands before is complete."""
    return tuple(name for part in text.split("、") for name in _joined(part) if name)


def _joined(text: str) -> Iterator[str]:
    begin = 0
    for place, character in enumerate(text):
        if character in _JOINTS and words.generic_words().ending(text, begin, place):
            yield text[begin:place]
            begin = place + 1
    yield text[begin:]
