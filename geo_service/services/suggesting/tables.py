"""The tables behind suggestions: ordinary generics, characters by theme, numbers."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from geo_service.lexicons import Cells, lexicon

if TYPE_CHECKING:
    from geo_service.domain.place import FeatureType
    from geo_service.domain.proposal import RoadClass


@cache
def ordinary_generics(kind: FeatureType, road_class: RoadClass | None = None) -> tuple[Cells, ...]:
    """Rows of the generics to offer for a type, first those made for the class of the road."""
    rows = lexicon("suggested_generics", "feature_type", "generic").rows
    own = (row for row in rows if row["feature_type"] == kind.value)
    fitting = {
        row["generic"]
        for row in lexicon("road_generic_classes", "generic").rows
        if road_class is not None and road_class.value in row["classes"].split()
    }
    return tuple(sorted(own, key=lambda row: (row["generic"] not in fitting, int(row["rank"]))))


@lru_cache(maxsize=1 << 12)
def themes_of(character: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The themes a character belongs to, each with its other characters."""
    rows = lexicon("name_themes", "theme", "character").rows
    held = [row["theme"] for row in rows if row["character"] == character]
    return tuple(
        (
            theme,
            tuple(
                row["character"]
                for row in rows
                if row["theme"] == theme and row["character"] != character
            ),
        )
        for theme in held
    )


@cache
def connectives() -> str:
    """Characters that only join words: they do not begin or end a specific."""
    return "".join(row["character"] for row in lexicon("connective_characters", "character").rows)


@cache
def han_digits() -> dict[int, str]:
    """Arabic digits and the characters they are written with, for `str.translate`."""
    rows = lexicon("spoken_numerals", "word").rows
    return {ord(row["word"]): row["numeral"] for row in rows if row["source"] == "digit"}


@cache
def counted(numerals: str) -> re.Pattern[str]:
    """A number in such numerals with what makes an ordinal or a count of it: 第5, 2号, 3期."""
    measures = [
        r["measure"] for r in lexicon("measure_words", "measure").rows if r["use"] == "whole"
    ]
    phases = [r["word"] for r in lexicon("phase_words", "word").rows]
    words = "|".join(map(re.escape, sorted((*measures, *phases), key=len, reverse=True)))
    return re.compile(f"第?[{numerals}]+(?:{words})?")
