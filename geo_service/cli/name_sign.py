"""`geo-service name sign`: the text of a name sign against the register."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from geo_service.cli.name_request import NoRegisterOption, TypeOption
from geo_service.cli.options import (
    FINDINGS_EXIT,
    AsOfOption,
    JsonOption,
    KnownAtOption,
    LangOption,
    StoreOption,
    print_json,
    print_notices,
    say,
    settings_for,
    tell,
)
from geo_service.domain.finding import Outcome

if TYPE_CHECKING:
    from geo_service.domain.text import Lang
    from geo_service.services.name_signs import SignReport


def _show(report: SignReport, lang: Lang) -> None:
    from geo_service.services.name_signs import fault_text
    from geo_service.services.wording import outcome_text

    verdict = outcome_text(report.outcome, lang)
    tell(say("signs.head", lang, hanzi=report.hanzi, pinyin=report.pinyin, verdict=verdict))
    for fault in report.faults:
        tell(f"    {fault_text(fault, lang)}")
    tell(say("signs.expected", lang, text=report.expected))
    tell(say("name.notice", lang))


def sign(
    hanzi: Annotated[
        str | None, typer.Argument(metavar="[HANZI", help="标志上的汉字 / characters")
    ] = None,
    pinyin: Annotated[
        str | None, typer.Argument(metavar="PINYIN]", help="标志上的拼写 / spelling")
    ] = None,
    kind: TypeOption = None,
    file: Annotated[
        tuple[Path, Path] | None,
        typer.Option(
            "--file",
            metavar="SIGNS OUT",
            help="标志表（hanzi、pinyin 列，可有 type）和结果文件 / signs, and the answers",
        ),
    ] = None,
    as_of: AsOfOption = None,
    known_at: KnownAtOption = None,
    no_register: NoRegisterOption = False,
    json_: JsonOption = False,
    lang: LangOption = "zh",
    store: StoreOption = None,
) -> None:
    """地名标志的汉字和拼写是否规范 / whether a name sign shows the standard name and spelling."""
    from geo_service import compose
    from geo_service.services.name_signs import check_sign, check_sign_file, sign_json

    one = hanzi is not None and pinyin is not None
    if one == (file is not None):
        raise typer.BadParameter("请给出汉字和拼写，或用 --file / give both texts, or --file")
    services = compose.build(settings_for(store), known_at=known_at)
    day = as_of or services.today()
    try:
        asked = None if no_register else services.store
        if file is not None:
            sheet = check_sign_file(*file, day, asked, lang)
            facts = {"file": str(file[1]), "signs": sheet.rows, "flagged": sheet.flagged}
            if json_:
                print_json({**facts, "notices": list(sheet.notices)})
            else:
                print_notices(sheet.notices)
                tell(say("signs.written", lang, **facts))
            return
        report = check_sign(hanzi or "", pinyin or "", kind, day, asked)
    finally:
        services.close()
    if json_:
        print_json(sign_json(report, lang))
    else:
        _show(report, lang)
    if report.outcome is Outcome.FAIL:
        raise typer.Exit(FINDINGS_EXIT)
