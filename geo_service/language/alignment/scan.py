"""A description into its pieces: a verb with what it governs, a direction, a length.

Names stand bare between the verbs; `ahead` tells where they end. Reading takes linear time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from geo_service.language.alignment import words
from geo_service.language.alignment.ahead import FIGURES, Ahead
from geo_service.language.alignment.ends import (
    MARKER,
    POINT,
    REACH,
    node_of,
    title_at,
)
from geo_service.language.alignment.numbers import angle_at
from geo_service.language.alignment.pieces import LINE_WORDS, NUMBERED, Piece, Role, chunks

_LENGTH_REACH = 24
_SLOPES = {"直上": "上至", "直下": "下至", "上": "上至", "下": "下至"}
_ACROSS = re.compile(
    r"[以沿按取]?((?:垂直|平行)于?[^,。;]{1,12}?(?:的方向|方向|的直线)"
    r"|与[^,。;]{1,12}?(?:平行|垂直)(?:的方向|方向)?)"
)
"""以垂直于铁路的方向: what the line follows is no feature."""
_THROUGH = re.compile(r"[从由自]([^,。;起]{1,30}?)(?:通过|穿过|经过|越过|穿越)$")
"""从河心岛北汊通过: what is passed, and no start."""
_MET = re.compile(r"与([^,。;]{1,40}?)(?:相接|相连|相交|连接|衔接|会合|汇合|交汇)$")
"""与8号界桩相接: where a leg ends."""
_AS_AN_END = re.compile(r"以([^,。;为此]{1,30})为(起点|始点|起始点|终点|止点)")
_ASIDE = ("以上为", "以上系", "以上界线", "以上各", "上述界线", "上述各", "备注", "注:")
_WHOSE_LINE = re.compile(
    r"[^,。;沿经至从自由向穿跨过到以顺]{2,20}(?:边界线|界线|边界)"
    r"(?=的?走向|从|自|由|沿|以|大|向|呈|起|东起|西起|南起|北起|:|$)"
)
_TAKEN_UP = re.compile(
    r"(?:该|此|上述)(?:界点|界桩|界标|界碑|界石|边界点|拐点|附桩|桩|点)"
    r"(?:位于|坐落于|座落于|设在|设于|埋设于|埋设在|立于|立在|在|为|是)"
)
_AS_A_LINE = re.compile(
    r"(?:均|皆|即|作)?为[^,。;]{0,14}(?:界线|边界|分界|分界线|界)$|以此为(?:终点|止点|止|界)$"
)
"""为两县界线: what the course is, at the end of it."""
_VERBS = (Role.ALONG, Role.VIA, Role.CROSS, Role.TO)
_AS_THE_LINE = "以"


def pieces(text: str) -> Iterator[Piece]:
    """The pieces of a squeezed text in order; they leave out nothing."""
    for start, end in chunks(text):
        if end > start:
            yield from _Chunk(text, start, end).pieces()
        if end < len(text):
            yield Piece(Role.SEPARATOR, end, end + 1, value=text[end])


class _Chunk(Ahead):
    """What stands between two separators, piece by piece."""

    def __init__(self, text: str, start: int, end: int) -> None:
        super().__init__(text, start, end)
        self.opening_at = start
        # How far it is known that no name ends after 上 and 下, or 在, for which it would count.
        self._no_slope = self._no_turn = start

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
            or self._in_brackets(place)
            or self._length(place)
            or self._height(place)
            or self._azimuth(place)
            or self._distance(place)
            or self._direction(place, bare=bare)
            or self._verb(place, bare=bare)
            or (self._small_word(place) if bare else None)
        )

    def _in_brackets(self, place: int) -> Piece | None:
        """(方位角92°10'), (约300米): a figure that stands alone in brackets."""
        closing = self.closing.get(place)
        if closing is None:
            return None
        sense = words.words_of("sense").at(self.text, place + 1, closing)
        flow = Piece(Role.SENSE, place, place + 1 + len(sense))
        inner = self._azimuth(place + 1) or self._distance(place + 1)
        if inner is None and sense:
            inner = replace(flow, value=words.role("sense")[sense])
        if inner is None or inner.end != closing:
            return None
        return replace(inner, start=place, end=closing + 1)

    def _opening(self, place: int) -> Piece | None:
        numbered = NUMBERED.match(self.text, place, self.end)
        if numbered is not None and not self.text.startswith(("号", "界"), numbered.end()):
            self.opening_at = numbered.end()
            return Piece(Role.FILLER, place, numbered.end())
        if self.text.startswith(_ASIDE, place):
            return self._unknown(place, self.end)
        return (
            self._whole_length(place)
            or self._header(place)
            or self._subject(place)
            or self._starting_bare(place)
            or self._named_as_end(place)
            or self._taken_up(place)
            or self._whose_line(place)
        )

    def _starting_bare(self, place: int) -> Piece | None:
        """2号界桩向东北 …: a start without its word."""
        match = MARKER.match(self.text, place, self.end)
        if match is None:
            return None
        bracket = self.closing.get(match.end())
        end = match.end() if bracket is None else bracket + 1
        begun = words.words_of("begin").at(self.text, end, self.end)
        runs = self.signals_direction(end) or words.strong("along").at(self.text, end, self.end)
        if not begun and not runs:
            return None
        text = self.text[place:end]
        node = node_of(text, (place, end))
        return Piece(Role.START, place, end + len(begun), text, nodes=(node,))

    def _named_as_end(self, place: int) -> Piece | None:
        """以7号界桩为起点, 以猎户窝棚为终点."""
        found = _AS_AN_END.match(self.text, place, self.end)
        if found is None:
            return None
        if found[2] in ("终点", "止点"):
            return self._arrival(place, found.start(1), found.end(1), found.end())
        node = node_of(found[1], found.span(1))
        return Piece(Role.START, place, found.end(), found[1], nodes=(node,))

    def _whose_line(self, place: int) -> Piece | None:
        """甲县与乙县边界线 自 …: which line it is."""
        found = _WHOSE_LINE.match(self.text, place, self.end)
        return None if found is None else Piece(Role.FILLER, place, found.end())

    def _taken_up(self, place: int) -> Piece | None:
        """该界点在 …: where the place stands that was named last."""
        found = _TAKEN_UP.match(self.text, place, self.end)
        if found is None or found.end() == self.end:
            return None
        text = self.text[found.end() : self.end]
        return Piece(Role.LOCATING, place, self.end, text, value=found[0])

    def _whole_length(self, place: int) -> Piece | None:
        """31号界标至32号界标之间的界线长度为5.876千米, alone between separators."""
        if self.end - place > REACH:
            return None
        here = self.text.find("长", place, self.end)
        if here < 0 or not any(word in self.text[place:here] for word in LINE_WORDS):
            return None
        piece = self._length(here)
        return None if piece is None or piece.end < self.end else replace(piece, start=place)

    def _header(self, place: int) -> Piece | None:
        """165号界桩至166号界桩, as a title: alone between separators or before the sentence."""
        found = title_at(self.text, place, self.end)
        return None if found is None else Piece(Role.HEADER, place, found[1], nodes=found[0])

    def _subject(self, place: int) -> Piece | None:
        match = MARKER.match(self.text, place, self.end)
        match = match or POINT.match(self.text, place, self.end)
        if match is None:
            return None
        # 2号界桩(双立): what is in brackets is told of the marker
        bracket = self.closing.get(match.end())
        here = match.end() if bracket is None else bracket + 1
        after = words.words_of("being", "locating", "at").at(self.text, here, self.end)
        if not after and here != self.end:
            return None
        return Piece(Role.SUBJECT, place, match.end(), nodes=(node_of(match[0], match.span()),))

    def _length(self, place: int) -> Piece | None:
        word = words.words_of("length").at(self.text, place, self.end)
        figure = self.measured(place + len(word)) if word else None
        if figure is None:
            return None
        before = self.text[max(self.start, place - _LENGTH_REACH) : place]
        whole = words.role("length")[word] == "segment" or any(w in before for w in LINE_WORDS)
        role = Role.LENGTH if whole else Role.DISTANCE
        return Piece(role, place, figure[1], figure=figure[0], approximate=figure[2])

    def _height(self, place: int) -> Piece | None:
        end = self.height_end(place)
        return Piece(Role.LOCATING, place, end, self.text[place:end]) if end else None

    def _azimuth(self, place: int) -> Piece | None:
        begin = self._before_azimuth(place)
        word = words.words_of("azimuth").at(self.text, begin, self.end)
        after = begin + len(word)
        after += 1 if word and self.text.startswith(("为", ":", "约", "是"), after) else 0
        figure = angle_at(self.text, after, self.end)
        if figure is None or (not word and self.text[begin - 1 : begin] in FIGURES):
            return None
        quarter = not self.text[after].isdigit()  # 北东30°, counted as words are
        north = words.role("azimuth")[word] if word else ("true" if quarter else "grid")
        turn = bool(words.words_of("turn").at(self.text, place, begin))
        end = figure.end + (2 if self.text.startswith("方向", figure.end) else 0)
        return Piece(Role.AZIMUTH, place, end, value=north, figure=figure.value, turn=turn)

    def _before_azimuth(self, place: int) -> int:
        """Where the words end that lead to an azimuth: 转以, 按, 向."""
        leading = words.words_of("turn", "by", "heading", "along", "approximate")
        here = place
        for _ in range(3):
            here += len(leading.at(self.text, here, self.end))
        return here

    def _distance(self, place: int) -> Piece | None:
        word = words.words_of("distance").at(self.text, place, self.end)
        found = self.measured(place + len(word))
        if found is None or (place > self.start and self.text[place - 1] in FIGURES):
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
        wind, end = self.wind_at(here)
        if wind is None and self.text.startswith(("沿", "循", "按", "顺"), here):
            wind, end = self._in_the_direction(here + 1)
        if wind is None and not told:
            wind, end = self._from_wind_to_wind(here)
        if wind is None:
            turn = told.get("turn", "") if self.turns(place) else ""
            return Piece(Role.TURN, place, place + len(turn)) if turn else None
        if not told and not bare:
            return None
        turned = words.words_of("turn").at(self.text, end, self.end)
        into = words.words_of("to").at(self.text, end, self.end)
        if turned and not told and not into and not self.leads_on(end + len(turned)):  # 北折
            end, told["turn"] = end + len(turned), turned
        return Piece(
            Role.DIRECTION,
            place,
            end,
            value=wind.word,
            figure=wind.bearing_deg,
            approximate="approximate" in told,
            turn="turn" in told,
        )

    def _in_the_direction(self, place: int) -> tuple[words.Wind | None, int]:
        """沿北偏西北方向: no feature is followed."""
        word = words.wind_words().at(self.text, place, self.end)
        end = place + len(word)
        if not word or not self.text.startswith("方向", end):
            return None, place
        return words.winds()[word], end + len("方向")

    def _from_wind_to_wind(self, place: int) -> tuple[words.Wind | None, int]:
        """由西向东: the wind the line goes to."""
        if not self.text.startswith(("由", "自", "从"), place):
            return None, place
        came = words.wind_words().at(self.text, place + 1, self.end)
        after = place + 1 + len(came)
        if not came or not self.text.startswith(("向", "往", "至", "而", "朝", "到"), after):
            return None, place
        return self.wind_at(after + 1)

    def _verb(self, place: int, *, bare: bool) -> Piece | None:
        sense = words.words_of("sense").at(self.text, place, self.end)
        straight = words.words_of("straight").at(self.text, place, self.end)
        if not bare and self.is_edge(place):
            return None
        find = words.words_of if bare else words.strong
        found = {role: find(role).at(self.text, place, self.end) for role in _VERBS}
        if bare:
            found[Role.START] = words.words_of("start").at(self.text, place, self.end)
            found[Role.TURNED_AT] = words.words_of("at").at(self.text, place, self.end)
        role, word = max(found.items(), key=lambda item: len(item[1]))
        if bare and (told := self._told_otherwise(place, max(word, straight, key=len))):
            return told
        small = ("motion", "sequence") if bare else ("motion",)
        filler = words.words_of(*small).at(self.text, place, self.end)
        if role is Role.START and words.words_of("begin").at(
            self.text, place + len(filler), self.end
        ):
            filler = ""  # 从该点起
        if word and len(sense) < 3 and words.feature_words().at(self.text, place + 1, self.end):
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

    def _told_otherwise(self, place: int, word: str) -> Piece | None:
        """与8号界桩相接, 上对面山坡, 以垂直于铁路的方向: said in a way of its own."""
        through = _THROUGH.match(self.text, place, self.end)
        if through is not None:
            return Piece(Role.VIA, place, through.end(), through[1], value="经")
        met = None if word else _MET.match(self.text, place, self.end)
        if met is not None:
            return self._arrival(place, met.start(1), met.end(1), met.end())
        across = None if len(word) > 1 else _ACROSS.match(self.text, place, self.end)
        if across is not None:
            return Piece(Role.ALONG, place, across.end(), across[1])
        way = next((way for way in _SLOPES if self.text.startswith(way, place)), "")
        if word or not way or place < self._no_slope:
            return None
        begin = place + len(way)
        end = self.operand_end(begin, Role.TO, REACH) if begin < self.end else begin
        last = words.generic_words().ending(self.text, begin, end)
        named = end - begin > 1 and bool(last)
        if not named or words.words_of("sense").at(self.text, place, end) == self.text[place:end]:
            self._no_slope = end
            return None
        return replace(self._arrival(place, begin, end, end), value=_SLOPES[way])

    def _governed(self, role: Role, word: str, place: int) -> Piece | None:
        begin = place + len(word)
        if word == _AS_THE_LINE:  # 以柳河为界 follows the river, 以真方位角 … does not
            end = self.text.find("为界", begin, min(self.end, begin + REACH))
            found = Piece(role, place, end, self.text[begin:end], value=word)
            return found if end > begin else None
        if role is Role.TURNED_AT:
            if place < self._no_turn:
                return None
            end = self.operand_end(begin, role, REACH)
            turned = self._turned_at(place, begin, end)
            self._no_turn = end if turned is None else self._no_turn
            return turned
        opening = role is Role.START
        closed = words.words_of("begin").ending(self.text, begin + 1, self.end)
        end = self.end - len(closed)  # 从 … 处的一点起
        if not (opening and closed):
            end = self.operand_end(begin, role)
        if end == begin:
            return None
        text = self.text[begin:end]
        if role is Role.START:
            after = words.words_of("begin").at(self.text, end, self.end)
            node = node_of(text, (begin, end))
            return Piece(role, place, end + len(after), text, nodes=(node,))
        nodes = (node_of(text, (begin, end)),) if role is Role.TO else ()
        return Piece(role, place, end, text, value=word, nodes=nodes)

    def _turned_at(self, place: int, begin: int, end: int) -> Piece | None:
        """在石岭村北折向东: the leg before ends there; 在7号界桩处, 界线折向 …: a start."""
        marker = MARKER.match(self.text, begin, end)
        if marker is not None and end == self.end:
            stone = node_of(marker[0], marker.span())
            return Piece(Role.START, place, end, marker[0], nodes=(stone,))
        if end == self.end or not self.turns_off(end):
            return None
        if marker is not None:
            return replace(self._arrival(place, begin, marker.end(), end), value="在")
        return self._arrival(place, begin, end, end)

    def _arrival(self, place: int, begin: int, end: int, after: int) -> Piece:
        """A leg ends where no verb says so in as many words."""
        text = self.text[begin:end]
        nodes = (node_of(text, (begin, end)),)
        return Piece(Role.TO, place, after, text, value="至", nodes=nodes)

    def _small_word(self, place: int) -> Piece | None:
        closing = _AS_A_LINE.match(self.text, place, self.end)
        if closing is not None:
            return Piece(Role.FILLER, place, closing.end())
        if self.stops(place):
            return Piece(Role.FILLER, place, self.end)
        filler = words.words_of("motion", "line").at(self.text, place, self.end)
        for role in (Role.LOCATING, Role.BEING):
            word = words.words_of(role.value).at(self.text, place, self.end)
            if len(word) > len(filler):
                begin = place if words.role(role.value)[word] == "whole" else place + len(word)
                return Piece(role, place, self.end, self.text[begin : self.end], value=word)
        small = words.words_of(
            "sequence", "motion", "line", "stop", "begin", "approximate", "after_wind", "by"
        )
        word = small.at(self.text, place, self.end) or ("、" if self.text[place] == "、" else "")
        if word:
            return Piece(Role.FILLER, place, place + len(word))
        sense = words.words_of("sense").at(self.text, place, self.end)
        if sense:
            value = words.role("sense")[sense]
            return Piece(Role.SENSE, place, place + len(sense), value=value)
        return None
