"""A text in the two languages of the service."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Lang = Literal["zh", "en"]


@dataclass(frozen=True, slots=True)
class Text:
    """The same statement in Chinese (authoritative) and English."""

    zh: str
    en: str

    def in_(self, lang: Lang) -> str:
        """The text in one language."""
        return self.zh if lang == "zh" else self.en

    def fill(self, **values: object) -> Text:
        """Both texts with their `{placeholders}` filled; a Text goes in as its own language.

        In English a number chooses its word: `{count} {count:record|records}`.
        """
        en = _said(values, "en")
        if "|" in self.en:
            en = {name: _Counted(value) for name, value in en.items()}
        return Text(self.zh.format(**_said(values, "zh")), self.en.format(**en))


class _Counted:
    """A value that is written as ever, or chooses one of two words: that for one, or the other."""

    def __init__(self, value: object) -> None:
        self._value = value

    def __format__(self, spec: str) -> str:
        one, chooses, more = spec.partition("|")
        if not chooses:
            return format(self._value, spec)
        return one if str(self._value) == "1" else more


def _said(values: dict[str, object], lang: Lang) -> dict[str, object]:
    return {k: value.in_(lang) if isinstance(value, Text) else value for k, value in values.items()}
