"""`geo-service name romanise`: the Roman spelling of a name, and what a given one lacks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from geo_service.cli.name_request import TypeOption
from geo_service.cli.options import (
    FINDINGS_EXIT,
    JsonOption,
    LangOption,
    print_json,
    print_notices,
    say,
    tell,
)

if TYPE_CHECKING:
    from geo_service.domain.text import Lang
    from geo_service.services.romanising import SpelledName


def _lines(spelled: SpelledName, lang: Lang) -> Iterator[str]:
    from geo_service.services.romanising import (
        altered_text,
        difference_text,
        no_han_text,
        unread_text,
    )

    if spelled.lacks_han:
        yield no_han_text(spelled.name).in_(lang)
    for altered in spelled.altered:
        yield altered_text(altered).in_(lang)
    if spelled.unread:
        yield unread_text(spelled.unread).in_(lang)
    spelling = spelled.romanization
    yield say(f"name.spelling_{spelling.reading_source.value}", lang, text=spelling.text)
    if spelling.alternatives:
        others = ("；" if lang == "zh" else "; ").join(spelling.alternatives)
        yield say("name.other_readings", lang, others=others)
    if spelled.given:
        yield say(f"romanise.{'agrees' if spelled.agrees else 'differs'}", lang)
    for difference in spelled.differences:
        level = say(f"romanise.level_{difference.level.value}", lang)
        said = difference_text(difference).in_(lang)
        yield say("romanise.difference", lang, level=level, text=said)
    yield say("name.notice", lang)


def romanise(
    name: Annotated[str | None, typer.Argument(metavar="[NAME]", help="名称 / the name")] = None,
    kind: TypeOption = None,
    given: Annotated[
        str, typer.Option("--given", metavar="TEXT", help="待核对的拼写 / a spelling to check")
    ] = "",
    file: Annotated[
        tuple[Path, Path] | None,
        typer.Option(
            "--file",
            metavar="NAMES OUT",
            help="名称表（name 列，可有 feature_type、given 列）和结果文件 / names, and answers",
        ),
    ] = None,
    json_: JsonOption = False,
    lang: LangOption = "zh",
) -> None:
    """按 1984 年规则拼写地名，或核对已有拼写 / spell a name by the rules, or check a spelling."""
    from geo_service.services.romanising import romanise_file, romanise_name, spelled_json

    if file is not None and name is None:
        sheet = romanise_file(*file, kind, lang)
        facts = {"file": str(file[1]), "names": sheet.rows, "differing": sheet.flagged}
        if json_:
            print_json({**facts, "notices": list(sheet.notices)})
        else:
            print_notices(sheet.notices)
            tell(say("romanise.written", lang, **facts))
    elif file is None and name is not None:
        spelled = romanise_name(name, kind, given)
        if json_:
            print_json(spelled_json(spelled, lang))
        else:
            for line in _lines(spelled, lang):
                tell(line)
        if spelled.wrong:
            raise typer.Exit(FINDINGS_EXIT)
    else:
        raise typer.BadParameter("请给出名称，或用 --file / give a name, or --file")
