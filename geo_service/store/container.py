"""What makes an SQLite file a GeoPackage: its metadata tables and the entries in them.

GeoPackage 1.3 (OGC 12-128r17), clauses 1.1 and 2.1, extension gpkg_rtree_index.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from functools import cache

from geo_service.store import ddl
from geo_service.store.blobs import EPSG
from geo_service.store.schema import Layer, Table

APPLICATION_ID = 0x47504B47
"""`GPKG`: how a program tells a GeoPackage from any other SQLite file."""

_VERSION = 10300
_RTREE_SPEC = "http://www.geopackage.org/spec120/#extension_rtree"

METADATA = (
    f"PRAGMA application_id = {APPLICATION_ID}",
    f"PRAGMA user_version = {_VERSION}",
    "CREATE TABLE gpkg_spatial_ref_sys (srs_name TEXT NOT NULL, srs_id INTEGER PRIMARY KEY,"
    " organization TEXT NOT NULL, organization_coordsys_id INTEGER NOT NULL,"
    " definition TEXT NOT NULL, description TEXT)",
    "CREATE TABLE gpkg_contents (table_name TEXT NOT NULL PRIMARY KEY, data_type TEXT NOT NULL,"
    " identifier TEXT UNIQUE, description TEXT DEFAULT '', last_change DATETIME NOT NULL DEFAULT"
    " (strftime('%Y-%m-%dT%H:%M:%fZ','now')), min_x DOUBLE, min_y DOUBLE, max_x DOUBLE,"
    " max_y DOUBLE, srs_id INTEGER REFERENCES gpkg_spatial_ref_sys(srs_id))",
    "CREATE TABLE gpkg_geometry_columns (table_name TEXT NOT NULL UNIQUE REFERENCES"
    " gpkg_contents(table_name), column_name TEXT NOT NULL, geometry_type_name TEXT NOT NULL,"
    " srs_id INTEGER NOT NULL REFERENCES gpkg_spatial_ref_sys(srs_id), z TINYINT NOT NULL,"
    " m TINYINT NOT NULL, PRIMARY KEY (table_name, column_name))",
    "CREATE TABLE gpkg_extensions (table_name TEXT, column_name TEXT, extension_name TEXT NOT NULL,"
    " definition TEXT NOT NULL, scope TEXT NOT NULL,"
    " UNIQUE (table_name, column_name, extension_name))",
)


@cache
def _reference_systems() -> tuple[tuple[str, int, str, int, str, None], ...]:
    """The three that the standard demands, and CGCS2000."""
    from pyproj import CRS  # noqa: PLC0415 - needed when a file is made, and slow to load

    named = [
        (crs.name, code, "EPSG", code, crs.to_wkt("WKT1_GDAL"), None)
        for code, crs in ((code, CRS.from_epsg(code)) for code in (4326, EPSG))
    ]
    return (
        ("Undefined cartesian SRS", -1, "NONE", -1, "undefined", None),
        ("Undefined geographic SRS", 0, "NONE", 0, "undefined", None),
        *named,
    )


def create_container(db: sqlite3.Connection) -> None:
    """Write the metadata tables and reference systems into an empty file."""
    for statement in METADATA:
        db.execute(statement)
    db.executemany(
        "INSERT INTO gpkg_spatial_ref_sys VALUES (?, ?, ?, ?, ?, ?)", _reference_systems()
    )


def register_layer(db: sqlite3.Connection, layer: Layer, last_change: str) -> None:
    """Enter a layer and its spatial index in the metadata tables."""
    _register(db, layer.table, "features", layer.title, last_change)
    db.execute(
        "INSERT INTO gpkg_geometry_columns VALUES (?, 'geom', ?, ?, 2, 0)",
        (layer.table, layer.geometry_type, EPSG),
    )
    db.execute(
        "INSERT INTO gpkg_extensions VALUES (?, 'geom', 'gpkg_rtree_index', ?, 'write-only')",
        (layer.table, _RTREE_SPEC),
    )


def register_table(db: sqlite3.Connection, table: Table, last_change: str) -> None:
    """Show a table without geometry to GIS programs."""
    _register(db, table.name, "attributes", table.title, last_change)


def _register(
    db: sqlite3.Connection, table: str, data_type: str, title: str, last_change: str
) -> None:
    db.execute(
        "INSERT INTO gpkg_contents (table_name, data_type, identifier, description, last_change,"
        " srs_id) VALUES (?, ?, ?, ?, ?, ?)",
        (table, data_type, table, title, last_change, EPSG if data_type == "features" else None),
    )


def create_layers(db: sqlite3.Connection, layers: Iterable[Layer], last_change: str) -> None:
    """Create layer tables with their spatial indexes and register them."""
    for layer in layers:
        for statement in (*ddl.create_layer(layer), *ddl.create_rtree(layer)):
            db.execute(statement)
        register_layer(db, layer, last_change)


def create_tables(db: sqlite3.Connection, tables: Iterable[Table], last_change: str) -> None:
    """Create tables without geometry; those with a title are registered."""
    for table in tables:
        for statement in ddl.create_table(table):
            db.execute(statement)
        if table.title:
            register_table(db, table, last_change)
