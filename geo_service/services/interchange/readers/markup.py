"""XML that may be read: no document type, no entities, no depth without end."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from xml.parsers import expat

from geo_service.services.interchange.readers.encodings import decode, refuse_doubtful
from geo_service.services.interchange.readers.table import Unreadable

MAX_DEPTH = 64
_DECLARED = re.compile(rb"\A(?:\xef\xbb\xbf)?<\?xml[^>]*?\bencoding\s*=\s*[\"']([A-Za-z0-9._-]+)")
_UTF16 = re.compile(rb"\A(?:\xff\xfe|\xfe\xff)")
_DECLARATION = re.compile(r"\A\s*<\?xml[^>]*\?>")

Start = Callable[[str, dict[str, str]], None]
End = Callable[[str, str], None]


def text_of(content: bytes, encoding: str) -> str:
    """The text of an XML file: as asked, as it declares, else UTF-8. Raises Unreadable.

    Decoded here, because the parser of the standard library knows no GB 18030.
    """
    declared = _DECLARED.match(content)
    if not encoding and declared and not _UTF16.match(content):
        encoding = declared[1].decode("ascii")
        refuse_doubtful(content, encoding)
    text, _ = decode(content, encoding or ("" if _UTF16.match(content) else "UTF-8"))
    return text.removeprefix("\ufeff")


class _Guard:
    """Passes elements on by their local names, each end with the text straight inside it."""

    def __init__(self, start: Start, end: End) -> None:
        self._start, self._end = start, end
        self._texts: list[list[str]] = []

    def begin(self, name: str, attributes: dict[str, str]) -> None:
        if len(self._texts) >= MAX_DEPTH:
            raise Unreadable("xml_too_deep", limit=MAX_DEPTH)
        self._texts.append([])
        self._start(name.rpartition(" ")[2], attributes)

    def characters(self, text: str) -> None:
        self._texts[-1].append(text)

    def finish(self, name: str) -> None:
        self._end(name.rpartition(" ")[2], "".join(self._texts.pop()))


def walk(text: str, start: Start, end: End) -> None:
    """Tell every element of an XML text in its order.

    Raises Unreadable: `xml_doctype` before a document type or entity can do anything, `xml_broken`
    with its line.
    """
    guard, parser = _Guard(start, end), expat.ParserCreate(namespace_separator=" ")

    def refuse(*_: Any) -> None:
        raise Unreadable("xml_doctype", row=parser.CurrentLineNumber)

    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    parser.StartElementHandler = guard.begin
    parser.EndElementHandler = guard.finish
    parser.CharacterDataHandler = guard.characters
    try:
        # The declaration spoke of the bytes; its lines stay, so that errors name the right one.
        parser.Parse(_DECLARATION.sub(lambda said: "\n" * said[0].count("\n"), text), True)
    except expat.ExpatError as error:
        raise Unreadable("xml_broken", row=error.lineno) from error
