"""Which files may be attached, what is refused of them, and papers as records of their own."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from geo_service.cities import CityProfile, city
from geo_service.domain.change import RecordKind
from geo_service.domain.document import Attachment, DocumentKind, OfficialDocument
from geo_service.domain.period import Period
from geo_service.domain.place import FeatureType, NamedPlace
from geo_service.domain.provenance import Label, Provenance
from geo_service.errors import GeoServiceError
from geo_service.services.register import attaching, planning
from geo_service.services.register.acts import Signed
from geo_service.services.register.writing import carry_out
from geo_service.store.opening import open_store
from geo_service.store.protocol import Store

PLACES, DOCUMENTS = RecordKind.PLACE_NAMES, RecordKind.DOCUMENTS
SOURCE = Provenance(source="示例")
Y2010, Y2020, Y2024 = (date(year, 1, 1) for year in (2010, 2020, 2024))
BY = Signed(actor="经办人甲", reason="测试", document_no="示例文 1 号")
ROAD = NamedPlace(
    id="R-1", name="云岭路", feature_type=FeatureType.ROAD, provenance=SOURCE, period=Period(Y2010)
)
PDF = b"%PDF-1.7\n1 0 obj << /Title (Approval) >> endobj\n%%EOF"
Attach = Callable[..., Attachment]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = open_store(f"gpkg:{tmp_path}/r.gpkg", create=True)
    carry_out(made, planning.create(made, ROAD, BY))
    yield made
    made.close()


@pytest.fixture
def attach(store: Store, tmp_path: Path) -> Attach:
    def do(
        data: bytes, name: str = "a.pdf", *, profile: CityProfile | None = None, **options: Any
    ) -> Attachment:
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(data)
        subject = options.pop("subject", (PLACES, "R-1"))
        given = {"city": profile or city("990100"), "source": SOURCE}
        carry_out(store, attaching.attach(store, subject, path, Y2020, BY, **given, **options))
        files = attaching.attached(store, subject, as_of=Y2024)
        return next(file for file in files if file.file_name == path.name)

    return do


def packed(tmp_path: Path, members: dict[str, str]) -> bytes:
    path = tmp_path / "packed.zip"
    with zipfile.ZipFile(path, "w") as package:
        for name, text in members.items():
            package.writestr(name, text)
    return path.read_bytes()


def refusal(act: Any, *words: Any, **options: Any) -> str:
    with pytest.raises(GeoServiceError) as caught:
        act(*words, **options)
    return caught.value.code


@pytest.mark.parametrize(
    ("data", "media_type"),
    [
        (PDF, "application/pdf"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", "image/jpeg"),
        (b"\x89PNG\r\n\x1a\n\x00", "image/png"),
        (b"II*\x00\x08", "image/tiff"),
        (b"MM\x00*\x00", "image/tiff"),
    ],
)
def test_the_type_is_what_the_bytes_say(attach: Attach, data: bytes, media_type: str) -> None:
    assert attach(data, "扫描件.dat").media_type == media_type


def test_an_electronic_document_is_told_by_its_member(attach: Attach, tmp_path: Path) -> None:
    ofd = packed(tmp_path, {"OFD.xml": "<ofd/>", "Doc_0/Document.xml": "<doc>公告</doc>"})
    assert attach(ofd, "公告.ofd", title=" 公告 ").name == "公告"
    other = packed(tmp_path, {"word/document.xml": "<w/>"})
    assert refusal(attach, other, "b.ofd") == "attachment_type_unknown"


@pytest.mark.parametrize(
    ("data", "name", "code"),
    [
        (b"", "a.pdf", "attachment_empty"),
        (b"<html><script>", "a.pdf", "attachment_type_unknown"),
        (b"MZ\x90\x00", "a.pdf", "attachment_type_unknown"),
        (PDF, "机密-协议书.pdf", "attachment_classified"),
        (PDF, "秘密/协议书.pdf", "attachment_classified"),
        (PDF.replace(b"(Approval)", "(机密★20年)".encode()), "a.pdf", "attachment_classified"),
        (PDF.replace(b"(Approval)", b"(" + b"\xfe\xff" + "机密★20年".encode("utf-16-be") + b")"),
         "a.pdf", "attachment_classified"),
        (PDF.replace(b"(Approval)",
                     b"<FEFF" + "绝密★".encode("utf-16-be").hex().encode() + b">"),
         "a.pdf", "attachment_classified"),
        (b"\xff\xd8\xff\xe1<?xpacket begin='' ?><dc:title>" + "秘密★1年".encode()
         + b"</dc:title><?xpacket end='w'?>", "a.jpg", "attachment_classified"),
    ],
)  # fmt: skip
def test_what_must_not_be_kept_is_refused_and_nothing_of_it_stays(
    store: Store, attach: Attach, data: bytes, name: str, code: str
) -> None:
    before = store.log_mark()
    assert refusal(attach, data, name) == code
    assert store.log_mark() == before
    assert store.verify().sound


def test_a_marked_member_of_a_package_is_seen(attach: Attach, tmp_path: Path) -> None:
    ofd = packed(tmp_path, {"OFD.xml": "<ofd><Title>机密★10年</Title></ofd>"})
    assert refusal(attach, ofd, "a.ofd") == "attachment_classified"


def test_an_ordinary_title_with_a_word_like_a_mark_is_taken(attach: Attach) -> None:
    told = PDF.replace(b"(Approval)", "(秘密谷地名批复)".encode())
    assert attach(told).media_type == "application/pdf"


def test_the_size_is_limited_by_the_profile_of_the_city(attach: Attach) -> None:
    base = city("990100")
    small = replace(base, thresholds={**base.thresholds, "attachment_max_mb": 1.0})
    assert refusal(attach, PDF + bytes(1 << 20), profile=small) == "attachment_too_large"
    assert attach(PDF + bytes((1 << 20) - len(PDF)), profile=small).size == 1 << 20


def test_a_file_needs_a_record_in_force_and_a_signature(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(PDF)
    given = {"city": city("990100"), "source": SOURCE}
    act = attaching.attach
    assert refusal(act, store, (PLACES, "R-9"), path, Y2020, BY, **given) == (
        "register_not_in_force"
    )
    unsigned = replace(BY, document_no="")
    assert refusal(act, store, (PLACES, "R-1"), path, Y2020, unsigned, **given) == (
        "register_unsigned"
    )
    missing = tmp_path / "none.pdf"
    assert refusal(act, store, (PLACES, "R-1"), missing, Y2020, BY, **given) == (
        "attachment_unreadable"
    )
    assert refusal(attaching.detach, store, (PLACES, "R-1"), "ab", Y2020, BY) == (
        "attachment_unknown"
    )


def test_a_digest_that_is_not_clear_is_asked_for(store: Store, attach: Attach) -> None:
    attach(PDF, "a.pdf")
    attach(PDF + b"\n", "b.pdf")
    assert refusal(attaching.detach, store, (PLACES, "R-1"), "sha256:", Y2024, BY) == (
        "attachment_unclear"
    )


def test_what_is_written_out_never_overwrites(store: Store, attach: Attach, tmp_path: Path) -> None:
    file = attach(PDF)
    target = tmp_path / "there.pdf"
    target.write_text("x")
    written = refusal(attaching.write_out, store, file, target, Label.INTERNAL)
    assert written == "attachment_target_exists"
    assert target.read_text() == "x"


def test_a_paper_is_a_record_with_scans_and_a_history(store: Store, attach: Attach) -> None:
    paper = OfficialDocument(
        id="D-1",
        kind=DocumentKind.APPROVAL,
        title="关于命名云岭路的批复（示例）",
        number="示例文 1 号",
        issued_on=Y2010,
        issuer="示例市民政局",
        provenance=SOURCE,
        period=Period(Y2010),
    )
    carry_out(store, planning.create(store, paper, BY))
    attach(PDF, "批复.pdf", subject=(DOCUMENTS, "D-1"))
    renamed = replace(paper, title="关于命名云岭路的批复")
    carry_out(store, planning.rename(store, "D-1", renamed, Y2020, BY))
    assert store.get(DOCUMENTS, "D-1", as_of=Y2024) == replace(renamed, period=Period(Y2020))
    assert len(attaching.attached(store, (DOCUMENTS, "D-1"), as_of=Y2024)) == 1


def test_a_damaged_member_of_a_package_breaks_nothing(attach: Attach, tmp_path: Path) -> None:
    path = tmp_path / "deflated.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("OFD.xml", "".join(map(str, range(9000))))
    data = bytearray(path.read_bytes())
    data[60:90] = bytes(30)
    assert attach(bytes(data), "公告.ofd").media_type == "application/ofd"


def test_a_file_of_a_later_day_is_not_taken_for_attached_before(
    store: Store, attach: Attach, tmp_path: Path
) -> None:
    attach(PDF)
    given = {"city": city("990100"), "source": SOURCE}
    act = (store, (PLACES, "R-1"), tmp_path / "a.pdf")
    assert attaching.attach(*act, Y2024, BY, **given).already
    assert refusal(attaching.attach, *act, Y2010, BY, **given) == "register_id_in_use"
