"""Marks of state secrets: such a file is refused unread, and nothing of it is kept or logged.

All words stand in the table `secrecy_marks`. In a name (of a file, a folder, a member, a layer) the
word of a level counts wherever it stands, unless it belongs to an ordinary word of the table or is
denied (非秘密): whoever names a file so can name it otherwise. In a text it counts where it stands
as a mark does: alone in its line with what marks have around them (国家秘密, 机密级), after its
label (密级：机密), or before a star (绝密★10年). 秘密谷 in a list of places is a place.
"""

from __future__ import annotations

import html
import json
import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path

from geo_service.lexicons import lexicon

HEAD_ROWS = 10
"""A printed mark stands above the table: this many rows are searched cell by cell."""

_UNSEEN = re.compile("[\u00ad\u200b-\u200f\u2060-\u2064\ufeff]")
_AROUND = frozenset({"Zs", "Cc", "Ps", "Pe", "Pi", "Pf"})
"""Categories of blanks and brackets of every kind."""
_CODED = re.compile(
    r"(?:ClassificationCode|ClasscationCd)[^<>]*?(?:codeListValue|value)\s*=\s*[\"'](\w+)[\"']"
)
_TEXTS = re.compile(r">([^<>]+)<|\"([^\"<>]+)\"|<!\[CDATA\[(.*?)\]\]>", re.DOTALL)


@cache
def _words(use: str) -> tuple[str, ...]:
    rows = lexicon("secrecy_marks", "use", "word").rows
    return tuple(row["word"] for row in rows if row["use"] == use)


def _any(use: str) -> str:
    return "|".join(sorted(map(re.escape, _words(use)), key=len, reverse=True))


@cache
def _not_meant() -> re.Pattern[str]:
    """Ordinary words, and levels that are denied."""
    return re.compile(f"{_any('ordinary')}|(?:{_any('negation')})(?:{_any('level')})")


@cache
def _in_name() -> re.Pattern[str]:
    """A level, or one written apart and standing alone: 机 密."""
    apart = "|".join(r"[\s_·-]+".join(level) for level in _words("level"))
    return re.compile(rf"{_any('level')}|(?<![\u4e00-\u9fff])(?:{apart})(?![\u4e00-\u9fff])")


def _term() -> str:
    return rf"(?:\w{{1,3}}(?:{_any('unit')})|{_any('term')})"


@cache
def _alone() -> re.Pattern[str]:
    """A mark without blanks and brackets, from end to end."""
    return re.compile(
        rf"[★☆*]*(?:(?:{_any('label')}|{_any('belonging')})[:=]?)*(?:{_any('level')})"
        rf"(?:{_any('after')})?(?:[★☆⭐*].{{0,40}}|\W?{_term()}.{{0,20}})?\W*"
    )


@cache
def _within() -> re.Pattern[str]:
    """What makes a mark of a level in the midst of a text: its label, or a star after it."""
    return re.compile(
        rf"(?:{_any('label')})[:=]?(?:{_any('level')})"
        rf"|(?:{_any('level')})(?:{_any('after')})?(?:[★☆⭐]|\*{_term()})"
    )


@cache
def _signs() -> frozenset[str]:
    """One of these characters stands in every mark."""
    return frozenset(level[-1] for level in _words("level"))


@cache
def _level_columns() -> frozenset[str]:
    return frozenset(map(_column, _words("column")))


def _column(header: str) -> str:
    text = unicodedata.normalize("NFKC", header)
    return re.sub(r"[\s_\-]", "", text).casefold().rstrip(":")


def _plain(text: str) -> str:
    return _UNSEEN.sub("", unicodedata.normalize("NFKC", text))


def named_secret(name: str) -> bool:
    """Whether the name of a file, folder, member, sheet or layer carries a mark."""
    return _in_name().search(_not_meant().sub(" ", _plain(name))) is not None


def path_secret(path: Path) -> bool:
    """Whether a file or one of the folders above it is named so."""
    return any(map(named_secret, path.absolute().parts))


def is_mark(value: object) -> bool:
    """Whether a cell, title or property is a mark or holds one."""
    if not isinstance(value, str) or _signs().isdisjoint(value):
        return False
    return any(
        _alone().fullmatch(line) or _within().search(line)
        for line in map(_bare, _plain(value).splitlines())
    )


def _bare(line: str) -> str:
    """A line without blanks and brackets."""
    return "".join(c for c in line if unicodedata.category(c) not in _AROUND)


def json_marked(value: object) -> bool:
    """Whether a text anywhere in a document of JSON is a mark."""
    if isinstance(value, dict):
        return any(
            is_mark(item) or (_column(key) in _level_columns() and _names_level(item))
            if isinstance(item, str)
            else json_marked(item)
            for key, item in value.items()
        )
    return any(map(json_marked, value)) if isinstance(value, list) else is_mark(value)


def property_marked(content: bytes) -> bool:
    """Whether a property of a file is a mark: a text, or a document of JSON."""
    text = content.decode("utf-8", "replace")
    try:
        return json_marked(json.loads(text))
    except ValueError:
        return is_mark(text)


def markup_marked(content: bytes) -> bool:
    """Whether a metadata file (XML, HTML or plain text) holds a mark or the code of a level.

    Not parsed: it is only looked through, so that nothing in it can do anything.
    """
    return any(map(_markup_marked, _readings(content)))


def _markup_marked(text: str) -> bool:
    codes = {code.casefold() for code in _CODED.findall(text)}
    if not codes.isdisjoint(word.casefold() for word in _words("classification")):
        return True
    pieces = (html.unescape(piece) for found in _TEXTS.findall(text) for piece in found)
    return any(map(is_mark, pieces)) or is_mark(text)


def _readings(content: bytes) -> Iterable[str]:
    """What the bytes may say: as they declare, and both encodings in which marks are written."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return (content.decode("utf-16", "replace"),)
    return {content.decode(codec, "replace") for codec in ("utf-8", "gb18030")}


def table_marked(headers: Sequence[str], rows: Iterable[Sequence[object]]) -> bool:
    """Whether the header, the first rows or a column of secrecy levels carry a mark."""
    levels = [i for i, header in enumerate(headers) if _column(header) in _level_columns()]
    if any(is_mark(header) for header in headers):
        return True
    for number, cells in enumerate(rows):
        if any(_names_level(cells[i]) for i in levels if i < len(cells)):
            return True
        if number < HEAD_ROWS and any(is_mark(value) for value in cells):
            return True
    return False


def _names_level(value: object) -> bool:
    """Whether the cell of a column of levels names one, however it is put."""
    return isinstance(value, str) and named_secret(value)
