"""`geo-service name confusable`: how easily one name is taken for another."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from geo_service.cli.name_request import TypeOption
from geo_service.cli.options import (
    AsOfOption,
    JsonOption,
    LangOption,
    print_json,
    print_notices,
    say,
    settings_for,
    tell,
)

if TYPE_CHECKING:
    from geo_service.domain.text import Lang
    from geo_service.services.name_pairs import Pair


def _show(pair: Pair, lang: Lang) -> None:
    from geo_service.services.name_pairs import reasons_of

    found = pair.found
    verdict = say("likeness.confusable" if found.confusable else "likeness.distinct", lang)
    facts = {"one": pair.names[0], "other": pair.names[1], "score": f"{found.score:.2f}"}
    tell(say("likeness.answer", lang, verdict=verdict, **facts))
    for reason in reasons_of(pair):
        tell(f"    {reason.in_(lang)}")
    tell(say("name.notice", lang))


def confusable(
    name_a: Annotated[
        str | None, typer.Argument(metavar="[NAME_A", help="第一个名称 / the first name")
    ] = None,
    name_b: Annotated[
        str | None, typer.Argument(metavar="NAME_B]", help="第二个名称 / the second name")
    ] = None,
    kind: TypeOption = None,
    file: Annotated[
        tuple[Path, Path] | None,
        typer.Option(
            "--file",
            metavar="PAIRS OUT",
            help="成对名称表（name_a、name_b 列）和结果文件 / sheet of pairs, and the answers",
        ),
    ] = None,
    dialect: Annotated[
        str,
        typer.Option("--dialect", help="方言表，如 jiaoliao（未经核实）/ dialect, unconfirmed"),
    ] = "",
    as_of: AsOfOption = None,
    json_: JsonOption = False,
    lang: LangOption = "zh",
) -> None:
    """两个名称是否容易混淆，并说明理由 / whether two names are easily confused, and why."""
    from geo_service import compose
    from geo_service.language.likeness_forms import profile_of
    from geo_service.services.name_pairs import compare, compare_file, pair_json

    services = compose.build(settings_for())
    profile = profile_of(services.city, as_of or services.today(), dialect)
    if file is not None and name_a is None:
        from rich.console import Console

        source, target = file
        with Console(stderr=True).status(say("likeness.comparing", lang)):
            sheet = compare_file(source, target, kind, profile, lang=lang)
        facts = {"file": str(target), "pairs": sheet.rows, "confusable": sheet.flagged}
        if json_:
            print_json({**facts, "notices": list(sheet.notices)})
        else:
            print_notices(sheet.notices)
            tell(say("likeness.compared", lang, **facts))
    elif file is None and name_a is not None and name_b is not None:
        pair = compare(name_a, name_b, kind, profile)
        if json_:
            print_json(pair_json(pair, lang))
        else:
            _show(pair, lang)
    else:
        raise typer.BadParameter("请给出两个名称，或用 --file / give two names, or --file")
