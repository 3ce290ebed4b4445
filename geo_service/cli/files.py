"""`geo-service import` and `geo-service export`: files into and out of the register."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from geo_service.cli.export_tiles import (
    KIND as TILES,
)
from geo_service.cli.export_tiles import (
    CollectionOption,
    LabelOption,
    MaxZoomOption,
    TilesOrder,
    write_tiles,
)
from geo_service.cli.import_report import ReportOption, check_report, write_report
from geo_service.cli.mapping import mapping_for
from geo_service.cli.options import (
    EncodingOption,
    JsonOption,
    KnownAtOption,
    LangOption,
    RecordsAsOfOption,
    StoreOption,
    actor,
    issues_json,
    print_json,
    say,
    settings_for,
)
from geo_service.domain.change import RecordKind
from geo_service.domain.provenance import Label
from geo_service.errors import InputError, StoreError

if TYPE_CHECKING:
    from rich.console import Console

    from geo_service.compose import Services
    from geo_service.domain.text import Lang
    from geo_service.services.interchange.issues import Issue, Issues
    from geo_service.services.interchange.report import ImportReport
    from geo_service.settings import Settings
    from geo_service.store.protocol import Store

REFUSED_EXIT = 3
_IMPORTABLE = "place-names units boundary-lines markers roads"
_REGISTER, _TABLE, _FORMS = "register", "marker-table", "marker-forms"
_PAPERS = f"{_TABLE} {_FORMS}"
_EXPORTABLE = f"{_IMPORTABLE} boundary-nodes accepted-pairs findings review-runs"
_EXPORTABLE += f" {_PAPERS} {_REGISTER} {TILES}"
_CRS = "EPSG:4490"
_NO_STORE = ("store_missing", "server_empty")
_STYLES = {"error": "red", "warning": "yellow", "info": "dim"}


def _kind_in(value: str) -> RecordKind:
    if value not in _IMPORTABLE.split():
        raise typer.BadParameter(f"{value}: 可用 / one of: {_IMPORTABLE}")
    return RecordKind(value)


def _kind_out(value: str) -> str:
    if value not in _EXPORTABLE.split():
        raise typer.BadParameter(f"{value}: 可用 / one of: {_EXPORTABLE}")
    return value


def _console(*, stderr: bool = False) -> Console:
    from rich.console import Console

    return Console(stderr=stderr, highlight=False, markup=False, emoji=False)


def _show(report: ImportReport, lang: Lang, *, dry_run: bool) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text as Styled

    console = _console()
    console.print(say("import.cli_title", lang, file=report.file))
    if report.repeated:
        console.print(say("import.cli_repeated", lang))
    if report.issues:
        table = Table(box=SIMPLE_HEAD)
        for column in ("cli_severity", "cli_row", "cli_field", "cli_message", "cli_hint"):
            table.add_column(say(f"import.{column}", lang), overflow="fold")
        for issue in report.issues:
            level = issue.level.value
            table.add_row(
                Styled(say(f"import.level_{level}", lang), style=_STYLES[level]),
                "" if issue.row is None else str(issue.row),
                issue.field,
                issue.message.in_(lang),
                issue.command_hint.in_(lang),
            )
        console.print(table)
    if not report.accepted:
        console.print(say("import.cli_rejected", lang, count=len(report.errors)))
    else:
        key = "cli_dry_run" if dry_run else "cli_accepted"
        console.print(say(f"import.{key}", lang, count=report.stored))


@contextmanager
def _register(settings: Settings, *, dry_run: bool) -> Iterator[Store]:
    """The register, made where there is none; a trial makes and upgrades nothing.

    Where there is no register yet, a trial is held against an empty one that nobody keeps.
    """
    from tempfile import TemporaryDirectory

    from geo_service.store.opening import open_store

    with TemporaryDirectory(prefix="geo-service-") as folder:
        try:
            opened = open_store(
                settings.store,
                create=not dry_run,
                digest=settings.digest,
                backups=Path(settings.backups),
            )
        except StoreError as error:
            if not dry_run or error.code not in _NO_STORE:
                raise
            opened = open_store(f"gpkg:{folder}/trial.gpkg", create=True)
        with closing(opened) as register:
            yield register


def show_report(report: ImportReport, lang: Lang, *, json_: bool, dry_run: bool) -> None:
    """Tell what became of a file, as JSON or as a table."""
    if json_:
        print_json(report.to_json(lang, command=True))
    else:
        _show(report, lang, dry_run=dry_run)


FileArgument = Annotated[
    Path,
    typer.Argument(
        metavar="FILE",
        help="要导入的文件 / the file: .csv .xlsx .geojson .gpkg .shp .gdb .zip (Shapefile, "
        "File Geodatabase) .kml .kmz .parquet .jsonld .dxf",
    ),
]
KindOption = Annotated[
    RecordKind,
    typer.Option("--as", metavar="KIND", parser=_kind_in, help=f"种类 / kind: {_IMPORTABLE}"),
]
LayerOption = Annotated[
    str, typer.Option("--layer", help="图层或工作表 / layer or sheet of the file")
]
CrsOption = Annotated[
    str, typer.Option("--crs", metavar="EPSG:n", help="坐标系 / coordinate system of the file")
]
DryRunOption = Annotated[
    bool, typer.Option("--dry-run", help="只检查，不写入 / check only, store nothing")
]
SenderOption = Annotated[
    str,
    typer.Option("--sender", help="报送单位，按其已保存的列名对应读取 / use its saved columns"),
]
MappingOption = Annotated[
    Path | None,
    typer.Option(
        "--mapping",
        metavar="FILE",
        help="列名对应文件 / columns of the file, CSV: header,field（列名,字段）",
    ),
]


def import_command(
    file: FileArgument,
    kind: KindOption,
    layer: LayerOption = "",
    crs: CrsOption = "",
    encoding: EncodingOption = "",
    dry_run: DryRunOption = False,
    sender: SenderOption = "",
    mapping: MappingOption = None,
    report_to: ReportOption = None,
    store: StoreOption = None,
    json_: JsonOption = False,
    lang: LangOption = "zh",
) -> None:
    """导入文件：全部写入，或一条不写 / import a file: all of it or nothing."""
    from geo_service import compose
    from geo_service.services.interchange.importing import import_file
    from geo_service.services.interchange.returning import Occasion

    check_report(report_to, file)
    services = compose.build(settings_for(store))
    columns = mapping_for(services, sender, mapping, kind)
    waiting = _console(stderr=True).status(say("import.cli_reading", lang))
    with _register(services.settings, dry_run=dry_run) as register, waiting:
        report = import_file(
            register,
            file,
            kind,
            city=services.city,
            actor=actor(),
            now=services.clock(),
            today=services.today(),
            layer=layer,
            crs=crs,
            encoding=encoding,
            dry_run=dry_run,
            mapping=columns,
        )
    show_report(report, lang, json_=json_, dry_run=dry_run)
    if report_to is not None:
        occasion = Occasion(services.city.name, services.today(), dry_run)
        write_report(report_to, report, occasion, lang)
    if not report.accepted:
        raise typer.Exit(REFUSED_EXIT)


FieldsOption = Annotated[
    str,
    typer.Option(
        "--fields",
        metavar="NAME",
        help="按字段字典写出 / columns of a field dictionary: mzt-practice（界线、界桩 / lines, "
        "markers），dmk-practice、census-practice（地名 / place names）",
    ),
]
LineOption = Annotated[
    str, typer.Option("--line", metavar="CODE", help="只导出一条界线 / one line only")
]
ExportCrsOption = Annotated[
    str,
    typer.Option(
        "--crs",
        metavar="EPSG:n",
        help="坐标系，默认 EPSG:4490，DXF、成果表、登记表为本市投影带 / system, else EPSG:4490 or, "
        "for drawings and papers, the zone of the city",
    ),
]


def export_command(
    kind: Annotated[
        str, typer.Argument(metavar="KIND", parser=_kind_out, help=f"种类 / kind: {_EXPORTABLE}")
    ],
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE",
            help="目标文件 / target: .gpkg .geojson .csv .xlsx .kml .parquet .gdb.zip，"
            "地名 / place names .jsonld (Linked Places)，界线 / lines .dxf，"
            "加 / with --fields .shp.zip .shp，成果表、登记表 / papers .xlsx，"
            "切片 / tiles .pmtiles",
        ),
    ],
    fields: FieldsOption = "",
    line: LineOption = "",
    as_of: RecordsAsOfOption = None,
    known_at: KnownAtOption = None,
    crs: ExportCrsOption = "",
    collection: CollectionOption = None,
    max_zoom: MaxZoomOption = None,
    label: LabelOption = Label.INTERNAL,
    store: StoreOption = None,
    json_: JsonOption = False,
    lang: LangOption = "zh",
) -> None:
    """导出记录，供内部使用 / export records, for internal use.

    register 把全部记录写成一个 GeoPackage（EPSG:4490，每类一层），供 QGIS 使用。
    marker-table 是界桩成果表，marker-forms 是一条界线的界桩登记表（XLSX），空项和签字留白。
    tiles 把图层切成一个 PMTiles 文件，供网页地图和 QGIS 离线显示。
    `register` writes everything as one GeoPackage (EPSG:4490, a layer for each kind) for QGIS;
    `marker-table` lists markers, `marker-forms` fills one form to a marker of a line (XLSX);
    `tiles` cuts layers into one PMTiles file, for web maps and QGIS without a server.
    """
    from geo_service import compose
    from geo_service.cli.boundary_check import tell_issues

    of_tiles = bool(collection) or max_zoom is not None or label is not Label.INTERNAL
    _require_fitting(kind, crs=crs, fields=fields, line=line, of_tiles=of_tiles)
    services = compose.build(settings_for(store))
    if kind == TILES:
        tiles = TilesOrder(file, tuple(collection or ()), max_zoom, label, as_of, known_at)
        with closing(services):
            write_tiles(tiles, services, lang, json_=json_)
        return
    order = _Order(kind, file, fields, line, as_of, known_at, crs)
    try:
        with _console(stderr=True).status(say("import.cli_writing", lang)):
            count, issues = order.write(services)
    finally:
        services.close()
    if json_:
        told = {"issues": issues_json(issues, lang)} if issues else {}
        print_json({"kind": kind, "file": str(file), "exported": count, **told})
        return
    tell_issues(issues, lang)
    _console().print(say("import.cli_exported", lang, count=count, file=file))


def _require_fitting(kind: str, *, crs: str, fields: str, line: str, of_tiles: bool) -> None:
    """Options that a kind does not take are refused, not overlooked. Raises BadParameter."""
    if kind == _REGISTER and (crs not in ("", _CRS) or fields or line):
        raise typer.BadParameter(f"{_REGISTER}: --crs {_CRS}")
    if kind in _PAPERS.split() and fields:
        raise typer.BadParameter(f"{kind}: --fields")
    if kind == TILES and (crs or fields or line):
        raise typer.BadParameter(f"{TILES}: --crs --fields --line")
    if kind != TILES and of_tiles:
        raise typer.BadParameter(f"{kind}: --collection --max-zoom --label")


@dataclass(frozen=True, slots=True)
class _Order:
    """What is to be exported, and how."""

    kind: str
    file: Path
    fields: str
    line: str
    as_of: date | None
    known_at: datetime | None
    crs: str

    def write(self, services: Services) -> tuple[int, Sequence[Issue]]:
        """The number of records written, and what the file could not carry."""
        from geo_service.services.interchange.issues import Issues

        suffix = self.file.suffix.lower()
        if self.kind == _REGISTER:
            from geo_service.services.interchange.exporting import export_register

            day, now = self.as_of or services.today(), services.clock()
            known = self.known_at
            count = export_register(services.store, self.file, as_of=day, known_at=known, now=now)
            return count, ()
        if self.kind in _PAPERS.split():
            return self._papers(services), ()
        told = Issues(self.file.name)
        if self.fields:
            return self._exchange(services, told), told.all()
        if suffix == ".dxf" and self.kind == RecordKind.BOUNDARY_LINES:
            return self._drawing(services)
        return self._records(services, told), told.all()

    def _records(self, services: Services, told: Issues) -> int:
        from geo_service.services.interchange.dictionary import dictionary_names
        from geo_service.services.interchange.exporting import export_records

        if self.line or self.file.name.lower().endswith((".shp", ".shp.zip")):
            known = " ".join(dictionary_names())
            raise InputError("export_needs_fields", suffix=self.file.suffix, known=known)
        return export_records(
            services.store,
            RecordKind(self.kind),
            self.file,
            as_of=self.as_of,
            known_at=self.known_at,
            crs=self.crs or _CRS,
            told=told,
        )

    def _exchange(self, services: Services, told: Issues) -> int:
        from geo_service.services.interchange.exchanging import export_exchange

        return export_exchange(
            services.store,
            RecordKind(self.kind),
            self.file,
            self.fields,
            city=services.city,
            as_of=self.as_of,
            known_at=self.known_at,
            crs=self.crs or _CRS,
            line_code=self.line,
            told=told,
        )

    def _papers(self, services: Services) -> int:
        from geo_service.services.interchange.marker_papers import (
            export_marker_forms,
            export_marker_table,
        )

        write = export_marker_table if self.kind == _TABLE else export_marker_forms
        return write(
            services.store,
            self.file,
            city=services.city,
            as_of=self.as_of,
            known_at=self.known_at,
            crs=self.crs,
            line_code=self.line,
        )

    def _drawing(self, services: Services) -> tuple[int, Sequence[Issue]]:
        from geo_service.services.interchange.drawing import export_drawing

        drawing = export_drawing(
            services.store,
            self.file,
            city=services.city,
            as_of=self.as_of,
            known_at=self.known_at,
            crs=self.crs,
            line_code=self.line,
        )
        return drawing.count, drawing.issues
