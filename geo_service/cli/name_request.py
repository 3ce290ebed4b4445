"""What is asked of a name on the command line: the options of a check, and their reading."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from geo_service.domain.place import FeatureType
from geo_service.rules.names import Standing

if TYPE_CHECKING:
    from geo_service.compose import Services
    from geo_service.domain.proposal import FeatureFacts
    from geo_service.domain.text import Lang
    from geo_service.services.names import NameRequest

TypeOption = Annotated[
    FeatureType | None,
    typer.Option("--type", help="地名类型，默认按通名推断 / type, by default from the generic"),
]
StatusOption = Annotated[Standing, typer.Option("--status", help="拟命名、现有或受保护 / standing")]
AtOption = Annotated[
    str | None,
    typer.Option("--at", metavar="LON,LAT", help="位置，经度,纬度 / position in degrees"),
]
GeometryOption = Annotated[
    Path | None,
    typer.Option(
        "--geometry",
        metavar="FILE",
        help="一个地物的图形文件，量取长度、面积和位置 / file of one feature to be measured",
    ),
]
FactOption = Annotated[
    list[str] | None,
    typer.Option(
        "--fact",
        metavar="NAME=VALUE",
        help="规模、性质，可重复，如 site_area_m2=12000、road_class=lane / size and nature",
    ),
]
NoRegisterOption = Annotated[
    bool, typer.Option("--no-register", help="不查登记簿 / do not ask the register")
]


def facts_of(told: list[str] | None) -> FeatureFacts:
    """The facts given as NAME=VALUE, each once."""
    from geo_service.services.facts import fact_names, read_facts

    pairs: dict[str, str] = {}
    for text in told or ():
        # A Chinese keyboard gives the full-width sign.
        name, equals, value = text.replace("\uff1d", "=").partition("=")
        if not equals or name not in fact_names() or name in pairs:
            known = " ".join(fact_names())
            raise typer.BadParameter(
                f"应写作 site_area_m2=12000，每项一次 / expected NAME=VALUE, each once: "
                f"{text}；可用 / known: {known}"
            )
        pairs[name] = value
    return read_facts(pairs)


def drawn(
    request: NameRequest, path: Path | None, crs: str, services: Services, lang: Lang
) -> NameRequest:
    """The request with what its drawing tells; without a drawing, the request itself."""
    if path is None:
        return request
    from geo_service.services.drawn_feature import as_drawn, read_feature

    city, today = services.city, services.today()
    return as_drawn(request, read_feature(path, city=city, today=today, lang=lang, crs=crs))


def type_of(name: str, given: FeatureType | None) -> FeatureType:
    """The type given, else the one that the generic tells. Raises InputError where none does."""
    if given is not None:
        return given
    from geo_service.errors import InputError
    from geo_service.language.normalise import normal_form
    from geo_service.language.split import likely_type
    from geo_service.services.names import checked_name

    kind = likely_type(normal_form(checked_name(name)))
    if kind is None:
        raise InputError("feature_type_unknown", name=name)
    return kind
