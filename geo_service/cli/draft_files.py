"""`geo-service draft lay` and `recheck`: whole files of boundaries, decided on by another."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from geo_service.cli.draft_words import (
    DraftArgument,
    NumberOption,
    VersionOption,
    WhyOption,
    asker,
    desk_of,
    line_of,
    told,
)
from geo_service.cli.files import (
    REFUSED_EXIT,
    CrsOption,
    FileArgument,
    KindOption,
    LayerOption,
    MappingOption,
    SenderOption,
    show_report,
)
from geo_service.cli.mapping import mapping_for
from geo_service.cli.options import (
    EncodingOption,
    JsonOption,
    LangOption,
    StoreOption,
    print_json,
    say,
    tell,
)
from geo_service.cli.register_running import opened

if TYPE_CHECKING:
    from geo_service.compose import Services
    from geo_service.domain.text import Lang
    from geo_service.services.drafts.files import Decision, FileDesk


def _files(services: Services) -> FileDesk:
    from geo_service.services.drafts.files import FileDesk

    return FileDesk(desk_of(services), services.clock())


def lay(
    file: FileArgument,
    kind: KindOption,
    reason: WhyOption = "",
    document: NumberOption = "",
    layer: LayerOption = "",
    crs: CrsOption = "",
    encoding: EncodingOption = "",
    sender: SenderOption = "",
    mapping: MappingOption = None,
    json_: JsonOption = False,
    lang: LangOption = "zh",
    store: StoreOption = None,
) -> None:
    """试导入界线文件并呈报，由另一人决定 / try a file of boundaries and lay it before another."""
    import secrets

    from geo_service.services.drafts.trial import Trial
    from geo_service.services.interchange.importing import import_file

    with opened(store) as services:
        columns = mapping_for(services, sender, mapping, kind)
        report = import_file(
            services.store,
            file,
            kind,
            city=services.city,
            actor=asker().name,
            now=services.clock(),
            today=services.today(),
            dry_run=True,
            mapping=columns,
            accounted=True,
            layer=layer,
            crs=crs,
            encoding=encoding,
        )
        if not report.accepted:
            show_report(report, lang, json_=json_, dry_run=True)
            raise typer.Exit(REFUSED_EXIT)
        trial = Trial(
            kind=kind, report=report, layer=layer, crs=crs, encoding=encoding, mapping=columns
        )
        kept = _files(services).lay(
            f"D-{secrets.token_hex(8)}",
            file,
            trial,
            asker(),
            reason=reason,
            document_no=document,
        )
    told(kept, lang, json_=json_)
    if not json_:
        tell(say("drafts.laid_line", lang))


def recheck(
    draft: DraftArgument,
    expect: VersionOption,
    json_: JsonOption = False,
    lang: LangOption = "zh",
    store: StoreOption = None,
) -> None:
    """重新试导入呈报的文件 / try a file that was laid before anew."""
    with opened(store) as services:
        kept = _files(services).recheck(draft, expect, asker())
    told(kept, lang, json_=json_)
    if not json_ and kept.version == expect:
        tell(say("drafts.recheck_same", lang))


def approve_file(
    services: Services,
    draft: str,
    expect: int,
    lang: Lang,
    decision: Decision,
    *,
    dry_run: bool,
    json_: bool,
) -> None:
    """Approve a file here and now; the commands have no jobs."""
    from geo_service.services.drafts.review import draft_json

    done = _files(services).approve(draft, expect, asker(), decision, dry_run=dry_run)
    if json_:
        print_json(
            {"draft": draft_json(done.kept), "report": done.report.to_json(lang, command=True)}
        )
        return
    tell(line_of(done.kept, lang))
    key = "drafts.would_store" if dry_run else "drafts.stored"
    tell(say(key, lang, count=done.report.stored))
