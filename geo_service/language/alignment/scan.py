"""A description into its pieces: a verb with what it governs, a direction, a length.

Names stand bare between the verbs, and hold verbs and winds themselves (过驾村, 东山). So a strong
verb always ends the name before it, a weak one only where that name is complete: where it ends in
a word that names end in. Every test looks a bounded way ahead; reading takes linear time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from geo_service.domain.alignment import AlignmentNode, NodeKind
from geo_service.language.alignment import words
from geo_service.language.alignment.numbers import angle_at, flat, length_at, number

_SEPARATORS = frozenset(",;。:!?\n")
_BRACKETS = {"(": ")", "「": "」", "“": "”", "《": "》"}
_CLOSING = frozenset(_BRACKETS.values())
_FIGURES = frozenset("0123456789.零〇一二三四五六七八九两十百千万点")
_MARKER = re.compile(
    r"第?([0-9]{1,7}(?:/[0-9]{1,3})?|[零〇一二三四五六七八九十百]{1,7})([A-EQ]?)(?:\([0-9]\))?"
    r"号?([A-EQ]?)(?:\([0-9]\))?(?:辅助)?(?:界桩|界标|界碑|桩|附标)"
)
_BARE_NUMBER = re.compile(r"([0-9]{1,7}(?:/[0-9]{1,3})?)([A-EQ]?)号?(?:界桩|界标)?")
_HEADER_JOINTS = ("至", "到", "—", "–", "-", "~", "―")
_HEADER_ENDS = ("", "段", "之间", "间", "段界线", "之间界线", "间界线", "之间的界线")
_HEADER_REACH = 60
_LENGTH_REACH = 24
_NUMBERED = re.compile(
    r"(?:第?[零〇一二三四五六七八九十0-9]{1,3}(?:段|、|[.)](?![0-9]))|\([0-9]{1,2}\))"
)
_AS_THE_LINE = "以"
_LINE_WORDS = ("界线", "边界", "段", "全线")


class Role(StrEnum):
    """What a piece does."""

    HEADER = "header"
    START = "start"
    SUBJECT = "subject"
    TURN = "turn"
    DIRECTION = "direction"
    ALONG = "along"
    VIA = "via"
    CROSS = "cross"
    TO = "to"
    SENSE = "sense"
    AZIMUTH = "azimuth"
    DISTANCE = "distance"
    LENGTH = "length"
    BEING = "being"
    LOCATING = "locating"
    FILLER = "filler"
    SEPARATOR = "separator"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Piece:
    """One piece with its place in the squeezed text.

    `text` is what the verb governs; `value` what the word itself says; `figure` a number in
    metres or degrees; `nodes` the ends named.
    """

    role: Role
    start: int
    end: int
    text: str = ""
    value: str = ""
    figure: float = 0.0
    approximate: bool = False
    turn: bool = False
    nodes: tuple[AlignmentNode, ...] = ()


@dataclass(frozen=True, slots=True)
class Squeezed:
    """A text in plain characters without blanks, and where each character came from."""

    text: str
    places: tuple[int, ...]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """A place of the squeezed text in the text as handed in."""
        return self.places[start], self.places[end - 1] + 1


def squeeze(raw: str) -> Squeezed:
    """Full-width forms made plain and blanks left out; a new line that begins a segment stays."""
    text = flat(raw)
    kept: list[int] = []
    broken = False
    for place, character in enumerate(text):
        if character.isspace() or not character.isprintable():
            broken = broken or character == "\n"
            continue
        if broken and kept and _begins_line(text, place):
            kept.append(-place)
        broken = False
        kept.append(place)
    letters = "".join("\n" if place < 0 else text[place] for place in kept)
    return Squeezed(letters, tuple(abs(place) for place in kept))


def _begins_line(text: str, place: int) -> bool:
    limit = min(len(text), place + 8)
    return bool(
        words.words_of("start").at(text, place, limit)
        or text.startswith(_LINE_WORDS, place)
        or _NUMBERED.match(text, place, limit)
        or _MARKER.match(text, place, place + _HEADER_REACH)
    )


def pieces(text: str) -> Iterator[Piece]:
    """The pieces of a squeezed text in order; they leave out nothing."""
    for start, end in _chunks(text):
        if end > start:
            yield from _Chunk(text, start, end).pieces()
        if end < len(text):
            yield Piece(Role.SEPARATOR, end, end + 1, value=text[end])


def _chunks(text: str) -> Iterator[tuple[int, int]]:
    closing = _closing_places(text)
    start = place = 0
    while place < len(text):
        if place in closing:
            place = closing[place]
        elif text[place] in _SEPARATORS and not _groups_digits(text, place):
            yield start, place
            start = place + 1
        place += 1
    yield start, len(text)


def _groups_digits(text: str, place: int) -> bool:
    after = text[place + 1 : place + 5]
    return (
        text[place] == ","
        and text[place - 1 : place].isdigit()
        and after[:3].isdecimal()
        and len(after[:3]) == 3
        and not after[3:].isdecimal()
    )


def _closing_places(text: str) -> dict[int, int]:
    """Where each opening bracket is closed; one that is not closed is an ordinary character."""
    open_at: dict[str, list[int]] = {closing: [] for closing in _CLOSING}
    found: dict[int, int] = {}
    for place, character in enumerate(text):
        if character in _BRACKETS:
            open_at[_BRACKETS[character]].append(place)
        elif character in _CLOSING and open_at[character]:
            found[open_at[character].pop()] = place
        elif character in "。;":
            open_at = {closing: [] for closing in _CLOSING}
    return found


def node_of(text: str, span: tuple[int, int]) -> AlignmentNode:
    """What a name of an end names: a marker, a junction or a landmark."""
    marker = _MARKER.match(text)
    if marker is not None and (marker.end() == len(text) or text[marker.end()] in "(["):
        return AlignmentNode(NodeKind.MARKER, text, span, _marker_number(marker))
    if words.node_words("junction").ending(text, 0, len(text.partition("(")[0])) or (
        words.node_words("junction").ending(text, 0, len(text))
    ):
        return AlignmentNode(NodeKind.JUNCTION, text, span)
    return AlignmentNode(NodeKind.LANDMARK, text, span)


def _marker_number(match: re.Match[str]) -> str:
    digits, before, *after = (*match.groups(), "")
    if not digits[0].isascii():
        digits = str(int(number(digits)))
    return digits + (before or after[0])


class _Chunk:
    """What stands between two separators."""

    def __init__(self, text: str, start: int, end: int) -> None:
        self.text, self.start, self.end = text, start, end
        self.opening_at = start
        inner = _closing_places(text[start:end])
        self.closing = {start + a: start + b for a, b in inner.items()}

    def pieces(self) -> Iterator[Piece]:
        place, pending = self.start, self.start
        while place < self.end:
            piece = self._piece(place, bare=pending == place)
            if piece is None:
                place = self.closing.get(place, place) + 1
                continue
            if piece.role is Role.LENGTH:  # 该段界线长度为 …: the words before belong to it
                piece = replace(piece, start=pending)
            elif piece.start > pending:
                yield self._unknown(pending, piece.start)
            yield piece
            place = pending = piece.end
        if pending < self.end:
            yield self._unknown(pending, self.end)

    def _unknown(self, start: int, end: int) -> Piece:
        return Piece(Role.UNKNOWN, start, end, self.text[start:end])

    def _piece(self, place: int, *, bare: bool) -> Piece | None:
        """The piece that begins here; inside unknown words (`not bare`) only plain signs count."""
        opening = self._opening(place) if place == self.opening_at else None
        return (
            opening
            or self._length(place)
            or self._height(place)
            or self._azimuth(place)
            or self._distance(place)
            or self._direction(place, bare=bare)
            or self._verb(place, bare=bare)
            or (self._small_word(place) if bare else None)
        )

    def _opening(self, place: int) -> Piece | None:
        numbered = _NUMBERED.match(self.text, place, self.end)
        if numbered is not None and not self.text.startswith(("号", "界"), numbered.end()):
            self.opening_at = numbered.end()
            return Piece(Role.FILLER, place, numbered.end())
        return self._header(place) or self._whole_length(place) or self._subject(place)

    def _whole_length(self, place: int) -> Piece | None:
        """31号界标至32号界标之间的界线长度为5.876千米, alone between separators."""
        if self.end - place > _HEADER_REACH:
            return None
        here = self.text.find("长", place, self.end)
        if here < 0 or not any(word in self.text[place:here] for word in _LINE_WORDS):
            return None
        piece = self._length(here)
        return None if piece is None or piece.end < self.end else replace(piece, start=place)

    def _header(self, place: int) -> Piece | None:
        """165号界桩至166号界桩, as a title: alone between separators."""
        if self.end - place > _HEADER_REACH:
            return None
        first = _MARKER.match(self.text, place, self.end) or _BARE_NUMBER.match(
            self.text, place, self.end
        )
        if first is None or not self.text.startswith(_HEADER_JOINTS, first.end()):
            return None
        second = _MARKER.match(self.text, first.end() + 1, self.end)
        if second is None or self.text[second.end() : self.end] not in _HEADER_ENDS:
            return None
        nodes = tuple(
            AlignmentNode(NodeKind.MARKER, match[0], match.span(), _marker_number(match))
            for match in (first, second)
        )
        return Piece(Role.HEADER, place, self.end, nodes=nodes)

    def _subject(self, place: int) -> Piece | None:
        match = _MARKER.match(self.text, place, self.end)
        if match is None:
            return None
        after = words.words_of("being", "locating").at(self.text, match.end(), self.end)
        if not after and match.end() != self.end:
            return None
        node = AlignmentNode(NodeKind.MARKER, match[0], match.span(), _marker_number(match))
        return Piece(Role.SUBJECT, place, match.end(), nodes=(node,))

    def _length(self, place: int) -> Piece | None:
        word = words.words_of("length").at(self.text, place, self.end)
        figure = self._measured(place + len(word)) if word else None
        if figure is None:
            return None
        before = self.text[max(self.start, place - _LENGTH_REACH) : place]
        whole = words.role("length")[word] == "segment" or any(w in before for w in _LINE_WORDS)
        role = Role.LENGTH if whole else Role.DISTANCE
        return Piece(role, place, figure[1], figure=figure[0], approximate=figure[2])

    def _height(self, place: int) -> Piece | None:
        word = words.words_of("height").at(self.text, place, self.end)
        figure = length_at(self.text, place + len(word), self.end) if word else None
        if figure is None:
            return None
        text = self.text[place : figure.end]
        return Piece(Role.LOCATING, place, figure.end, text, value=word)

    def _measured(self, place: int) -> tuple[float, int, bool] | None:
        """Metres, place after them, and whether only about, where a length begins here."""
        about = words.words_of("approximate").at(self.text, place, self.end)
        figure = length_at(self.text, place + len(about), self.end)
        if figure is None:
            return None
        end = figure.end + (self.text[figure.end : figure.end + 1] in ("左", "余") and 1)
        end += 1 if end > figure.end and self.text[end : end + 1] == "右" else 0
        return figure.value, end, bool(about) or end > figure.end

    def _azimuth(self, place: int) -> Piece | None:
        word = words.words_of("azimuth").at(self.text, place, self.end)
        after = place + len(word)
        after += 1 if word and self.text.startswith(("为", ":"), after) else 0
        figure = angle_at(self.text, after, self.end)
        if figure is None or (not word and self.text[place - 1 : place] in _FIGURES):
            return None
        north = words.role("azimuth")[word] if word else "grid"
        return Piece(Role.AZIMUTH, place, figure.end, value=north, figure=figure.value)

    def _distance(self, place: int) -> Piece | None:
        word = words.words_of("distance").at(self.text, place, self.end)
        found = self._measured(place + len(word))
        if found is None or (place > self.start and self.text[place - 1] in _FIGURES):
            return None
        metres, end, about = found
        if words.generic_words().at(self.text, end, self.end) and self.text[end] != "处":
            return None  # 625米高地
        return Piece(Role.DISTANCE, place, end, figure=metres, approximate=about)

    def _direction(self, place: int, *, bare: bool) -> Piece | None:
        here, told = place, {}
        for role in ("turn", "approximate", "heading", "approximate", "turn", "heading"):
            word = words.words_of(role).at(self.text, here, self.end)
            if word:
                told[role] = word
                here += len(word)
        wind, end = self._wind(here)
        if wind is None:
            turn = told.get("turn", "") if self._turns(place) else ""
            return Piece(Role.TURN, place, place + len(turn)) if turn else None
        if not told and not bare:
            return None
        return Piece(
            Role.DIRECTION,
            place,
            end,
            value=wind.word,
            figure=wind.bearing_deg,
            approximate="approximate" in told,
            turn="turn" in told,
        )

    def _turns(self, place: int) -> bool:
        word = words.words_of("turn").at(self.text, place, self.end)
        after = place + len(word)
        return bool(
            word
            and (
                after == self.end
                or words.words_of("along", "to", "straight", "sense").at(self.text, after, self.end)
            )
        )

    def _wind(self, place: int) -> tuple[words.Wind | None, int]:
        """The wind that begins here, where what follows is no name (向东山村 goes to 东山村)."""
        limit = self.end
        while word := words.wind_words().at(self.text, place, limit):
            end = place + len(word)
            if self._goes_on(end):
                return words.winds()[word], end
            limit = end - 1
        return None, place

    def _goes_on(self, place: int) -> bool:
        if place == self.end or self.text[place] in "、(":
            return True
        following = words.words_of(
            "after_wind", "motion", "sense", "along", "via", "cross", "to", "approximate", "turn",
            "sequence", "heading", "straight", "azimuth", "distance", "stop",
        )  # fmt: skip
        return bool(
            following.at(self.text, place, self.end) or length_at(self.text, place, self.end)
        )

    def _verb(self, place: int, *, bare: bool) -> Piece | None:
        sense = words.words_of("sense").at(self.text, place, self.end)
        straight = words.words_of("straight").at(self.text, place, self.end)
        find = words.words_of if bare else words.strong
        found = {role: find(role).at(self.text, place, self.end) for role in _VERBS}
        if bare:
            found[Role.START] = words.words_of("start").at(self.text, place, self.end)
        role, word = max(found.items(), key=lambda item: len(item[1]))
        filler = words.words_of("motion").at(self.text, place, self.end)
        if word and words.feature_words().at(self.text, place + 1, self.end):
            sense = ""  # 顺水沟 follows a ditch; it is not 顺水
        if len(sense) > max(len(word), len(filler), len(straight)) and (bare or len(sense) > 1):
            return Piece(Role.SENSE, place, place + len(sense), value=words.role("sense")[sense])
        if straight and len(straight) >= len(word):
            end = place + len(straight)
            end += 2 if self.text.startswith("线段", end - 1) else 0
            return Piece(Role.ALONG, place, end, text="直线")
        if not word or len(filler) > len(word):
            return None
        return self._governed(role, word, place)

    def _governed(self, role: Role, word: str, place: int) -> Piece | None:
        begin = place + len(word)
        opening = role is Role.START
        closed = words.words_of("begin").ending(self.text, begin + 1, self.end)
        end = self.end - len(closed)  # 从 … 处的一点起
        if not (opening and closed):
            end = self._operand_end(begin, opening=opening)
        if end == begin:
            return None
        text = self.text[begin:end]
        if role is Role.START:
            after = words.words_of("begin").at(self.text, end, self.end)
            node = node_of(text, (begin, end))
            return Piece(role, place, end + len(after), text, nodes=(node,))
        if word == _AS_THE_LINE and not self.text.startswith("为界", end):
            return None  # 以柳河为界 follows the river, 以真方位角 … does not
        nodes = (node_of(text, (begin, end)),) if role is Role.TO else ()
        return Piece(role, place, end, text, value=word, nodes=nodes)

    def _operand_end(self, begin: int, *, opening: bool) -> int:
        """Where the name that begins here ends."""
        place = begin
        while place < self.end:
            if place > begin and self._breaks(begin, place, opening=opening):
                return place
            place = self.closing.get(place, place) + 1
        return self.end

    def _breaks(self, begin: int, place: int, *, opening: bool) -> bool:
        text, end = self.text, self.end
        sense = words.words_of("sense").at(text, place, end)
        if (
            len(sense) > 1
            or words.strong("along", "via", "cross", "to").at(text, place, end)
            or self._signals_direction(place)
            or self._ends_in_length(place)
            or self._stops(place)
        ):
            return True
        complete = text[place - 1] in _CLOSING or bool(
            words.generic_words().ending(text, begin, place)
        )
        if opening and words.words_of("begin").at(text, place, end):
            return complete or place + 1 == end
        if complete and words.words_of("straight").at(text, place, end):
            return True
        if not complete or words.generic_words().at(text, place, end):
            return False
        return bool(sense) or self._weakly_follows(place)

    def _stops(self, place: int) -> bool:
        stop = words.words_of("stop").at(self.text, place, self.end)
        return bool(stop) and place + len(stop) == self.end

    def _weakly_follows(self, place: int) -> bool:
        """What ends a name only where it is complete: weak verbs, fillers, words of sequence."""
        weak = words.words_of("along", "cross", "to", "motion", "straight", "turn", "being")
        if weak.at(self.text, place, self.end):
            return True
        sequence = words.words_of("sequence", "start").at(self.text, place, self.end)
        return bool(sequence)

    def _signals_direction(self, place: int) -> bool:
        signs = words.words_of("turn", "heading", "approximate")
        word = signs.at(self.text, place, self.end)
        if not word:
            return False
        here = place
        while word:
            here += len(word)
            word = signs.at(self.text, here, self.end)
        return self._wind(here)[0] is not None or self._turns(place)

    def _ends_in_length(self, place: int) -> bool:
        """Whether a length begins here that is no part of the name (东南约460米处的河道点 is)."""
        if self.text[place - 1] in _FIGURES:
            return False
        word = words.words_of("distance").at(self.text, place, self.end)
        found = self._measured(place + len(word))
        if found is None:
            return False
        after = found[1]
        following = words.generic_words().at(self.text, after, self.end)
        return not following and not self.text.startswith("的", after)

    def _small_word(self, place: int) -> Piece | None:
        filler = words.words_of("motion").at(self.text, place, self.end)
        for role in (Role.LOCATING, Role.BEING):
            word = words.words_of(role.value).at(self.text, place, self.end)
            if len(word) > len(filler):
                text = self.text[place + len(word) : self.end]
                return Piece(role, place, self.end, text, value=word)
        small = words.words_of("sequence", "motion", "stop", "begin", "approximate", "after_wind")
        word = small.at(self.text, place, self.end)
        if word:
            return Piece(Role.FILLER, place, place + len(word))
        sense = words.words_of("sense").at(self.text, place, self.end)
        if sense:
            value = words.role("sense")[sense]
            return Piece(Role.SENSE, place, place + len(sense), value=value)
        return None


_VERBS = (Role.ALONG, Role.VIA, Role.CROSS, Role.TO)
