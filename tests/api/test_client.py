"""The thin client against a service of its own, over a real connection."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn

from geo_service.api.app import create_app
from geo_service.client import GeoService, Refused


@pytest.fixture
def service(fresh) -> Iterator[GeoService]:
    services, _ = fresh(True)
    app = create_app(services, services.settings)
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="critical"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    until = time.monotonic() + 30
    while not server.started and time.monotonic() < until:
        time.sleep(0.05)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield GeoService(f"http://127.0.0.1:{port}")
    server.should_exit = True
    thread.join(30)


def test_names_files_jobs_and_records(service: GeoService, tmp_path: Path) -> None:
    assert service.check("测试一路", "road", as_of="2026-01-01")["as_of"] == "2026-01-01"
    assert service.search("甲")["total"] >= 0
    few = [{"name": f"测试{n}路", "feature_type": "road"} for n in range(3)]
    assert service.check_batch(few)["counts"]["rows"] == 3

    file = tmp_path / "名单.csv"
    file.write_text("名称,类型\n测试一路,road\n", encoding="utf-8")
    told: list[str] = []
    report = service.import_file(
        file, "place-names", watch=lambda job: told.append(job["progress"]["stage"])
    )
    assert (report["status"], report["stored"]) == ("accepted", 1)
    assert told[0] == "waiting"
    assert told[-1] == "reporting"
    job = next(service.jobs())
    saved = service.save(job, "report.xlsx", tmp_path / "r.xlsx")
    assert saved.read_bytes()[:2] == b"PK"

    checked = service.check_boundaries(watch=lambda _job: None)
    assert checked["status"] == "checked"
    names = list(service.records("place-names", limit=7))
    assert len({record["id"] for record in names}) == len(names) > 7
    features = list(service.features("place-names", limit=7))
    assert {each["id"] for each in features} == {record["id"] for record in names}


def test_a_long_list_is_waited_for(service: GeoService) -> None:
    many = [{"name": f"测试{n}路", "feature_type": "road"} for n in range(501)]
    assert service.check_batch(many, register=False)["counts"]["rows"] == 501


def test_a_refusal_has_its_code_and_places(service: GeoService) -> None:
    with pytest.raises(Refused) as refused:
        service.check("", "road")
    assert (refused.value.status, refused.value.code) == (422, "body_invalid")
    assert refused.value.errors[0]["pointer"] == "#/name"
    with pytest.raises(Refused) as refused:
        service.job("0" * 16)
    assert refused.value.code == "job_not_found"
    with pytest.raises(ValueError, match="file:"):
        GeoService("file:///etc/passwd")
