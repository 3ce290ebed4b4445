"""Files attached to records: photographs, scans, electronic documents, each kept by its digest."""

from __future__ import annotations

import io
import lzma
import re
import zipfile
import zlib
from dataclasses import replace
from typing import TYPE_CHECKING, cast

from geo_service.domain.change import Operation, RecordKind
from geo_service.domain.document import Attachment, attachment_id
from geo_service.domain.period import Period
from geo_service.domain.provenance import Label
from geo_service.errors import Forbidden, InputError, NotFound
from geo_service.lexicons import lexicon
from geo_service.services.interchange.exporting import written_whole
from geo_service.services.interchange.readers.secrecy import (
    markup_marked,
    path_secret,
    property_marked,
)
from geo_service.services.register.acts import Act, Signed, require_signed
from geo_service.services.register.planning import Plan, as_seen, begun, change_of, in_force
from geo_service.services.register.versions import replay

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date, datetime
    from pathlib import Path

    from geo_service.cities import CityProfile
    from geo_service.domain.change import LoggedChange
    from geo_service.domain.provenance import Provenance
    from geo_service.store.protocol import Store

    Subject = tuple[RecordKind, str]

ATTACHMENTS = RecordKind.ATTACHMENTS
_PACKET = re.compile(rb"<\?xpacket begin.*?<\?xpacket end", re.DOTALL)
_SAID = re.compile(rb"/(?:Title|Subject|Keywords|Author)\s*\(((?:[^()\\]|\\.)*)\)", re.DOTALL)
_SAID_IN_HEX = re.compile(rb"/(?:Title|Subject|Keywords|Author)\s*<([0-9A-Fa-f\s]+)>")
_UNREADABLE = (OSError, RuntimeError, EOFError, zipfile.BadZipFile, zlib.error, lzma.LZMAError)
"""What a member of a package raises that is damaged, encrypted, or packed in another way."""
_MEMBER_BYTES = 1 << 20
"""How much of a member of a package is looked through for marks of secrecy."""


def attach(
    store: Store,
    subject: Subject,
    path: Path,
    on: date,
    by: Signed,
    *,
    city: CityProfile,
    source: Provenance,
    title: str = "",
) -> Plan:
    """A file as part of a record from a day on.

    The same file attached to it on that day already gives a plan without changes. Raises NotFound
    where the record is not in force on the day, Conflict `register_id_in_use` where the file
    belongs to it from a later day, and InputError: `attachment_unreadable`,
    `attachment_too_large` (threshold `attachment_max_mb`), `attachment_empty`,
    `attachment_type_unknown` (types: the table `attachment_types`), `attachment_classified`,
    `attachment_erased` for the very bytes that were erased once.
    """
    require_signed(by, Act.ATTACH)
    kind, record_id = subject
    in_force(store, kind, record_id, on)
    data = _content(path, int(city.threshold("attachment_max_mb")) << 20)
    media_type = _media_type(data, path)
    if _is_marked(data, media_type):
        raise InputError("attachment_classified", file=path.name)
    digest = store.content_name(data)
    if erasure(store, digest) is not None:
        raise InputError("attachment_erased", file=path.name)
    attachment = Attachment(
        id=attachment_id(kind.value, record_id, digest),
        subject_kind=kind.value,
        subject_id=record_id,
        digest=digest,
        media_type=media_type,
        size=len(data),
        file_name=path.name,
        title=title.strip(),
        provenance=source,
        period=Period(on),
    )
    known = replay(store, ATTACHMENTS, attachment.id)
    for version in known.standing:
        if version.period.covers(on):
            return Plan(act=Act.ATTACH, kind=ATTACHMENTS, by=by, changes=(), already=version.began)
    changes = (begun(store, attachment, None, on, by),)
    return Plan(act=Act.ATTACH, kind=ATTACHMENTS, by=by, changes=changes, contents=(data,))


def detach(store: Store, subject: Subject, digest: str, on: date, by: Signed) -> Plan:
    """A file belongs to a record no more from a day on; it stays on file.

    `digest` may be shortened as long as it is clear. Raises NotFound `attachment_unknown`,
    InputError `attachment_unclear`.
    """
    require_signed(by, Act.DETACH)
    found = one(store, subject, digest, as_of=on)
    by = as_seen(store, ATTACHMENTS, [found.id], by)
    if found.period.start is not None and found.period.start >= on:
        raise InputError("register_day_taken", record=found.id, day=on)
    ended = replace(found, period=Period(found.period.start, on))
    changes = (change_of(store, Operation.RETIRE, ended, by),)
    return Plan(act=Act.DETACH, kind=ATTACHMENTS, by=by, changes=changes)


