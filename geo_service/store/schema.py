"""The schema of the store, declared once; `sql` writes it out for an engine.

Every layer keeps every version of every record: a row says "this value held in the world from
`valid_from` to `valid_to`, and so it stood in the register from `recorded_at` to `superseded_at`".
Column types are GeoPackage types on purpose: GDAL and QGIS drop a VARCHAR column without a word.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from geo_service.domain.change import RecordKind


class ColumnType(StrEnum):
    """The only types in use, as GeoPackage 1.3 names them."""

    TEXT = "TEXT"
    INTEGER = "INTEGER"
    REAL = "REAL"
    DATETIME = "DATETIME"
    BLOB = "BLOB"


@dataclass(frozen=True, slots=True)
class Column:
    """One column; `required` columns take no NULL."""

    name: str
    type: ColumnType = ColumnType.TEXT
    required: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A table without geometry. `append_only` rows are guarded against change and deletion.

    `title` makes it visible to GIS programs as an attribute table; "" keeps it internal.
    """

    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    indexes: tuple[tuple[str, ...], ...] = ()
    append_only: bool = False
    title: str = ""


@dataclass(frozen=True, slots=True)
class Layer:
    """One kind of record with its geometry column `geom` (EPSG:4490).

    `codes` is SQL, valid in SQLite and PostgreSQL alike, for the division codes of a row, each
    with a space before it; NULL where a row has none.
    """

    kind: RecordKind
    table: str
    title: str
    geometry_type: str
    attributes: tuple[Column, ...]
    codes: str

    @property
    def columns(self) -> tuple[str, ...]:
        """All columns in order: row number, geometry, the two clocks, attributes."""
        return ("fid", "geom", *(c.name for c in VERSIONING), *self.names)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the attributes, the part that the log keeps as payload."""
        return tuple(column.name for column in self.attributes)

    @property
    def rtree(self) -> str:
        """Name of the spatial index, fixed by the GeoPackage extension gpkg_rtree_index."""
        return f"rtree_{self.table}_geom"


def _required(name: str, kind: ColumnType = ColumnType.TEXT) -> Column:
    return Column(name, kind, required=True)


VERSIONING = (
    _required("id"),
    _required("version", ColumnType.INTEGER),
    _required("sequence", ColumnType.INTEGER),
    Column("valid_from"),
    Column("valid_to"),
    _required("recorded_at", ColumnType.DATETIME),
    Column("superseded_at", ColumnType.DATETIME),
)
"""What every layer row carries beside its attributes; `sequence` is the log entry it comes from."""

_PROVENANCE = tuple(_required(name) for name in ("source", "licence", "force", "label", "note"))

LAYERS = (
    Layer(
        kind=RecordKind.PLACE_NAMES,
        table="place_names",
        title="地名",
        geometry_type="GEOMETRY",
        attributes=(
            _required("name"),
            _required("feature_type"),
            _required("status"),
            Column("unit_code"),
            _required("romanization"),
            _required("reading_source"),
            Column("approved_on"),
            _required("document_no"),
            _required("meaning"),
            _required("origin"),
            *_PROVENANCE,
        ),
        codes="' ' || unit_code",
    ),
    Layer(
        kind=RecordKind.UNITS,
        table="units",
        title="行政区划",
        geometry_type="GEOMETRY",
        attributes=(_required("code"), _required("name"), *_PROVENANCE),
        codes="' ' || code",
    ),
    Layer(
        kind=RecordKind.BOUNDARY_LINES,
        table="boundary_lines",
        title="行政区域界线",
        geometry_type="GEOMETRY",
        attributes=(
            _required("code"),
            _required("name"),
            _required("left_code"),
            _required("right_code"),
            Column("level"),
            Column("length_km", ColumnType.REAL),
            _required("agreement_no"),
            _required("legal_status"),
            *_PROVENANCE,
        ),
        codes="' ' || left_code || ' ' || right_code",
    ),
    Layer(
        kind=RecordKind.BOUNDARY_NODES,
        table="boundary_nodes",
        title="界线交会点与起止点",
        geometry_type="POINT",
        attributes=(_required("node_kind"), _required("units"), *_PROVENANCE),
        codes="' ' || units",
    ),
    Layer(
        kind=RecordKind.MARKERS,
        table="markers",
        title="界桩",
        geometry_type="POINT",
        attributes=(
            _required("number"),
            _required("line_code"),
            _required("marker_kind"),
            Column("height_m", ColumnType.REAL),
            _required("material"),
            Column("responsible_side"),
            *_PROVENANCE,
        ),
        # A line code is the common ancestor and the last four digits of each side.
        codes="' ' || substr(line_code, 1, 2) || substr(line_code, 7, 4)"
        " || ' ' || substr(line_code, 1, 2) || substr(line_code, 11, 4)",
    ),
    Layer(
        kind=RecordKind.ROADS,
        table="roads",
        title="道路",
        geometry_type="GEOMETRY",
        attributes=(
            _required("name"),
            _required("grade"),
            Column("width_m", ColumnType.REAL),
            Column("length_m", ColumnType.REAL),
            Column("unit_code"),
            _required("status"),
            *_PROVENANCE,
        ),
        codes="' ' || unit_code",
    ),
    Layer(
        kind=RecordKind.ACCEPTED_PAIRS,
        table="accepted_pairs",
        title="认可的相近名称",
        geometry_type="GEOMETRY",
        attributes=(
            _required("one"),
            _required("other"),
            _required("signer"),
            _required("accepted_on"),
            _required("reason"),
            _required("document_no"),
            *_PROVENANCE,
        ),
        codes="NULL",
    ),
    Layer(
        kind=RecordKind.FINDINGS,
        table="findings",
        title="检查问题及处理",
        geometry_type="GEOMETRY",
        attributes=(
            *map(_required, ("rule_id", "family", "city")),
            _required("scale", ColumnType.INTEGER),
            *map(_required, ("origin", "subject_kind", "subject_id", "subject_name", "severity")),
            *map(_required, ("title", "title_en", "message", "message_en", "named")),
            *map(_required, ("state", "cause", "run_id", "first_seen", "last_seen", "changed")),
            _required("signer"),
            Column("signed_on"),
            _required("reason"),
            _required("document_no"),
            Column("ends_on"),
            *_PROVENANCE,
        ),
        codes="NULL",
    ),
    Layer(
        kind=RecordKind.REVIEW_RUNS,
        table="review_runs",
        title="检查记录",
        geometry_type="GEOMETRY",
        attributes=(
            *map(_required, ("families", "city")),
            _required("scale", ColumnType.INTEGER),
            *map(_required, ("origin", "rules", "counts", "tally", "found")),
            *map(_required, ("rules_digest", "data_digest", "code")),
            *_PROVENANCE,
        ),
        codes="NULL",
    ),
    Layer(
        kind=RecordKind.PERSONAL_VALUES,
        table="personal_values",
        title="个人信息登记（不含内容）",
        geometry_type="GEOMETRY",
        attributes=(
            *map(_required, ("value_kind", "subject_kind", "subject_id", "field", "digest", "act")),
            *_PROVENANCE,
        ),
        codes="NULL",
    ),
    Layer(
        kind=RecordKind.DOCUMENTS,
        table="documents",
        title="文件",
        geometry_type="GEOMETRY",
        attributes=(
            *map(_required, ("document_kind", "title", "number")),
            Column("issued_on"),
            _required("issuer"),
            *_PROVENANCE,
        ),
        codes="NULL",
    ),
    Layer(
        kind=RecordKind.ATTACHMENTS,
        table="attachments",
        title="附件登记",
        geometry_type="GEOMETRY",
        attributes=(
            *map(_required, ("subject_kind", "subject_id", "digest", "media_type")),
            _required("size", ColumnType.INTEGER),
            *map(_required, ("file_name", "title")),
            *_PROVENANCE,
        ),
        codes="NULL",
    ),
    Layer(
        kind=RecordKind.DRAFTS,
        table="drafts",
        title="草稿",
        geometry_type="GEOMETRY",
        attributes=(
            *map(_required, ("target_kind", "target_id", "act", "body", "effective_on")),
            *map(_required, ("authors", "given_crs")),
            _required("seen", ColumnType.INTEGER),
            *map(_required, ("reason", "document_no", "files", "checked", "state", "decided_by")),
            Column("decided_on"),
            _required("decision"),
            _required("event", ColumnType.INTEGER),
            *_PROVENANCE,
        ),
        codes="NULL",
    ),
)

LAYER_OF = {layer.kind: layer for layer in LAYERS}

CHANGE = Table(
    name="change",
    title="变更日志",
    columns=(
        _required("sequence", ColumnType.INTEGER),
        _required("kind"),
        _required("record_id"),
        _required("version", ColumnType.INTEGER),
        _required("operation"),
        Column("valid_from"),
        Column("valid_to"),
        _required("recorded_at", ColumnType.DATETIME),
        _required("actor"),
        _required("reason"),
        _required("basis"),
        Column("before_sequence", ColumnType.INTEGER),
        _required("payload"),
        Column("geometry", ColumnType.BLOB),
        _required("prev_hash"),
        _required("hash"),
    ),
    key=("sequence",),
    indexes=(("record_id",),),
    append_only=True,
)

NAME_INDEX = Table(
    name="name_index",
    columns=(
        _required("manner"),
        _required("key"),
        _required("unit_code"),
        _required("fid", ColumnType.INTEGER),
    ),
    key=("manner", "key", "unit_code", "fid"),
)
"""Written forms and likeness keys of place names; `fid` is the row of `place_names`.

