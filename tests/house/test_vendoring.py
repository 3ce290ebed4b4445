"""Third-party files are fetched once, checked, and never half replaced."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from collections.abc import Iterable
from pathlib import Path

import pytest

from geo_service.cities import city_codes
from geo_service.errors import ConfigError, InputError
from geo_service.resources import data_dir, vendor_dir
from geo_service.services import vendoring
from geo_service.services.vendoring import Package, PackageTable

CITY = "370200"
VILLAGES = (
    "code,name,streetCode,provinceCode,cityCode,areaCode\n"
    '370202002001,"甲社区居委会",370202002,37,3702,370202\n'
    '110101001001,"乙社区居委会",110101001,11,1101,110101\n'
)
STREETS = 'code,name,areaCode,provinceCode,cityCode\n370202002,"甲街道",370202,37,3702\n'
WEB_FILES = {"dist/a.js": "js", "dist/images/x.png": "png", "secret.js": "no", "LICENSE": "MIT"}
LISTS = {"dist/streets.csv": STREETS, "dist/villages.csv": VILLAGES}


def an_archive(files: dict[str, str]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        for name, text in files.items():
            info = tarfile.TarInfo(f"package/{name}")
            info.size = len(text.encode())
            tar.addfile(info, io.BytesIO(text.encode()))
    return buffer.getvalue()


class FakeNpm:
    """Writes prepared archives and counts how often it was asked."""

    def __init__(self, **archives: bytes) -> None:
        self.archives = archives
        self.calls = 0

    def __call__(self, specs: Iterable[str], folder: Path) -> None:
        self.calls += 1
        for spec in specs:
            name, _, version = spec.rpartition("@")
            (folder / f"{name}-{version}.tgz").write_bytes(self.archives[name])


def a_table(web: bytes, lists: bytes, digest: str = "1") -> PackageTable:
    def package(name: str, content: bytes, wanted: dict[str, str]) -> Package:
        return Package(name, "1.0.0", hashlib.sha256(content).hexdigest(), "MIT", wanted)

    return PackageTable(
        web=(package("web", web, {"dist/a.js": "a", "dist/images/": "", "LICENSE": ""}),),
        divisions=package(
            "lists", lists, {"dist/streets.csv": "streets.csv", "dist/villages.csv": "villages.csv"}
        ),
        digest=digest,
    )


@pytest.fixture
def archives() -> tuple[bytes, bytes]:
    return an_archive(WEB_FILES), an_archive(LISTS)


def vendored(folder: Path, archives: tuple[bytes, bytes], digest: str = "1") -> FakeNpm:
    npm = FakeNpm(web=archives[0], lists=archives[1])
    vendoring.vendor(CITY, table=a_table(*archives, digest), target=folder, pack=npm)
    return npm


def test_only_listed_files_are_unpacked_and_the_manifest_names_assets(
    tmp_path: Path, archives: tuple[bytes, bytes]
) -> None:
    target = tmp_path / "vendor"
    vendored(target, archives)
    web = target / "web"
    found = {p.relative_to(web).as_posix() for p in web.rglob("*") if p.is_file()}
    assert found == {
        "manifest.json",
        "web-1.0.0/dist/a.js",
        "web-1.0.0/dist/images/x.png",
        "web-1.0.0/LICENSE",
    }
    manifest = json.loads((web / "manifest.json").read_text())
    assert manifest == {
        "a": {"file": "web-1.0.0/dist/a.js", "sha256": hashlib.sha256(b"js").hexdigest()}
    }


def test_only_rows_of_cities_with_a_profile_are_kept(
    tmp_path: Path, archives: tuple[bytes, bytes]
) -> None:
    vendored(tmp_path / "vendor", archives)
    rows = (tmp_path / "vendor/divisions/villages.csv").read_text(encoding="utf-8").splitlines()
    assert rows == [VILLAGES.splitlines()[0], "370202002001,甲社区居委会,370202002,37,3702,370202"]


def test_a_second_run_fetches_nothing_and_a_changed_table_or_file_does(
    tmp_path: Path, archives: tuple[bytes, bytes]
) -> None:
    target = tmp_path / "vendor"
    assert vendored(target, archives).calls == 1
    assert vendored(target, archives).calls == 0
    assert vendored(target, archives, digest="2").calls == 1
    (target / "web/web-1.0.0/dist/a.js").write_text("tampered")
    assert vendored(target, archives, digest="2").calls == 1
    assert (target / "web/web-1.0.0/dist/a.js").read_text() == "js"


def test_a_city_that_was_not_there_at_the_last_run_is_fetched(
    tmp_path: Path, archives: tuple[bytes, bytes]
) -> None:
    target = tmp_path / "vendor"
    vendored(target, archives)
    assert vendoring.missing("999900", a_table(*archives), target)
    assert not vendoring.missing(CITY, a_table(*archives), target)


def test_another_content_is_refused_and_leaves_what_was_there(
    tmp_path: Path, archives: tuple[bytes, bytes]
) -> None:
    target = tmp_path / "vendor"
    vendored(target, archives)
    table = a_table(an_archive({"dist/a.js": "expected"}), archives[1], digest="2")
    npm = FakeNpm(web=archives[0], lists=archives[1])
    with pytest.raises(InputError, match="vendor_hash_differs"):
        vendoring.vendor(CITY, table=table, target=target, pack=npm)
    assert (target / "web/web-1.0.0/dist/a.js").read_text() == "js"
    assert [p.name for p in tmp_path.iterdir()] == ["vendor"]


def test_an_archive_without_a_listed_file_is_refused(
    tmp_path: Path, archives: tuple[bytes, bytes]
) -> None:
    poor = an_archive({"LICENSE": "MIT"})
    with pytest.raises(InputError, match="vendor_file_missing"):
        vendored(tmp_path / "vendor", (poor, archives[1]))


def test_a_path_that_climbs_out_of_the_folder_is_not_unpacked(
    tmp_path: Path, archives: tuple[bytes, bytes]
) -> None:
    sly = an_archive({**WEB_FILES, "dist/images/../../../../evil.js": "x"})
    vendored(tmp_path / "vendor", (sly, archives[1]))
    assert not list(tmp_path.rglob("evil.js"))


def test_without_npm_the_error_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("sys.executable", str(tmp_path / "python"))
    with pytest.raises(InputError, match="npm_missing"):
        vendoring.npm_command()


def test_a_malformed_table_is_named(tmp_path: Path) -> None:
    path = tmp_path / "packages.toml"
    path.write_text('[[web]]\nname = "a"\n')
    with pytest.raises(ConfigError, match="vendor_table_malformed"):
        vendoring.package_table(path)


def test_the_table_on_file_fixes_exact_versions_and_hashes() -> None:
    table = vendoring.package_table(data_dir() / "vendor" / "packages.toml")
    for package in (*table.web, table.divisions):
        assert package.version[0].isdigit(), package.spec
        assert not set(package.version) & set("^~*x "), package.spec
        assert len(package.sha256) == 64, package.spec
        assert package.licence, package.spec


def test_what_was_vendored_here_is_sound_and_holds_no_other_city() -> None:
    vendoring.vendor(CITY)
    assert vendoring.missing(CITY, vendoring.package_table(), vendor_dir()) == ()
    prefixes = tuple(code[:4] for code in city_codes())
    for name in ("streets.csv", "villages.csv"):
        rows = (vendor_dir() / "divisions" / name).read_text(encoding="utf-8").splitlines()[1:]
        assert rows
        assert all(row.startswith(prefixes) for row in rows)
