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
from geo_service.language.alignment.pieces import Piece, Squeezed, squeeze, with_trailing
from geo_service.language.alignment.scan import pieces

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
    for piece in with_trailing(pieces(squeezed.text)):
        assembly.take(piece)
    return assembly.finish()


@dataclass
class _Leg:
    """A clause while it is being gathered."""

    start: int
    end: int
    fields: dict[str, object] = field(default_factory=dict)
    of_object: bool = False

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
        self._located = (0, 0)  # the statement on a position that was told last

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
        aside = self._stretch.on_a_marker and leg.has("bearing_deg")
        aside &= leg.of_object or not leg.has("direction")
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
        if stretch is None or stretch.closed:
            return False
        if stretch.end is None:  # 从鹿场起, 由鹿场往东
            begun = stretch.start is not None and not stretch.clauses and self._leg is None
            return begun and stretch.start is not None and stretch.start.text == node.text
        last = stretch.end.text  # 十里铺北道口, then 从道口; 水坝, then 从水坝左坝头
        same = last.endswith(node.text) or node.text.startswith(last)
        return same or piece.text.startswith(_TAKEN_UP)

    def _subject(self, piece: Piece) -> None:
        self._open(*piece.nodes)
        self._located = (piece.end, piece.end)  # what follows is told of it

    def _turn(self, piece: Piece) -> None:
        self._turn_off()
        self._current(piece).put(piece, turn=True)

    def _turn_off(self) -> None:
        """A turn ends a leg, but what was crossed to get there belongs to the next one."""
        if self._leg is not None and set(self._leg.fields) != {"cross"}:
            self._close_leg()

    def _direction(self, piece: Piece) -> None:
        if piece.turn:
            self._turn_off()
        leg = self._leg
        same = leg is not None and leg.fields.get("direction") == piece.value
        same = same and not self._follows_on(piece) and not (leg and leg.has("length_m"))
        leg = self._current(piece, "to", *(() if same else ("direction",)))
        leg.put(
            piece,
            direction=piece.value,
            bearing_deg=piece.figure,
            approximate=piece.approximate,
        )

    def _along(self, piece: Piece) -> None:
        name, kind, part = _feature(piece.text)
        apart = ["to", "along", "part"]
        told = self._leg is not None and self._leg.has("along", "length_m", "via", "cross")
        if kind == "straight" and told and not self._adjoins(piece):
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
        if not self._stretches and piece.value in words.role("at"):
            self._open(*piece.nodes)  # 在14号界桩处转向北: the text begins there
            return
        leg = self._current(piece, "to")
        leg.put(piece, to=piece.text)
        _, _, slope = words.role("to").get(piece.value, "").partition("-")
        if slope:
            leg.put(piece, sense=Sense(slope))
        (node,) = piece.nodes
        if self._stretch.end is None or self._stretch.end.kind not in _LEGS_END_ON:
            self._stretch.end = node
        if node.kind in _LEGS_END_ON:
            self._stretch.end = node
            self._stretch.closed = True
        elif not self._stretch.closed:
            self._stretch.end = node

    def _follows_on(self, piece: Piece) -> bool:
        """Whether a small word stands right before: 再, 然后."""
        return self._lead[0] < self._lead[1] == piece.start

    def _azimuth(self, piece: Piece) -> None:
        again = self._follows_on(piece) and self._leg is not None and self._leg.has("direction")
        if piece.turn or again:
            self._close_leg()
        leg = self._current(piece, *(() if self._closes(piece) else ("to",)), "in_figures")
        leg.put(piece, bearing_deg=piece.figure, north=North(piece.value), in_figures=True)

    def _closes(self, piece: Piece) -> bool:
        """Whether a figure is told of the leg that has just ended, not of one to come."""
        return piece.trailing and not self._stretch.on_a_marker and self._leg is not None

    def _distance(self, piece: Piece) -> None:
        if self._goes_on_locating(piece):
            return
        titled = self._stretches and self._stretches[-1].declared_end is not None
        if titled and self._leg is None and not self._stretch.clauses:
            self._stretch.length_km = piece.figure / 1000  # 9号界桩—10号界桩(长1.25km)
            return
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
        self._located = (piece.start, piece.end)

    def _goes_on_locating(self, piece: Piece) -> bool:
        """4779米高地东北 + 约1.8公里 + 处: a position is told to its end."""
        start, end = self._located
        if self._leg is not None or end != piece.start or end == start:
            return False
        told = self._stretch.clauses.pop()
        text = self._squeezed.text[end : piece.end]
        self._add(ClauseKind.POSITION, start, piece.end, to=told.to + text)
        self._located = (start, piece.end)
        return True

    def _names_object(self, piece: Piece) -> bool:
        """方位角180°, 26.3米, 机井: in a statement on a marker the object may stand bare."""
        leg = self._leg
        if leg is None or not self._stretch.on_a_marker or leg.has("to"):
            return False
        if not (leg.has("bearing_deg") and leg.has("length_m")):
            return False
        leg.of_object = True
        leg.put(piece, to=piece.text)
        self._close_leg()
        return True

    def _filler(self, piece: Piece) -> None:
        if self._goes_on_locating(piece):
            return
        if self._leg is not None and self._leg.end == piece.start:
            self._leg.end = piece.end
        begin = self._lead[0] if self._lead[1] == piece.start else piece.start
        self._lead = (begin, piece.end)

    def _separator(self, piece: Piece) -> None:
        if piece.value not in "。\n":
            return
        self._located = (0, 0)
        if self._leg is not None and self._leg.has("to"):
            self._close_leg()

    def _unknown(self, piece: Piece) -> None:
        if self._goes_on_locating(piece) or self._names_object(piece):
            return
        if self._leg is None and self._located != (0, 0):  # 位于 … 交界处，公路西侧
            self._locating(piece)
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
        end -= end > 1 and text[end - 1] in "、和及" and bool(_part(text, end - 1))
    name, part = text[:end].removesuffix("的"), text[end:]
    if name in words.parts():  # 沿北侧坡脚线: of the feature followed before
        name, part = text, ""
    last = words.feature_words().ending(name, 0, len(name))
    kind = words.features()[last] if last else ""
    return name, kind, part


def _part(text: str, end: int) -> str:
    """The part that ends here: the longest that leaves a feature (公路|中心, not 公|路中心)."""
    whole = words.feature_words().ending(text, 0, end)
    found = [word for word in words.part_words().endings(text, 1, end) if len(word) >= len(whole)]
    known = words.feature_words(), words.part_words()
    for word in found:
        left = len(text[: end - len(word)].removesuffix("的"))
        if any(table.ending(text, 0, left) for table in known):
            return word
    return found[0] if found else ""


def _listed(text: str) -> tuple[str, ...]:
    """The names of a list: parted by 、, and by 和 where what stands before is complete."""
    return tuple(name for part in _parted(text) for name in _joined(part) if name)


def _parted(text: str) -> Iterator[str]:
    """Parts between 、 outside brackets: 坐标点(X=4333000、Y=19401000) is one."""
    begin = depth = 0
    for place, character in enumerate(text):
        depth += (character == "(") - (character == ")")
        if character == "、" and depth <= 0:
            yield text[begin:place]
            begin = place + 1
    yield text[begin:]


def _joined(text: str) -> Iterator[str]:
    begin = 0
    for place, character in enumerate(text):
        complete = text[place - 1 : place] == ")" or words.generic_words().ending(
            text, begin, place
        )
        also = text.startswith("以及", place)
        if complete and (also or character in _JOINTS):
            yield text[begin:place]
            begin = place + 1 + also
    yield text[begin:]
