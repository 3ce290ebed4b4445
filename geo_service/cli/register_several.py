"""`geo-service register split|merge`: acts on several records at once."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from geo_service.cli.options import (
    DocumentOption,
    DrawingCrsOption,
    JsonOption,
    LangOption,
    ReasonOption,
    StoreOption,
)
from geo_service.cli.register_options import (
    ByLineOption,
    DryRunOption,
    ExpectOption,
    IdArgument,
    IdsArgument,
    IntoOption,
    KindArgument,
    OnOption,
    PartOption,
)
from geo_service.cli.register_running import carry, drawing, kind_of, opened, signed, typed_fields

if TYPE_CHECKING:
    from geo_service.compose import Services
    from geo_service.domain.change import RecordKind
    from geo_service.domain.text import Lang
    from geo_service.services.register.acts import Kept


def _part(
    words: str, kind: RecordKind, whole: Kept, crs: str, services: Services, lang: Lang
) -> Kept:
    """What a record becomes, typed as fields with semicolons between them."""
    from geo_service.services.register.fields import part_of

    typed = _fields(words)
    path = typed.pop("geometry", "")
    typed.pop("side", "")
    shape = drawing(Path(path) if path else None, kind, crs, services, lang)
    return part_of(kind, whole, typed, shape)


def _fields(words: str) -> dict[str, str]:
    return dict(typed_fields([word for word in words.replace("；", ";").split(";") if word]))


def split(
    kind: KindArgument,
    record_id: IdArgument,
    on: OnOption,
    reason: ReasonOption,
    document: DocumentOption,
    part: PartOption,
    line: ByLineOption = None,
    crs: DrawingCrsOption = "",
    expect: ExpectOption = None,
    dry_run: DryRunOption = False,
    json_: JsonOption = False,
    lang: LangOption = "zh",
    store: StoreOption = None,
) -> None:
    """拆分：一个变为几个，保留原编号的部分延续原记录 / one becomes several."""
    from geo_service.domain.change import RecordKind
    from geo_service.services.register import planning, several

    of, by = kind_of(kind), signed(reason, document, expect, record_id)
    with opened(store) as services:
        by = planning.as_seen(services.store, of, [record_id], by)
        cut = drawing(line, RecordKind.BOUNDARY_LINES, crs, services, lang)
        sides = [_fields(words).get("side", "") for words in part] if line else []
        whole = planning.in_force(services.store, of, record_id, on)
        parts = [_part(words, of, whole, crs, services, lang) for words in part]
        carry(
            services,
            lambda s: several.split(
                s, record_id, parts, on, by, city=services.city, line=cut, sides=sides
            ),
            lang,
            dry_run=dry_run,
            json_=json_,
        )


def merge(
    kind: KindArgument,
    ids: IdsArgument,
    on: OnOption,
    reason: ReasonOption,
    document: DocumentOption,
    into: IntoOption,
    crs: DrawingCrsOption = "",
    expect: ExpectOption = None,
    dry_run: DryRunOption = False,
    json_: JsonOption = False,
    lang: LangOption = "zh",
    store: StoreOption = None,
) -> None:
    """合并：几个变为一个，未写明的项取自第一个 / several become one, else as the first."""
    from geo_service.services.register import planning, several

    of, by = kind_of(kind), signed(reason, document, expect)
    with opened(store) as services:
        by = planning.as_seen(services.store, of, ids, by)
        first = planning.in_force(services.store, of, ids[0], on)
        record = _part(into, of, first, crs, services, lang)
        carry(
            services,
            lambda s: several.merge(s, ids, record, on, by, city=services.city),
            lang,
            dry_run=dry_run,
            json_=json_,
        )
