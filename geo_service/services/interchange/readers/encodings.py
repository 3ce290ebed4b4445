"""Finding out how bytes are written, and saying so instead of guessing in silence."""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from geo_service.lexicons import lexicon
from geo_service.services.interchange.readers.table import RawTable, Unreadable

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_GBK_FAMILY = {"gbk", "gb2312", "gb18030", "cp936", "936", "ms936", "euc-cn", "hz", "ansi 936"}
_NO_CHARSETS = {
    "unicode-escape",
    "raw-unicode-escape",
    "idna",
    "punycode",
    "undefined",
    "mbcs",
    "utf-7",
}
_OURS = {"utf-8", "utf-8-sig", "utf-16", "gb18030"}
_FIRST_OF_THREE_BYTES = "\u0800"
_PINYIN = frozenset("āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜüêĀÁǍÀĒÉĚÈĪÍǏÌŌÓǑÒŪÚǓÙǕǗǙǛÜÊ")
_RARE_BYTES = 4
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9 ._:/-]{0,30}|[0-9]{1,5}")
_FOREIGN = re.compile(r"[^\x00-\x7f]+")
_FIELD_KEY = ("profile", "kind", "position")
_WORDS = (
    ("generics", "generic", "generic", "feature_type"),
    ("import_columns", "alias", "kind", "field", "alias"),
    ("import_values", "alias", "kind", "field", "alias"),
)
"""Tables, the column of their words, and their keys."""
_LONG_ENOUGH = 4
"""Letters: shorter names of columns stand in other words."""
_HANGUL = ("\uac00", "\ud7a3")
_KANA = ("\u3040", "\u30ff")
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
            found = codecs.lookup(candidate)
        except (LookupError, UnicodeError, ValueError):
            continue
        # Python counts rot13, zlib and its own escapes among its codecs: no file is written so.
        if found.name not in _NO_CHARSETS and getattr(found, "_is_text_encoding", True):
            return found.name
    # What is no name is not repeated: it may be the content of some other file.
    said = name.strip() if _NAME.fullmatch(name.strip()) else "?"
    raise Unreadable("encoding_unknown", encoding=said)


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


def tell_encoding(table: RawTable, chosen: Encoding) -> None:
    """Say aloud what was guessed, and what the file itself says where it is not the usual."""
    if chosen.guessed:
        table.note("warning", "encoding_guessed", encoding="GB18030")
    elif chosen.codec == "utf-16":
        table.note("info", "encoding_marked", encoding="UTF-16")


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
    if _read_as_latin(text):
        return Encoding("utf-8")  # each text is refused as scrambled, with its row
    if max(foreign) < _FIRST_OF_THREE_BYTES and not foreign <= _PINYIN and believable(content):
        # 路 or 联通 alone, in GBK, are sound UTF-8 of letters nobody here writes.
        return Encoding("gb18030", guessed=True)
    return Encoding("utf-8")


def _refuse_korean(content: bytes) -> None:
    """Refuse to choose where bytes are Chinese and Korean alike, and little speaks for Chinese.

    EUC-KR has Hangul where GB 2312 has everyday characters; a word of ours here and there comes by
    chance. Some dozens of Chinese words are never sound Hangul throughout. Raises Unreadable.
    """
    try:
        korean = "".join(_FOREIGN.findall(content.decode("euc-kr")))
    except UnicodeDecodeError:
        return
    if not all(_HANGUL[0] <= char <= _HANGUL[1] for char in korean):
        return
    texts = set(_FOREIGN.findall(content.decode("gb18030")))
    ours = sum(any(word in text for word in _chinese_words()) for text in texts)
    if 2 * ours < len(texts):
        raise Unreadable("encoding_ambiguous", encodings="GB18030 / EUC-KR")


def refuse_doubtful(content: bytes, declared: str) -> None:
    """Refuse what a file declares of its text where it is as sound, and everyday, Chinese.

    Programs write the encoding of their own machine there (Big5, ISO-8859-1), whatever the text is
    in. Raises Unreadable.
    """
    codec = named(declared)
    if codec in _OURS or content.isascii() or not believable(content):
        return
    raise Unreadable("encoding_ambiguous", encodings=f"GB18030 / {declared.strip()}")