The unit ("" where it is not known) stands before the row, so that the names of one city are read
without those of the nation.
"""

RECEIPT = Table(
    name="receipt",
    columns=(
        _required("number", ColumnType.INTEGER),
        _required("digest"),
        _required("stored", ColumnType.INTEGER),
        _required("report_json"),
        _required("recorded_at", ColumnType.DATETIME),
        _required("sequence", ColumnType.INTEGER),
        _required("entry_hash"),
        _required("prev_hash"),
        _required("hash"),
    ),
    key=("number",),
    indexes=(("digest",),),
    append_only=True,
)
"""Receipts of imports; each seals the one before and the newest log entry of its time."""

PERSON = Table(
    name="person",
    columns=(
        _required("number", ColumnType.INTEGER),
        _required("id"),
        _required("salt"),
        _required("value"),
    ),
    key=("number",),
    indexes=(("id",),),
)
"""Personal values in clear, beside the log, so that they can be erased. No index holds a value."""

CONTENT = Table(
    name="content",
    columns=(
        _required("number", ColumnType.INTEGER),
        _required("digest"),
        _required("data", ColumnType.BLOB),
    ),
    key=("number",),
    indexes=(("digest",),),
)
"""The bytes of attached files, each once, under the digest that the log names them by."""

META = Table(name="meta", columns=(_required("key"), _required("value")), key=("key",))

MIGRATION = Table(
    name="migration",
    columns=(
        _required("number", ColumnType.INTEGER),
        _required("name"),
        _required("checksum"),
        _required("applied_at", ColumnType.DATETIME),
    ),
    key=("number",),
)

TABLES = (CHANGE, NAME_INDEX, RECEIPT, PERSON, CONTENT)
"""Tables besides the layers; META and MIGRATION stand before any migration."""
