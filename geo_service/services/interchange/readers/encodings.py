"""Finding out how bytes are written, and saying so instead of guessing in silence."""

from __future__ import annotations

import codecs
from collections.abc import Iterable
from dataclasses import dataclass

from geo_service.services.interchange.readers.table import Unreadable

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_GBK_FAMILY = {"gbk", "gb2312", "gb18030", "cp936", "936", "ms936", "euc-cn", "hz", "ansi 936"}
_FIRST_OF_THREE_BYTES = "\u0800"
_PINYIN = frozenset("āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜüêĀÁǍÀĒÉĚÈĪÍǏÌŌÓǑÒŪÚǓÙǕǗǙǛÜÊ")
COMMON_SHARE = 0.7
"""Below this share of everyday characters (GB/T 2312) a guess at GB 18030 is not believed."""


@dataclass(frozen=True, slots=True)
class Encoding:
    """A Python codec, and whether it was only guessed."""

    codec: str
    guessed: bool = False


def named(name: str) -> str:
    """The codec for a name as people and .cpg files write it; GBK is read as GB 18030.

    Raises Unreadable `encoding_unknown`.
    """
    plain = name.strip().lower().removeprefix("ldid/").removeprefix("oem ")
    if plain in _GBK_FAMILY or plain.startswith("cp936"):
        return "gb18030"
    for candidate in (plain, f"cp{plain}"):
        try:
            return codecs.lookup(candidate).name
        except LookupError:
            continue
    raise Unreadable("encoding_unknown", encoding=name)


def _line_of(content: bytes, position: int) -> int:
    return content.count(b"\n", 0, position) + 1


def decode(content: bytes, encoding: str) -> tuple[str, Encoding]:
    """The text of a file, strictly.

    Tried in order: the encoding asked for, a byte-order mark, UTF-8, GB 18030. Raises Unreadable
    naming the line of the first byte that does not fit.
    """
    chosen = Encoding(named(encoding)) if encoding else detect((content,))
    try:
        return content.decode(chosen.codec), chosen
    except UnicodeDecodeError as error:
        raise Unreadable(
            "text_undecodable",
            row=_line_of(content, error.start),
            encoding=chosen.codec,
            bytes=content[error.start : error.start + 4].hex(" "),
        ) from error


def detect(pieces: Iterable[bytes]) -> Encoding:
    """The encoding of text in pieces. Raises Unreadable when none can be believed."""
    content = b"\n".join(pieces)
    for mark, codec in _BOMS:
        if content.startswith(mark):
            return Encoding(codec)
    if content.isascii():
        return Encoding("utf-8")
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        return _not_utf8(content, error)
    foreign = {char for char in text if not char.isascii()}
    if max(foreign) < _FIRST_OF_THREE_BYTES and not foreign <= _PINYIN and believable(content):
        # 路 or 联通 alone, in GBK, are sound UTF-8 of letters nobody here writes.
        return Encoding("gb18030", guessed=True)
    return Encoding("utf-8")


def _not_utf8(content: bytes, error: UnicodeDecodeError) -> Encoding:
    lossy = content.decode("utf-8", errors="replace")
    foreign = sum(not char.isascii() for char in lossy)
    broken = lossy.count("\ufffd")
    damaged_utf8 = broken <= max(1, foreign // 20) and foreign > broken
    if not damaged_utf8 and believable(content):
        return Encoding("gb18030", guessed=True)
    raise Unreadable(
        "text_undecodable",
        row=_line_of(content, error.start),
        encoding="utf-8" if damaged_utf8 else "utf-8, gb18030",
        bytes=content[error.start : error.start + 4].hex(" "),
    )


def believable(content: bytes) -> bool:
    """Whether bytes read as GB 18030 give mostly everyday Chinese."""
    try:
        text = content.decode("gb18030")
    except UnicodeDecodeError:
        return False
    foreign = [char for char in text if not char.isascii()]
    everyday = sum(_in_gb2312(char) for char in foreign)
    return everyday >= COMMON_SHARE * len(foreign)


def _in_gb2312(char: str) -> bool:
    try:
        char.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True
