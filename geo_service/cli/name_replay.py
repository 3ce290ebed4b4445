"""`geo-service name replay`: stored verdicts asked again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from geo_service.cli.options import (
    FINDINGS_EXIT,
    REFUSED_EXIT,
    JsonOption,
    LangOption,
    StoreOption,
    print_json,
    say,
    settings_for,
    tell,
)

if TYPE_CHECKING:
    from geo_service.domain.text import Lang
    from geo_service.services.name_replay import Replayed


def _lines(row: Replayed, lang: Lang) -> Iterator[str]:
    if row.problem is not None:
        yield say("replay.problem", lang, line=row.line, problem=row.problem.in_(lang))
        return
    told = {"line": row.line, "name": row.name, "before": row.before, "after": row.after}
    yield say("replay.differs", lang, **told)
    for key, findings in (("gained", row.gained), ("lost", row.lost)):
        for found in findings:
            facts = {"rule": found["rule_id"], "message": found["message"]}
            yield say(f"replay.{key}", lang, **facts)
    if row.altered:
        yield say("replay.altered", lang, keys=", ".join(row.altered))


def replay(
    file: Annotated[
        Path,
        typer.Argument(metavar="FILE", help="检查结果，每行一条 JSON / verdicts as JSON lines"),
    ],
    rule: Annotated[
        str,
        typer.Option("--rule", metavar="ID", help="只重演这条规则 / ask this rule alone anew"),
    ] = "",
    json_: JsonOption = False,
    lang: LangOption = "zh",
    store: StoreOption = None,
) -> None:
    """按当日法规和当时登记簿重演保存的检查结果，列出不同之处 / ask stored verdicts again.

    文件由 name check --keep 或 name check-file --keep 写成。
    有不同即以 1 退出，有不能重演的即以 3 退出。
    """
    from geo_service import compose
    from geo_service.services.name_replay import (
        Replay,
        asks_register,
        replayed_json,
        stored_verdicts,
    )

    services = compose.build(settings_for(store))
    verdicts = stored_verdicts(file)
    try:
        asked = services.store if asks_register(verdicts) else None
        again = Replay(services.city, asked, services.restricted)
        rows = list(again.all(verdicts, rule))
    finally:
        services.close()
    count = {
        "lines": len(rows),
        "identical": sum(row.identical for row in rows),
        "flips": sum(row.flips for row in rows),
        "problems": sum(row.problem is not None for row in rows),
    }
    count["changed"] = count["lines"] - count["identical"] - count["flips"] - count["problems"]
    differing = [row for row in rows if not row.identical]
    if json_:
        for row in differing:
            print_json(replayed_json(row, lang))
        print_json(count)
    else:
        for row in differing:
            for line in _lines(row, lang):
                tell(line)
        tell(say("replay.done", lang, **count))
    if count["problems"]:
        raise typer.Exit(REFUSED_EXIT)
    if differing:
        raise typer.Exit(FINDINGS_EXIT)
