"""What stands ahead in a text: winds, lengths, and where a name ends that stands bare.

Names hold verbs and winds themselves (过驾村, 东山). So a strong verb always ends the name before
it, a weak one only where that name is complete: where it ends in a word that names end in. Every
test looks a bounded way ahead.
"""

from __future__ import annotations

import re

from geo_service.language.alignment import words
from geo_service.language.alignment.numbers import angle_at, length_at
from geo_service.language.alignment.pieces import CLOSING, Role, closing_places

FIGURES = frozenset("0123456789.零〇○一二三四五六七八九两十百千万点")
_NAME_REACH = 10
_SIGNS = 6
"""Words of turning and heading in a row at most: 再略向 …"""
_LANDING = ("登岸", "上岸", "离岸", "登陆", "转", "折", "拐")
_LISTED = re.compile(r"(?:、[^、,。;]{1,40}[0-9](?:公里|千米|米|里)){1,8}处")
_COORDINATE = re.compile(r"(?:[东西]经|[南北]纬)[0-9]{1,3}(?:[°度]|\.[0-9]{3})")
"""东经119°: no wind."""
_GOING = words.Words(("行", "折", "拐", "转", "走", "而行", "方向", "延伸", "行进", "而去"))
"""What follows a wind that is no part of a name."""


