"""What the commands of drafts share: their arguments, who asks, and how a draft is told."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated

import typer

from geo_service.cli.options import actor, day_of, print_json, say, tell

if TYPE_CHECKING:
    from geo_service.compose import Services
    from geo_service.domain.access import Asker
    from geo_service.domain.text import Lang
    from geo_service.services.drafts.desk import DraftDesk
    from geo_service.services.drafts.reading import Kept

DraftArgument = Annotated[str, typer.Argument(metavar="DRAFT", help="草稿编号 D-… / id of a draft")]
KindArgument = Annotated[
    str,
    typer.Argument(
        metavar="KIND",
        help="place-names | roads | units | boundary-lines | markers | junctions",
    ),
]
VersionOption = Annotated[
    int, typer.Option("--expect", metavar="VERSION", help="所见版本号 / the version you saw")
]
TargetOption = Annotated[
    str, typer.Option("--record", metavar="ID", help="所改记录，新设不写 / record, if there is one")
]
ActOption = Annotated[
    str,
    typer.Option("--act", help="create | change | rename | move | retire，不写则推定 / else told"),
]
FromOption = Annotated[
    date | None,
    typer.Option("--on", metavar="DATE", parser=day_of, help="自该日起，默认今天 / from this day"),
]
WhyOption = Annotated[str, typer.Option("--reason", help="理由 / why")]
NumberOption = Annotated[str, typer.Option("--document", metavar="NO", help="文号 / document")]
FilesOption = Annotated[
    list[str] | None,
    typer.Option(
        "--file", metavar="DIGEST", help="文件摘要，可多次 / digest of a file, repeatable"
    ),
]
StateOption = Annotated[
    list[str] | None,
    typer.Option(
        "--state", help="draft submitted approved rejected withdrawn，可多次 / repeatable"
    ),
]
WaitingOption = Annotated[bool, typer.Option("--waiting", help="待本人决定的 / waiting for me")]


def desk_of(services: Services) -> DraftDesk:
    """The desk over the register as it is now."""
    from geo_service.services.drafts.desk import DraftDesk

    return DraftDesk(services.store, services.city, services.today(), services.restricted)


def asker() -> Asker:
    """Whoever runs the command: he has the files, so rights do not bind him; his name does."""
    from geo_service.domain.access import Asker, Manner, Right
    from geo_service.domain.provenance import Label

    return Asker(actor(), Manner.DEMO, frozenset(Right), audience=Label.INTERNAL)


def told(kept: Kept, lang: Lang, *, json_: bool) -> None:
    """Tell a draft as it was written."""
    from geo_service.services.drafts.review import draft_json

    if json_:
        print_json(draft_json(kept))
        return
    tell(line_of(kept, lang))


def line_of(kept: Kept, lang: Lang) -> str:
    """A draft in one line."""
    draft = kept.draft
    return say(
        "drafts.line",
        lang,
        id=draft.id,
        version=kept.version,
        state=say(f"drafts.state_{draft.state}", lang),
        act=say(f"register.act_{draft.act}", lang),
        kind=say(f"register.kind_{draft.target_kind}", lang),
        record=draft.target_id,
        name=draft.name,
        day=draft.effective_on,
        proposer=draft.proposer,
    )
