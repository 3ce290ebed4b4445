"""`geo-service register attach|detach|attachments|extract`: files that belong to records."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geo_service.cli.options import (
    DocumentOption,
    JsonOption,
    KnownAtOption,
    LangOption,
    ReasonOption,
    RecordsAsOfOption,
    StoreOption,
    print_json,
    say,
    tell,
)
from geo_service.cli.register_options import (
    DigestArgument,
    DryRunOption,
    FileArgument,
    IdArgument,
    KindArgument,
    OnOption,
    TargetArgument,
    TitleOption,
)
from geo_service.cli.register_running import carry, kind_of, opened, period_text, signed, source_of

if TYPE_CHECKING:
    from geo_service.domain.document import Attachment
    from geo_service.domain.text import Lang


def attach(
    kind: KindArgument,
    record_id: IdArgument,
    file: FileArgument,
    on: OnOption,
    reason: ReasonOption,
    document: DocumentOption,
    title: TitleOption = "",
    dry_run: DryRunOption = False,
    json_: JsonOption = False,
    lang: LangOption = "zh",
    store: StoreOption = None,
) -> None:
    """附件：照片、扫描件、电子文件，按摘要保存 / attach a photograph, scan or document."""
    from geo_service.services.register import attaching

    of, by = kind_of(kind), signed(reason, document)
    with opened(store) as services:
        city, source = services.city, source_of(services)
        carry(
            services,
            lambda s: attaching.attach(
                s, (of, record_id), file, on, by, city=city, source=source, title=title
            ),
            lang,
            dry_run=dry_run,
            json_=json_,
        )


def detach(
    kind: KindArgument,
    record_id: IdArgument,
    digest: DigestArgument,
    on: OnOption,
    reason: ReasonOption,
    document: DocumentOption,
    dry_run: DryRunOption = False,
    json_: JsonOption = False,
    lang: LangOption = "zh",
    store: StoreOption = None,
) -> None:
    """撤下附件：自该日起不再属于记录，内容仍存档 / it belongs to the record no more."""
    from geo_service.services.register import attaching

    of, by = kind_of(kind), signed(reason, document)
    with opened(store) as services:
        carry(
            services,
            lambda s: attaching.detach(s, (of, record_id), digest, on, by),
            lang,
            dry_run=dry_run,
            json_=json_,
        )


def attachments(
    kind: KindArgument,
    record_id: IdArgument,
    as_of: RecordsAsOfOption = None,
    known_at: KnownAtOption = None,
    json_: JsonOption = False,
    lang: LangOption = "zh",
    store: StoreOption = None,
) -> None:
    """一个记录的附件 / the files of a record."""
    from geo_service.domain.clock import china_text
    from geo_service.services.register.attaching import attached, erasure
    from geo_service.services.register.telling import attachment_json

    with opened(store) as services:
        subject = (kind_of(kind), record_id)
        files = attached(services.store, subject, as_of=as_of, known_at=known_at)
        found = [(file, erasure(services.store, file.digest)) for file in files]
    if json_:
        print_json([attachment_json(file, erased) for file, erased in found])
        return
    for file, erased in found:
        tell(attachment_line(file, lang))
        if erased is not None:
            told = {
                "at": china_text(erased.recorded_at),
                "actor": erased.actor,
                "reason": erased.reason,
            }
            tell(say("register.attachment_erased", lang, **told))
    if not found:
        tell(say("register.no_attachments", lang, id=record_id))


def attachment_line(file: Attachment, lang: Lang) -> str:
    """An attachment in one line."""
    facts = {"name": file.name, "type": file.media_type, "size": file.size, "digest": file.digest}
    return say("register.attachment", lang, period=period_text(file.period, lang), **facts)


def extract(
    kind: KindArgument,
    record_id: IdArgument,
    digest: DigestArgument,
    target: TargetArgument,
    as_of: RecordsAsOfOption = None,
    known_at: KnownAtOption = None,
    json_: JsonOption = False,
    lang: LangOption = "zh",
    store: StoreOption = None,
) -> None:
    """取出附件，先核对摘要 / write an attached file out, its digest verified first."""
    from geo_service.services.register.attaching import one, write_out
    from geo_service.services.register.telling import attachment_json

    with opened(store) as services:
        subject = (kind_of(kind), record_id)
        found = one(services.store, subject, digest, as_of=as_of, known_at=known_at)
        write_out(services.store, found, target, services.settings.audience)
    if json_:
        print_json({**attachment_json(found), "file": str(target)})
        return
    tell(say("register.extracted", lang, file=target, size=found.size))