class Ahead:
    """What stands between two separators."""

    def __init__(self, text: str, start: int, end: int) -> None:
        self.text, self.start, self.end = text, start, end
        inner = closing_places(text[start:end])
        self.closing = {start + a: start + b for a, b in inner.items()}

    def wind_at(self, place: int) -> tuple[words.Wind | None, int]:
        """The wind that begins here, where what follows is no name (向东山村 goes to 东山村)."""
        if _COORDINATE.match(self.text, place, self.end):
            return None, place
        limit = self.end
        while word := words.wind_words().at(self.text, place, limit):
            end = place + len(word)
            if self.goes_on(end):
                return words.winds()[word], end
            limit = end - 1
        return None, place

    def goes_on(self, place: int) -> bool:
        """Whether what follows a wind leaves it a wind."""
        if place == self.end or self.text[place] in "、(":
            return True
        following = words.words_of(
            "after_wind", "motion", "sense", "along", "via", "cross", "to", "approximate", "turn",
            "sequence", "heading", "straight", "azimuth", "distance", "stop",
        )  # fmt: skip
        return bool(
            following.at(self.text, place, self.end) or length_at(self.text, place, self.end)
        )

    def turns(self, place: int) -> bool:
        """Whether a turn begins here that names no wind, and what follows says where to."""
        word = words.words_of("turn").at(self.text, place, self.end)
        after = place + len(word)
        return bool(
            word
            and (
                after == self.end
                or words.words_of("along", "to", "straight", "sense").at(self.text, after, self.end)
            )
        )

    def turns_off(self, place: int) -> bool:
        """Whether the line turns here, lands or leaves."""
        after = place + self.text.startswith("处", place)
        going = words.words_of("along", "cross", "via").at(self.text, after, self.end)
        return bool(going or self.signals_direction(after)) or self.text.startswith(_LANDING, after)

    def leads_on(self, place: int) -> bool:
        """Whether a turn is told by what follows: another wind, a figure."""
        heading = words.words_of("approximate", "heading").at(self.text, place, self.end)
        return bool(self.wind_at(place + len(heading))[0] or angle_at(self.text, place, self.end))

    def signals_direction(self, place: int) -> bool:
        """Whether a turn or a heading begins here, with its wind."""
        signs = words.words_of("turn", "heading", "approximate")
        word = signs.at(self.text, place, self.end)
        if not word:
            return False
        here = place
        for _ in range(_SIGNS):
            here += len(word)
            word = signs.at(self.text, here, self.end)
        return self.wind_at(here)[0] is not None or self.turns(place)

    def measured(self, place: int) -> tuple[float, int, bool] | None:
        """Metres, place after them, and whether only about, where a length begins here."""
        about = words.words_of("approximate").at(self.text, place, self.end)
        figure = length_at(self.text, place + len(about), self.end)
        if figure is None:
            return None
        end = figure.end
        for word in ("左右", "上下", "余", "多", "许"):
            if self.text.startswith(word, end) and end + len(word) <= self.end:
                end += len(word)
                break
        return figure.value, end, bool(about) or figure.about or end > figure.end

    def ends_in_length(self, place: int) -> bool:
        """Whether a length begins here that is no part of the name (东南约460米处的河道点 is)."""
        if self.text[place - 1] in FIGURES or self.text[place - 1] == "、":
            return False  # 经5033米高地、4719米红石山口
        word = words.words_of("distance").at(self.text, place, self.end)
        found = self.measured(place + len(word))
        if found is None:
            return False
        after = found[1]
        if _LISTED.match(self.text, after, self.end):
            return False  # 2744米高地以东约1.5公里、2698米高地东约2.2公里处的界点
        following = words.generic_words().at(self.text, after, self.end)
        return not following and not self.text.startswith("的", after)

    def names_under(self, begin: int, place: int) -> bool:
        """Whether 上 or 下 tells where a thing stands, and no way: 沿桥下水沟, 至岩下村祠堂."""
        last = words.generic_words().ending(self.text, begin, place)
        kind = words.landmark_kinds().get(last, "")
        named = words.place_words().at(self.text, place + 1, self.end)
        return kind in ("works", "relief") and last not in words.features() and bool(named)

    def stops(self, place: int) -> bool:
        """Whether the sentence stops here: 止, 为止."""
        stop = words.words_of("stop").at(self.text, place, self.end)
        return bool(stop) and place + len(stop) == self.end

    def is_edge(self, place: int) -> bool:
        """Whether 沿 is the edge of the feature before it: 水渠南沿, 路基外沿."""
        if not self.text.startswith("沿", place):
            return False
        noun = words.place_words().ending(self.text, self.start, place + 1)
        if len(noun) > 1:
            return True  # 沟沿, 河沿
        for part in words.part_words().endings(self.text, self.start, place + 1):
            begin = place + 1 - len(part)
            if len(part) > 1 and words.generic_words().ending(self.text, self.start, begin):
                return True
        return False

    def between(self, begin: int, place: int) -> bool:
        """Whether 至 joins two places in the name of a way: 沿石岭至柳河的公路."""
        if self.text[place] not in "至到":
            return False
        last = words.generic_words().ending(self.text, begin, place)
        if words.landmark_kinds().get(last) == "settlement":
            return True
        way = self.text.find("的", place, place + _NAME_REACH)
        return way > 0 and bool(words.feature_words().at(self.text, way + 1, self.end))

    def weakly_follows(self, place: int) -> bool:
        """What ends a name only where it is complete: weak verbs, fillers, words of sequence."""
        weak = words.weak("along", "cross", "to", "motion", "straight", "turn", "being")
        if weak.at(self.text, place, self.end):
            return True
        wind = words.wind_words().at(self.text, place, self.end)
        if wind and _GOING.at(self.text, place + len(wind), self.end):
            return True  # 沿公路北侧东行
        sequence = words.words_of("sequence", "start").at(self.text, place, self.end)
        return bool(sequence)

    def breaks(self, begin: int, place: int, role: Role) -> bool:
        """Whether the name that begins at `begin` ends before `place`."""
        text, end = self.text, self.end
        sense = words.words_of("sense").at(text, place, end)
        if (
            len(sense) > 1
            or words.strong("along", "via", "cross", "to").at(text, place, end)
            or self.signals_direction(place)
            or self.ends_in_length(place)
            or self.stops(place)
            or self.text[place:end] == "后"  # 经稻田后
        ):
            return True
        complete = text[place - 1] in CLOSING or bool(
            words.generic_words().ending(text, begin, place)
        )
        if role is Role.START and words.words_of("begin").at(text, place, end):
            return complete or place + 1 == end
        if complete and words.words_of("straight").at(text, place, end):
            return True
        if not complete or words.generic_words().at(text, place, end):
            return False
        if sense and self.names_under(begin, place):
            return False
        # 分水岭上的高程点, 至山梁上: a place on it, no way up
        on_it = text.startswith("的", place + 1) or (role is not Role.ALONG and place + 1 == end)
        return not on_it if sense else self.weakly_follows(place)

    def operand_end(self, begin: int, role: Role, reach: int | None = None) -> int:
        """Where the name that begins here ends; no farther than `reach` characters on."""
        place, end = begin, self.end if reach is None else min(self.end, begin + reach)
        while place < end:
            in_name = role is Role.ALONG and self.between(begin, place)
            in_name = in_name or bool(self.beyond_end(place)) or self.is_edge(place)
            if place > begin and not in_name and self.breaks(begin, place, role):
                return place
            place = (
                self.height_end(place)
                or self.beyond_end(place)
                or self.closing.get(place, place) + 1
            )
        return end

    def beyond_end(self, place: int) -> int:
        """The place after 以南 and the like, which tell of a place beyond the one named."""
        if not self.text.startswith("以", place):
            return 0
        word = words.wind_words().at(self.text, place + 1, self.end)
        return place + 1 + len(word) if word else 0

    def height_end(self, place: int) -> int:
        """The place after a height that begins here and belongs to a name: 高程为4919米的鞍部."""
        word = words.words_of("height").at(self.text, place, self.end)
        begin = place + len(word)
        begin += 1 if word and self.text.startswith(("为", "约", "是", ":"), begin) else 0
        figure = length_at(self.text, begin, self.end) if word else None
        return 0 if figure is None else figure.end
