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
        """Both texts with their `{placeholders}` filled; a Text goes in as its own language."""
        return Text(self.zh.format(**_said(values, "zh")), self.en.format(**_said(values, "en")))


def _said(values: dict[str, object], lang: Lang) -> dict[str, object]:
    return {k: value.in_(lang) if isinstance(value, Text) else value for k, value in values.items()}
