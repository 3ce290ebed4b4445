"""Text as it is kept: hidden characters out, full-width letters and digits narrowed, else as is.

Characters are never unified or replaced by look-alikes: that would turn one approved name into
another.
"""

from __future__ import annotations

import codecs
import re

_HIDDEN = re.compile(
    "[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f"
    "\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb]"
)
_BREAKS = re.compile("[\t\r\n\u0085\u00a0\u2028\u2029\u3000]+")
_NARROW = {
    code: code - 0xFEE0
    for first, last in ((0xFF10, 0xFF19), (0xFF21, 0xFF3A), (0xFF41, 0xFF5A))
    for code in range(first, last + 1)
}
_SIGNS = {code: code - 0xFEE0 for code in (0xFF0B, 0xFF0C, 0xFF0D, 0xFF0E, 0xFF0F)}
"""Plus, comma, minus, stop and stroke as an input method of Chinese writes them."""
_SURROGATE = re.compile("[\ud800-\udfff]")
_LOST = re.compile(r"\ufffd|\?{2,}")
_PRIVATE = re.compile("[\ue000-\uf8ff\U000f0000-\U0010fffd]")
_UTF8 = codecs.getincrementaldecoder("utf-8")
_CJK = re.compile("[\u4e00-\u9fff]+")
_LEADS = range(0xE4, 0xEA)
_FIRSTS = "".join(
    bytes((lead, after)).decode("gb18030") for lead in _LEADS for after in range(0x80, 0xC0)
)
"""The ideographs with which the UTF-8 of an ideograph begins where it is read as GB 18030."""
_PLAIN = re.compile(
    f"(?:(?![{_FIRSTS}])[!->@-~\u3001-\u303d\u3400-\u4dbf\u4e00-\u9fff（），：；]+)?"
).fullmatch
_READABLE = re.compile("[^\u4e00-\u9fff]+")
_READABLE_SHARE = 0.6
"""Of the bytes, to be believed UTF-8 of which some got lost (ours)."""
_MISREAD = tuple(
    signs.decode("gb18030") for signs in ("\ufffd\ufffd".encode(), b"\xcc" * 6, b"\xcd" * 6)
)
_NO_CELL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""What the XML of a workbook cannot hold."""
_FORMULA = re.compile(r"'*[=+\-@\t\r]")
"""What a spreadsheet program takes for a formula, or has an apostrophe of ours before it."""
_NUMBER = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")


def is_plain(raw: str) -> bool:
    """Whether a text is seen at a glance to be kept as it is, with nothing to be said of it.

    False decides nothing; where it is True, every function below finds the same.
    """
    return _PLAIN(raw) is not None


def clean(raw: str) -> str:
    """The text as it is stored."""
    return _BREAKS.sub(" ", _HIDDEN.sub("", raw)).translate(_NARROW).strip()


def narrow_signs(text: str) -> str:
    """A number or date with its signs narrowed; in names they stay as they are."""
    return text.translate(_SIGNS)


def is_lost(text: str) -> bool:
    """Whether characters were lost before the file reached us (U+FFFD, ??)."""
    return _LOST.search(text) is not None or _SURROGATE.search(text) is not None


def has_private_use(text: str) -> bool:
    """Whether it holds characters that only one font knows."""
    return _PRIVATE.search(text) is not None


def unscrambled(text: str) -> str | None:
    """What a text says that was written in one encoding and read in another, None if not so.

    Three everyday characters are taken at their word: by chance one name in a million can be read
    as two others, and nobody could ever hand it in.
    """
    if text.isascii() or (len(text) == 3 and _CJK.fullmatch(text) and _everyday(text)):
        return None
    for codec in ("gb18030", "cp1252", "latin-1"):
        try:
            content = text.rstrip("?").encode(codec)
        except UnicodeError:
            continue
        guess = _as_utf8(content)
        if guess is None and codec != "gb18030":
            guess = _as_chinese(content)
        if guess is not None and guess != text:
            return guess
    return None


def _as_utf8(content: bytes) -> str | None:
    """Bytes as ideographs in UTF-8; a quarter may be lost, as where half a character was cut."""
    try:
        guess = _UTF8().decode(content)  # the last character is often cut off
    except UnicodeError:
        guess = _READABLE.sub("", content.decode("utf-8", "replace"))
        if (
            content[0] not in _LEADS
            or len(guess) < 2
            or 3 * len(guess) < _READABLE_SHARE * len(content)
        ):
            return None
    return guess if len(guess) >= 2 and _CJK.fullmatch(guess) and _everyday(guess) else None


def _everyday(text: str) -> bool:
    return text.encode("gb2312", "ignore").decode("gb2312") == text


def _as_chinese(content: bytes) -> str | None:
    """Bytes that hold nothing but everyday Chinese in GB 2312."""
    try:
        guess = content.decode("gb2312")
    except UnicodeError:
        return None
    return guess if len(guess) >= 2 and _CJK.fullmatch(guess) else None


def misread(text: str) -> bool:
    """Whether it is what lost characters or unset memory look like in GB 18030 (锟斤拷, 烫烫烫)."""
    return any(sign in text for sign in _MISREAD)


def harmless(value: object) -> str:
    """A cell of a CSV that no spreadsheet program takes for a formula; `unguarded` undoes it."""
    text = _plain(value)
    return f"'{text}" if _is_formula(text) else text


def unguarded(cell: str) -> str:
    """The text of a cell without the apostrophe that `harmless` set before it."""
    return cell[1:] if cell.startswith("'") and _is_formula(cell[1:]) else cell


def guarded(value: object) -> str:
    """A cell as it came from a table, guarded once, whether or not it was before."""
    return harmless(unguarded(_plain(value)))


def _plain(value: object) -> str:
    return "" if value is None else str(value)


def _is_formula(text: str) -> bool:
    return _FORMULA.match(text) is not None and _NUMBER.fullmatch(text) is None


def cell_text(text: str) -> str:
    """A text that a workbook can hold: what its XML cannot is shown by its code."""
    return _NO_CELL.sub(lambda match: f"\\u{ord(match[0]):04x}", text)
