"""What the words of a file give away once it is read: characters that do not belong into a name.

Nothing is changed here. What would store a false name is refused; what a person should look at
(hidden, foreign, traditional or rare characters) is told with its row.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterable
from functools import cache
from urllib.parse import unquote

from geo_service.language.characters import has_han, is_han, is_standard, standard_form
from geo_service.lexicons import lexicon
from geo_service.services.interchange.cells import Sheet
from geo_service.services.interchange.columns import folded, is_foot, second_names
from geo_service.services.interchange.hygiene import clean, misread
from geo_service.services.interchange.sandbox import Parsed

_MARKS = frozenset("()-\u00b7\u2014\u3001\uff08\uff09 ")
"""Marks that names of places and lines are written with: 甲—乙线, 甲苑（一期）."""
_BREAKS = frozenset("\t\r\n")
_IN_PIECES = {"name": "name_in_pieces", "id": "id_in_pieces"}
_UNSEEN = ("Cc", "Cf", "Zl", "Zp")
_COUNT = re.compile(r"[\s:,.0-9：，。、条个处]+")
_DASHED = re.compile("[-/\u2010-\u2015 ]+").fullmatch
_LETTERS = re.compile("[ A-Za-z'\u2019-]*").fullmatch
_ESCAPED = re.compile(r"\\u[0-9a-fA-F]{4}|%[0-9A-F]{2}|&(?:#x?[0-9a-fA-F]+|[a-z]+);|</?[a-zA-Z]")
"""Writings of programs, not of people: JSON, addresses, and markup."""
_ERROR = re.compile(r"#[A-Z/0]{3,}[!?]?")


def tell_hidden(sheet: Sheet) -> None:
    """Warn of control and zero-width characters that were taken out, whatever field held them."""
    for said in sheet.normalised:
        points = dict.fromkeys(f"U+{ord(c):04X}" for c in said["raw"] if _is_hidden(c))
        if points:
            facts = {"value": said["stored"], "points": ", ".join(points)}
            sheet.issues.warning("text_hidden", said["row"], said["field"], **facts)
        elif said["field"] in _IN_PIECES and _BREAKS.intersection(said["raw"].strip()):
            code = _IN_PIECES[said["field"]]
            sheet.issues.warning(code, said["row"], said["field"], value=said["stored"])


def tell_second_names(parsed: Parsed, sheet: Sheet) -> None:
    """Warn where another column that could be the name says something else than the one taken."""
    for position in second_names(sheet.kind, parsed.headers, sheet.columns):
        taken = sheet.columns["name"]
        headers = {"column": parsed.headers[taken], "other": parsed.headers[position]}
        for row in parsed.rows:
            name, second = (clean(str(row.cells[at] or "")) for at in (taken, position))
            if second and second != name:
                values = {"value": name, "second": second, **headers}
                sheet.issues.warning("name_said_twice", row.number, "name", **values)


def _is_hidden(character: str) -> bool:
    return unicodedata.category(character) in _UNSEEN and character not in _BREAKS


def tell_totals(ids: Iterable[tuple[int, str]], sheet: Sheet) -> None:
    """Refuse rows that stand for others: 合计 where a record has its id."""
    for row, record_id in ids:
        if _COUNT.sub("", record_id) in _words("total"):
            sheet.issues.error("row_of_totals", row, "id", value=record_id)


def tell_feet(parsed: Parsed, sheet: Sheet) -> None:
    """Refuse rows of a plain table that are its sums or the lines below it (合计, 填表人：…).

    The first filled cell tells: such a word alone, or before a colon. What stands behind it may
    name a person, and is not repeated.
    """
    for row in parsed.rows if parsed.sheet and not parsed.places else ():
        first = next((str(value) for value in row.cells if value not in (None, "")), "")
        said = folded(first).partition(":")
        alone = not said[1] and said[0] in _words("total")
        known = sheet.issues.refused_for(row.number, ("row_of_totals",))
        if (alone or (said[1] and is_foot(first))) and not known:
            sheet.issues.error("row_of_totals", row.number, value=said[0])


def tell_names(names: Iterable[tuple[int, str]], sheet: Sheet) -> None:
    """Everything that is odd in the names of a file, each with its row.

    A name that is none (合计, #REF!, 无) or was misread before it came is refused.
    """
    named = [(row, name) for row, name in names if name]
    odd = {character for character in set().union(*(n for _, n in named)) if _is_odd(character)}
    for row, name in named:
        if not has_han(name) or odd.intersection(name):
            if not _refuse_lost(row, name, sheet):
                _tell_characters(row, name, sheet)
        elif misread(name):
            sheet.issues.error("text_lost", row, "name", value=name)
        if is_no_name(name):
            sheet.issues.error("name_is_none", row, "name", value=name)


def _is_odd(character: str) -> bool:
    if is_han(character):
        return not is_standard(character) and character != "〇"
    return not (character.isascii() and character.isalnum()) and character not in _MARKS


def _refuse_lost(row: int, name: str, sheet: Sheet) -> bool:
    """Refuse a name with what stands for a lost character, or still in the writing of a program."""
    if misread(name) or any(mark in name for mark in _words("lost")):
        sheet.issues.error("text_lost", row, "name", value=name)
    elif (plain := _unescaped(name)) != name:
        sheet.issues.error("text_scrambled", row, "name", value=name, guess=plain)
    else:
        return False
    return True


def _unescaped(name: str) -> str:
    """What a name reads once escapes and markup of programs are undone."""
    if _ESCAPED.search(name) is None:
        return name
    plain = re.sub(r"\\u([0-9a-fA-F]{4})", lambda match: chr(int(match[1], 16)), unquote(name))
    bare = _tag().sub("", html.unescape(plain))
    text = bare.encode("utf-8", "replace").decode()
    # "%00" is three signs of a name, not an escape: nobody writes a control character that way.
    return name if any(map(_is_hidden, text)) else text


@cache
def _tag() -> re.Pattern[str]:
    """An element of HTML, with attributes or without; other words in angle brackets are text."""
    names = "|".join(sorted(_words("markup")))
    return re.compile(rf"</?(?:{names})(?:\s[^<>]*)?/?>", re.IGNORECASE | re.ASCII)


def tell_romanisations(written: Iterable[tuple[int, str]], sheet: Sheet) -> None:
    """Warn of letters in romanised names that are not Latin: they look alike, and are found by no
    search.
    """
    for row, text in written:
        if _LETTERS(text) is None and (foreign := [c for c in text if not _is_latin(c)]):
            facts = {"value": text, **_point(foreign[0])}
            sheet.issues.warning("romanization_foreign", row, "romanization", **facts)


def tell_ids(ids: Iterable[tuple[int, str]], field: str, sheet: Sheet) -> None:
    """Warn of letters in ids and numbers that are neither Latin nor Chinese but may look so."""
    for row, text in ids:
        if text.isascii():
            continue
        if foreign := [c for c in text if c.isalpha() and not is_han(c) and not _is_latin(c)]:
            sheet.issues.warning("id_foreign_letter", row, field, value=text, **_point(foreign[0]))


def _point(character: str) -> dict[str, str]:
    return {"character": character, "point": f"U+{ord(character):04X}"}


@cache
def _is_latin(character: str) -> bool:
    """Whether a sign is one of romanised names: a letter, its accent, a digit, or a mark."""
    if character.isascii() or unicodedata.category(character) in ("Mn", "Pd"):
        return True
    name = unicodedata.name(character, "")
    return (
        name.startswith("LATIN")
        or character in _MARKS
        or "APOSTROPHE" in name
        or character == "\u2019"
    )


def _tell_characters(row: int, name: str, sheet: Sheet) -> None:
    if not has_han(name):
        sheet.issues.warning("name_without_han", row, "name", value=name)
    for character in dict.fromkeys(name):
        if not _is_odd(character):
            continue
        facts = {"value": name, **_point(character)}
        if not is_han(character):
            sheet.issues.warning("name_foreign_character", row, "name", **facts)
        elif other := standard_form(character):
            facts["standard"] = other.standard
            sheet.issues.warning("name_other_form", row, "name", **facts)
        else:
            sheet.issues.warning("name_rare_character", row, "name", **facts)


def is_no_name(name: str) -> bool:
    """Whether it says that there is no name, that a cell failed, or how many there are."""
    plain = _COUNT.sub("", name)
    return (
        _DASHED(name) is not None
        or folded(name) in _words("blank") | _words("none")
        or plain in _words("total")
        or _is_error(name)
    )


def _is_error(name: str) -> bool:
    return _ERROR.fullmatch(name) is not None


@cache
def _words(kind: str) -> frozenset[str]:
    if kind == "blank":
        return frozenset(folded(row["word"]) for row in lexicon("blank_words", "word").rows)
    rows = lexicon("sheet_words", "kind", "word").rows
    return frozenset(row["word"] for row in rows if row["kind"] == kind)
