"""The message catalogue: every sentence a person reads, Chinese first.

Tables under `data/messages/*.toml`: one section per area, one key per message, both languages side
by side, so that a missing twin is seen at once:

    [import.crs_missing]
    zh = "文件没有坐标系：{file}"
    en = "The file declares no coordinate system: {file}"
"""

from __future__ import annotations

import tomllib
from functools import cache
from typing import TYPE_CHECKING

from geo_service.domain.text import Lang, Text
from geo_service.errors import ConfigError, GeoServiceError
from geo_service.resources import data_dir

if TYPE_CHECKING:
    from pathlib import Path


def _read(path: Path) -> dict[str, dict[str, Text]]:
    with path.open("rb") as file:
        sections = tomllib.load(file)
    try:
        return {
            section: {key: Text(**both) for key, both in entries.items()}
            for section, entries in sections.items()
        }
    except (TypeError, AttributeError) as error:
        raise ConfigError("message_malformed", file=path, detail=error) from error


@cache
def _area(area: str) -> dict[str, Text]:
    path = data_dir() / "messages" / f"{area}.toml"
    if not path.is_file():
        raise ConfigError("message_unknown", key=area)
    entries = _read(path)
    return {f"{area}.{key}": text for key, text in entries.get(area, {}).items()}


def message(key: str, /, **values: object) -> Text:
    """The message `area.name` in both languages, placeholders filled.

    Raises ConfigError for an unknown key: a missing message is a fault of the program.
    """
    area = key.partition(".")[0]
    try:
        return _area(area)[key].fill(**values)
    except KeyError as error:
        raise ConfigError("message_unknown", key=key) from error


def explain(error: GeoServiceError, lang: Lang) -> str:
    """What an error means and what to do about it, in one language."""
    told = error.context
    words = {name: _worded(name, value, bare="known" in told) for name, value in told.items()}
    return message(f"errors.{error.code}", **words).in_(lang)


def _worded(name: str, value: object, *, bare: bool) -> object:
    """What is said of an error in words: a kind of record, what a form lacks. A kind stays `bare`
    where the words are listed that may stand in its place."""
    kind = _area("register").get(f"register.kind_{value}") if name == "kind" else None
    if kind is not None and not bare:
        return Text(kind.zh, str(value).replace("-", " "))
    if name == "missing" and isinstance(value, str):
        lacking = [_area("lacking").get(f"lacking.{each}") for each in value.split(", ")]
        told = [each for each in lacking if each is not None]
        if len(told) == len(lacking):
            return Text("、".join(each.zh for each in told), ", ".join(each.en for each in told))
    return value
