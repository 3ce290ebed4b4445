"""Which column of a sender's files is which field, as a person once confirmed it.

Kept in one CSV that anybody may read and edit: city, sender, kind, version, header, field (blank
for a column that is not wanted), signer, saved_at (UTC), reason. It only grows: to save again adds
a version, to withdraw adds one without columns. The newest version counts, and never in silence.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from geo_service.domain.change import RecordKind
from geo_service.domain.clock import china_text
from geo_service.errors import InputError
from geo_service.services.interchange.columns import IMPORTABLE, folded, known_fields
from geo_service.services.interchange.exporting import written_whole
from geo_service.services.interchange.hygiene import harmless

_COLUMNS = ("city", "sender", "kind", "version", "header", "field", "signer", "saved_at", "reason")
_GIVEN = (("header", "field"), ("列名", "字段"))
_LONGEST = 200


@dataclass(frozen=True, slots=True)
class ColumnMapping:
    """The fields of a sender's columns: header → field, "" for a column that is not wanted.

    One that comes from a file of its own has no `version` and no signer, and its path as `sender`.
    """

    sender: str
    kind: RecordKind
    fields: Mapping[str, str]
    version: int = 0
    signer: str = ""
    saved_at: str = ""
    reason: str = ""

    @property
    def saved_text(self) -> str:
        """When it was saved, as people read it; what is no moment stays as it is in the table."""
        try:
            return china_text(datetime.fromisoformat(self.saved_at))
        except ValueError:
            return self.saved_at

    @property
    def digest(self) -> str:
        """What makes two mappings the same: their columns."""
        return hashlib.sha256(json.dumps(sorted(self.fields.items())).encode()).hexdigest()


def checked(mapping: ColumnMapping) -> ColumnMapping:
    """The mapping, where every field is one of the kind.

    Raises InputError `mapping_field_unknown`, or `mapping_header_repeated` where one header is
    given twice in writings that count as the same.
    """
    known = known_fields(mapping.kind)
    seen: set[str] = set()
    for header, field in mapping.fields.items():
        if field and field not in known:
            listed = " ".join(sorted(known))
            raise InputError("mapping_field_unknown", header=header, field=field, known=listed)
        if folded(header) in seen:
            raise InputError("mapping_header_repeated", header=header)
        seen.add(folded(header))
    return mapping


def given_mapping(path: Path, kind: RecordKind) -> ColumnMapping:
    """The mapping in a CSV (UTF-8) with the columns header and field, or 列名 and 字段.

    Raises InputError `mapping_unreadable`, and as `checked` does.
    """
    rows = _rows(path)
    if not rows or tuple(rows[0]) not in _GIVEN or any(len(row) != 2 for row in rows):
        raise InputError("mapping_unreadable", file=path, row=1, expected="header,field")
    headers = [row[0] for row in rows[1:]]
    if len(headers) > len(set(headers)):
        twice = next(header for header in headers if headers.count(header) > 1)
        raise InputError("mapping_header_repeated", header=twice)
    return checked(ColumnMapping(path.name, kind, {row[0]: row[1].strip() for row in rows[1:]}))


def _rows(path: Path) -> list[list[str]]:
    try:
        text = path.read_text(encoding="utf-8-sig")
        return [row for row in csv.reader(io.StringIO(text, newline=""), strict=True) if row]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError("mapping_unreadable", file=path, row=0, expected="CSV, UTF-8") from error


# --- the bureau's table ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class MappingBook:
    """All mappings of one city, in a CSV that need not exist yet."""

    path: Path
    city: str

    def all(self) -> tuple[ColumnMapping, ...]:
        """The newest mapping of each sender and kind; what was withdrawn is left out."""
        newest: dict[tuple[str, RecordKind], ColumnMapping] = {}
        for mapping in self.versions():
            newest[mapping.sender, mapping.kind] = mapping
        return tuple(mapping for _, mapping in sorted(newest.items()) if mapping.fields)

    def versions(self) -> tuple[ColumnMapping, ...]:
        """Every version that was ever saved, the oldest first. Raises InputError."""
        grouped: dict[tuple[str, str, int], list[dict[str, str]]] = {}
        for row in self._table():
            if row["city"] == self.city:
                key = row["sender"], row["kind"], int(row["version"])
                grouped.setdefault(key, []).append(row)
        ordered = sorted(grouped.items(), key=lambda item: item[0])
        return tuple(_mapping(rows) for _, rows in ordered)

    def find(self, sender: str, kind: RecordKind) -> ColumnMapping:
        """The mapping that counts. Raises InputError `mapping_unknown`, and as `checked` does."""
        for mapping in self.all():
            if (mapping.sender, mapping.kind) == (sender, kind):
                return checked(mapping)
        known = "、".join(m.sender for m in self.all() if m.kind is kind) or "–"
        raise InputError("mapping_unknown", sender=sender, kind=kind.value, known=known)

    def save(
        self,
        sender: str,
        kind: RecordKind,
        fields: Mapping[str, str],
        *,
        signer: str,
        reason: str,
        now: datetime,
    ) -> ColumnMapping:
        """Add a version, confirmed by a person; without fields the mapping is withdrawn.

        Raises InputError `mapping_unsigned` where sender, signer or reason is blank or too long,
        and as `checked` does.
        """
        for name, text in (("sender", sender), ("signer", signer), ("reason", reason)):
            if not text.strip() or len(text) > _LONGEST:
                raise InputError("mapping_unsigned", name=name, limit=_LONGEST)
        before = [m.version for m in self.versions() if (m.sender, m.kind) == (sender, kind)]
        mapping = ColumnMapping(
            sender=sender,
            kind=kind,
            fields=fields,
            version=max(before, default=0) + 1,
            signer=signer,
            saved_at=now.strftime("%Y-%m-%dT%H:%M:%SZ"),
            reason=reason,
        )
        self._write([*self._table(), *_written(checked(mapping), self.city)])
        return mapping

    def withdraw(
        self, sender: str, kind: RecordKind, *, signer: str, reason: str, now: datetime
    ) -> ColumnMapping:
        """Let a mapping count no longer; it stays on record. Raises as `find` and `save` do."""
        self.find(sender, kind)
        return self.save(sender, kind, {}, signer=signer, reason=reason, now=now)

    def _table(self) -> list[dict[str, str]]:
        if not self.path.exists():
            return []
        head, *body = _rows(self.path) or [[]]
        if tuple(head) != _COLUMNS:
            raise InputError("mapping_unreadable", file=self.path, row=1, expected=_HEADING)
        rows = []
        for number, cells in enumerate(body, start=2):
            row = dict(zip(_COLUMNS, map(_unguarded, cells), strict=False))
            if len(cells) != len(_COLUMNS) or not _is_sound(row):
                raise InputError(
                    "mapping_unreadable", file=self.path, row=number, expected=_HEADING
                )
            rows.append(row)
        return rows

    def _write(self, rows: Iterable[Mapping[str, str]]) -> None:
        with (
            written_whole(self.path) as draft,
            draft.open("w", encoding="utf-8-sig", newline="") as file,
        ):
            out = csv.writer(file)
            out.writerow(_COLUMNS)
            out.writerows([harmless(row[name]) for name in _COLUMNS] for row in rows)


_HEADING = ",".join(_COLUMNS)


def _unguarded(text: str) -> str:
    """A cell without the apostrophe that keeps it from being a formula."""
    bare = text.removeprefix("'")
    return bare if harmless(bare) == text else text


def _is_sound(row: Mapping[str, str]) -> bool:
    return row["version"].isdecimal() and row["kind"] in set(IMPORTABLE)


def _mapping(rows: Sequence[Mapping[str, str]]) -> ColumnMapping:
    first = rows[0]
    return ColumnMapping(
        sender=first["sender"],
        kind=RecordKind(first["kind"]),
        fields={row["header"]: row["field"] for row in rows if row["header"]},
        version=int(first["version"]),
        signer=first["signer"],
        saved_at=first["saved_at"],
        reason=first["reason"],
    )


def _written(mapping: ColumnMapping, city: str) -> list[dict[str, str]]:
    common = {
        "city": city,
        "sender": mapping.sender,
        "kind": mapping.kind.value,
        "version": str(mapping.version),
        "signer": mapping.signer,
        "saved_at": mapping.saved_at,
        "reason": mapping.reason,
    }
    fields = mapping.fields or {"": ""}
    return [{**common, "header": header, "field": field} for header, field in fields.items()]