def attached(
    store: Store,
    subject: Subject,
    *,
    as_of: date | None = None,
    known_at: datetime | None = None,
) -> tuple[Attachment, ...]:
    """The files of a record on a day, as known at a moment, by id."""
    kind, record_id = subject
    found = store.records(ATTACHMENTS, as_of=as_of, known_at=known_at)
    return tuple(
        file
        for file in cast("list[Attachment]", found)
        if (file.subject_kind, file.subject_id) == (kind.value, record_id)
    )


def one(
    store: Store,
    subject: Subject,
    digest: str,
    *,
    as_of: date | None = None,
    known_at: datetime | None = None,
) -> Attachment:
    """The one file of a record whose digest begins so, with or without the name of its kind.

    Raises NotFound `attachment_unknown`, InputError `attachment_unclear`.
    """
    wanted = digest.strip().lower()
    files = attached(store, subject, as_of=as_of, known_at=known_at)
    found = [file for file in files if _begins(file.digest, wanted)]
    facts = {"record": subject[1], "digest": digest}
    if not wanted or not found:
        raise NotFound("attachment_unknown", **facts)
    if len(found) > 1:
        raise InputError("attachment_unclear", **facts)
    return found[0]


def erasure(store: Store, digest: str) -> LoggedChange | None:
    """The entry of the log by which the content of a file was erased, None where it is there."""
    return next(store.log(kind=RecordKind.PERSONAL_VALUES, record_id=digest), None)


def write_out(store: Store, attachment: Attachment, target: Path, audience: Label) -> None:
    """Write the bytes of an attached file, whole or not at all, once they fit their digest.

    Raises Forbidden `attachment_not_public`: whatever its label, a file may show a person, or name
    the device and the place of a photograph. Raises NotFound content_erased, StoreError
    content_damaged, InputError `attachment_target_exists` where something is there.
    """
    if audience is Label.PUBLIC:
        raise Forbidden("attachment_not_public")
    if target.exists():
        raise InputError("attachment_target_exists", file=target)
    data = store.content(attachment.digest)
    with written_whole(target) as draft:
        draft.write_bytes(data)


def _begins(digest: str, wanted: str) -> bool:
    return digest.startswith(wanted) or digest.partition(":")[2].startswith(wanted)


def _content(path: Path, most: int) -> bytes:
    if path_secret(path):
        raise InputError("attachment_classified", file=path.name)
    if not path.is_file():
        raise InputError("attachment_unreadable", file=path, detail="")
    try:
        with path.open("rb") as file:
            data = file.read(most + 1)
    except OSError as error:
        raise InputError("attachment_unreadable", file=path, detail=error.strerror) from error
    if len(data) > most:
        raise InputError("attachment_too_large", file=path.name, limit_mb=most >> 20)
    if not data:
        raise InputError("attachment_empty", file=path.name)
    return data


def _media_type(data: bytes, path: Path) -> str:
    """What the bytes say; the name of the file has no say."""
    rows = lexicon("attachment_types", "media_type", "begins").rows
    for row in rows:
        begins = data.startswith(bytes.fromhex(row["begins"]))
        if begins and (not row["member"] or row["member"] in _members(data)):
            return row["media_type"]
    known = " ".join(dict.fromkeys(row["media_type"] for row in rows))
    raise InputError("attachment_type_unknown", file=path.name, known=known)


def _members(data: bytes) -> tuple[str, ...]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            return tuple(package.namelist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return ()


def _is_marked(data: bytes, media_type: str) -> bool:
    """Whether what a file says of itself holds a mark of secrecy.

    Pictures of pages are not read: what is printed on them only a person sees.
    """
    if any(markup_marked(packet) for packet in _PACKET.findall(data)):
        return True
    if media_type == "application/pdf":
        told = [*_SAID.findall(data), *map(_from_hex, _SAID_IN_HEX.findall(data))]
        return any(map(property_marked, map(_as_utf8, told)))
    return any(map(markup_marked, _marked_up(data)))


def _from_hex(digits: bytes) -> bytes:
    packed = b"".join(digits.split())
    return bytes.fromhex(packed.decode() + "0" * (len(packed) % 2))


def _as_utf8(text: bytes) -> bytes:
    """A text string of PDF, which is UTF-16 where it begins with its mark."""
    if text.startswith(b"\xfe\xff"):
        return text.decode("utf-16", "replace").encode("utf-8", "replace")
    return text


def _marked_up(data: bytes) -> Iterator[bytes]:
    """The documents of mark-up in a package, none where it is no package."""
    if not _members(data):
        return
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        for member in package.infolist():
            if member.filename.lower().endswith(".xml"):
                try:
                    with package.open(member) as file:
                        yield file.read(_MEMBER_BYTES)
                except _UNREADABLE:
                    continue