@cache
def _chinese_words() -> frozenset[str]:
    """What a file of ours can hardly be without: generics, names of columns, and their words.

    Of the columns in Latin letters those of the exchange dictionaries, which are pinyin initials.
    """
    found = {row[column] for name, column, *key in _WORDS for row in lexicon(name, *key).rows}
    initials = {row["column"] for row in lexicon("exchange_fields", *_FIELD_KEY).rows}
    long_enough = {word for word in initials if word.isupper() and len(word) >= _LONG_ENOUGH}
    return frozenset({word for word in found if not word.isascii()} | long_enough)


def _read_as_latin(text: str) -> bool:
    """Whether all that is foreign in a text is UTF-8 that somebody read as Latin-1."""
    foreign = "\n".join(_FOREIGN.findall(text))
    try:
        again = foreign.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return False
    return any(char >= _FIRST_OF_THREE_BYTES for char in again)


def _not_utf8(content: bytes, error: UnicodeDecodeError) -> Encoding:
    damaged_utf8 = damaged(content, "utf-8")
    if not damaged_utf8:
        if (row := _mixed_at(content)) is not None:
            raise Unreadable("encoding_mixed", row=row)
        if believable(content):
            _refuse_korean(content)
            return Encoding("gb18030", guessed=True)
        error = _farther(content, error)
    raise Unreadable(
        "text_undecodable",
        row=_line_of(content, error.start),
        encoding="utf-8" if damaged_utf8 else "utf-8, gb18030",
        bytes=content[error.start : error.start + 4].hex(" "),
    )


def damaged(content: bytes, codec: str) -> bool:
    """Whether text in this encoding was damaged in a place or two, rather than in another."""
    lossy = content.decode(codec, errors="replace")
    foreign = sum(not char.isascii() for char in lossy)
    broken = lossy.count("\ufffd")
    return broken <= max(1, foreign // 20) and foreign > broken


def _farther(content: bytes, error: UnicodeDecodeError) -> UnicodeDecodeError:
    """Where the better of the two encodings stops to fit: that is the damaged place."""
    try:
        content.decode("gb18030")
    except UnicodeDecodeError as other:
        return max(error, other, key=lambda e: e.start)
    return error


def _mixed_at(content: bytes) -> int | None:
    """The line where a file goes over from one encoding to the other, None where it keeps to one.

    So files come that were pasted together. A line counts as UTF-8 where it is sound and gives
    everyday Chinese only.
    """
    first, found = None, 0
    for number, line in enumerate(content.split(b"\n"), start=1):
        if line.isascii():
            continue
        utf8 = _everyday_utf8(line)
        if not utf8 and not believable(line):
            return None  # neither: damaged rather than pasted together
        if first is not None and utf8 is not first and not found:
            found = number
        first = utf8
    return found or None


def _everyday_utf8(line: bytes) -> bool:
    try:
        text = line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    foreign = [char for char in text if not char.isascii()]
    return all(char >= _FIRST_OF_THREE_BYTES and _in_gb2312(char) for char in foreign)


def believable(content: bytes) -> bool:
    """Whether bytes read as GB 18030 give mostly everyday Chinese."""
    try:
        text = content.decode("gb18030")
    except UnicodeDecodeError:
        return False
    foreign = [char for char in text if not char.isascii()]
    everyday = sum(_is_chinese(char) for char in foreign)
    return everyday >= COMMON_SHARE * len(foreign)


def _is_chinese(char: str) -> bool:
    """Whether a character is everyday Chinese, or a rare ideograph that takes four bytes.

    Four bytes that give an ideograph are no accident: no other encoding looks so.
    """
    if len(char.encode("gb18030")) == _RARE_BYTES:
        return "CJK" in unicodedata.name(char, "")
    return _in_gb2312(char) and not _KANA[0] <= char <= _KANA[1]


def _in_gb2312(char: str) -> bool:
    try:
        char.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True
