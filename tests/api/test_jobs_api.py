"""Jobs over HTTP: asked for, watched, cancelled, fetched, forgotten; nobody sees another's."""

from __future__ import annotations

import os
import tempfile
import time
from datetime import UTC, datetime, timedelta

import pytest

from geo_service.api.audience import asker_of
from geo_service.api.job_schemas import JobBody, JobsBody, UploadBody
from geo_service.domain.access import Asker, Manner, Right
from geo_service.domain.provenance import Label
from geo_service.errors import StoreError
from geo_service.jobs import locks
from geo_service.jobs.job import Failure, JobKind, JobState, Order, Progress, Stage
from geo_service.jobs.leftovers import clear_left
from geo_service.jobs.tables import connected
from geo_service.store import disk

CSV = "名称,类型\n测试一路,road\n测试二路,road\n".encode()


@pytest.fixture
def app(fresh):
    """An application with jobs and a register of its own."""
    return fresh(False)


@pytest.fixture
def client(app):
    return app[1]


@pytest.fixture
def book(client):
    return client.app.state.jobs.book


def become(client, name: str, *rights: Right) -> None:
    """From now on requests are of this person."""
    asker = Asker(name, Manner.SESSION, frozenset(rights), frozenset(), Label.INTERNAL)
    client.app.dependency_overrides[asker_of] = lambda: asker


def order(kind=JobKind.AUDIT, who="demo", **told) -> Order:
    return Order(kind=kind, who=who, label=Label.INTERNAL, lang="zh", asked={}, **told)


def sent(client, name="names.csv", content=CSV):
    return client.post("/api/v1/uploads", files={"file": (name, content)})


def test_an_audit_runs_in_the_background_and_tells_its_result(client, ended) -> None:
    answer = client.post("/api/v1/audit/verify", json={})
    assert JobBody.model_validate(answer.json()).who == "demo"
    job = ended(client, answer)
    JobBody.model_validate(job)
    assert (job["state"], job["summary"]) == ("done", {"sound": True, "entries": 0})
    assert client.get(job["result"]).json()["sound"] is True
    assert job["started_at"] <= job["ended_at"]


def test_the_figures_of_the_server_count_jobs_by_state(client, book) -> None:
    assert 'geo_service_jobs{of="queued"} 0.0' in client.get("/metrics").text
    assert not (book.folder / "jobs.sqlite").exists(), "asking for figures makes nothing"
    book.add(order())
    assert 'geo_service_jobs{of="queued"} 1.0' in client.get("/metrics").text


@pytest.mark.parametrize(
    ("lang", "word"), [("zh", "核对变更日志"), ("en", "audit of the change log")]
)
def test_words_are_in_the_language_of_the_reader(client, book, lang, word) -> None:
    job, _ = book.add(order())
    told = client.get(f"/api/v1/jobs/{job.id}", params={"lang": lang}).json()
    assert told["title"] == word
    assert told["progress"]["text"]


def test_what_the_engine_tells_is_what_a_reader_sees(client, book) -> None:
    job, _ = book.add(order(JobKind.BOUNDARY_CHECK))
    _, lock = book.claim(2)
    book.tell(job.id, Progress(Stage.RULES, 7, 30, "BD-AGR-02"))
    told = client.get(f"/api/v1/jobs/{job.id}").json()
    assert told["state"] == "running"
    assert told["progress"] == {
        "stage": "rules",
        "text": "正在按规则检查 BD-AGR-02",
        "done": 7,
        "total": 30,
    }
    locks.release(lock)


def test_a_job_whose_processes_are_gone_is_told_as_interrupted(client, book) -> None:
    job, _ = book.add(order())
    _, lock = book.claim(2)
    assert client.get(f"/api/v1/jobs/{job.id}").json()["state"] == "running"
    locks.release(lock)  # what the kernel does when the last holder dies
    told = client.get(f"/api/v1/jobs/{job.id}").json()
    assert told["state"] == "interrupted"
    assert "重新提交" in told["state_text"]
    assert not book.finish(job.id, (), {}), "it cannot be done any more"


def test_no_more_jobs_run_at_once_than_the_setting_says(book) -> None:
    for _ in range(3):
        book.add(order())
    _, first = book.claim(2)
    _, second = book.claim(2)
    assert book.claim(2) is None
    locks.release(first)
    locks.release(second)


def test_a_job_that_the_disk_kept_from_starting_does_not_stop_the_queue(book, monkeypatch) -> None:
    job, _ = book.add(order())
    with monkeypatch.context() as full, pytest.raises(StoreError):
        full.setattr("geo_service.jobs.book.stamp", _disk_full)
        book.claim(2)
    assert book.get(job.id).state is JobState.QUEUED
    claimed, lock = book.claim(2)
    assert claimed.id == job.id
    locks.release(lock)


def _disk_full(_moment) -> str:
    raise OSError(28, "No space left on device")


def test_a_waiting_job_is_cancelled_and_never_starts(client, book) -> None:
    job, _ = book.add(order())
    cancelled = client.post(f"/api/v1/jobs/{job.id}/cancel")
    assert cancelled.json()["state"] == "cancelled"
    assert book.claim(2) is None
    again = client.post(f"/api/v1/jobs/{job.id}/cancel")
    assert (again.status_code, again.json()["code"]) == (409, "job_ended")


def test_a_job_that_writes_is_not_cancelled(client, book) -> None:
    job, _ = book.add(order(JobKind.IMPORT))
    _, lock = book.claim(2)
    assert book.hold(job.id)
    refused = client.post(f"/api/v1/jobs/{job.id}/cancel")
    assert (refused.status_code, refused.json()["code"]) == (409, "job_held")
    assert book.finish(job.id, (), {})
    locks.release(lock)


@pytest.mark.parametrize(
    ("stored", "code", "words"),
    [(True, "job_stored", "已存入"), (False, "job_perhaps_stored", "可能已存入")],
)
def test_a_job_that_is_stopped_after_its_commit_is_not_told_as_failed(
    client, book, stored, code, words
) -> None:
    """By the time limit, by an end of its process, and when the service goes down with it."""
    for stop in (_too_long, _too_long, _service_down):
        job, _ = book.add(order(JobKind.IMPORT))
        _, lock = book.claim(9)
        assert book.hold(job.id)
        if stored:
            assert book.stored(job.id, {"status": "accepted", "stored": 2})
        stop(book, job, lock)
        told = client.get(f"/api/v1/jobs/{job.id}").json()
        JobBody.model_validate(told)
        assert told["state"] in ("failed", "interrupted")
        assert told["error"]["code"] == code
        assert words in told["state_text"]
        assert told["summary"].get("stored") == (2 if stored else None)
        locks.release(lock)


def _too_long(book, job, _lock) -> None:
    assert book.fail(job.id, Failure(code="job_too_long", facts={"minutes": "60"}), gone=True)


def _service_down(book, job, lock) -> None:
    assert not book.interrupt(job.id), "it writes"
    locks.release(lock)


def test_a_job_that_failed_before_it_stored_anything_says_why(client, book) -> None:
    job, _ = book.add(order(JobKind.IMPORT))
    _, lock = book.claim(2)
    book.hold(job.id)
    assert book.fail(job.id, Failure(code="job_died", facts={"detail": "x"})), "by its own word"
    assert client.get(f"/api/v1/jobs/{job.id}").json()["error"]["code"] == "job_died"
    locks.release(lock)


def test_a_cancelled_job_may_not_begin_to_write(client, book) -> None:
    job, _ = book.add(order(JobKind.IMPORT))
    _, lock = book.claim(2)
    client.post(f"/api/v1/jobs/{job.id}/cancel")
    assert not book.hold(job.id)
    assert not book.tell(job.id, Progress(Stage.WRITING))
    locks.release(lock)


def test_there_is_no_result_before_the_end(client, book) -> None:
    job, _ = book.add(order())
    refused = client.get(f"/api/v1/jobs/{job.id}/result")
    assert (refused.status_code, refused.json()["code"]) == (409, "job_without_result")


def test_only_the_asker_and_auditors_see_a_job(client, book) -> None:
    job, _ = book.add(order(JobKind.BOUNDARY_CHECK, who="甲"))
    own = f"/api/v1/jobs/{job.id}"
    become(client, "乙", *(set(Right) - {Right.AUDIT_READ}))
    for path in (own, f"{own}/result", f"{own}/files/report.xlsx"):
        assert client.get(path).json()["code"] == "job_not_found"
    assert client.post(f"{own}/cancel").status_code == 404
    assert client.delete(own).status_code == 404
    assert client.get("/api/v1/jobs").json()["jobs"] == []
    become(client, "甲", Right.BOUNDARY_CHECK)
    assert client.get(own).status_code == 200
    become(client, "丙", Right.AUDIT_READ)
    assert client.get(own).json()["who"] == "甲"
    assert [each["id"] for each in client.get("/api/v1/jobs").json()["jobs"]] == [job.id]
    assert client.post(f"{own}/cancel").status_code == 404, "auditors look on"
    assert client.delete(own).status_code == 404


def test_who_has_a_right_no_more_sees_nothing_of_what_it_gave(client, book) -> None:
    """Neither after another role nor by a token of another scope."""
    job, _ = book.add(order(JobKind.EXPORT, who="甲"))
    own = f"/api/v1/jobs/{job.id}"
    become(client, "甲", *(set(Right) - {Right.EXPORT_RUN, Right.AUDIT_READ}))
    for path in (own, f"{own}/result", f"{own}/files/units.gpkg"):
        assert client.get(path).json()["code"] == "job_not_found"
    assert client.post(f"{own}/cancel").status_code == 404
    assert client.delete(own).status_code == 404
    for query in ("", "?kind=export"):
        assert client.get(f"/api/v1/jobs{query}").json() == {"jobs": [], "next_cursor": None}
    become(client, "甲", Right.EXPORT_RUN)
    assert client.get(own).status_code == 200


def test_what_others_left_is_content_and_the_right_to_the_log_is_none(client, book) -> None:
    job, _ = book.add(order(JobKind.EXPORT, who="甲"))
    become(client, "丙", Right.AUDIT_READ)
    assert client.get(f"/api/v1/jobs/{job.id}").status_code == 200
    for path in ("result", "files/units.gpkg"):
        refused = client.get(f"/api/v1/jobs/{job.id}/{path}")
        assert (refused.status_code, refused.json()["code"]) == (403, "right_missing")


def test_a_job_for_internal_use_is_none_for_a_narrower_audience(client, book) -> None:
    job, _ = book.add(order(JobKind.EXPORT, who="甲"))
    asker = Asker("甲", Manner.SESSION, frozenset(Right), frozenset(), Label.PUBLIC)
    client.app.dependency_overrides[asker_of] = lambda: asker
    assert client.get(f"/api/v1/jobs/{job.id}").status_code == 404


@pytest.mark.parametrize("kind", ["units", "boundary-lines", "markers"])
def test_a_file_is_no_way_round_the_right_to_draft_boundaries(client, kind) -> None:
    become(client, "甲", Right.IMPORT_RUN)
    body = {"upload": sent(client).json()["id"], "kind": kind}
    refused = client.post("/api/v1/imports", json=body)
    assert (refused.status_code, refused.json()["code"]) == (403, "right_missing")
    become(client, "甲", Right.IMPORT_RUN, Right.BOUNDARY_DRAFT)
    assert client.post("/api/v1/imports", json=body).status_code == 202
    # Nor round the second person: alone it is only tried.
    alone = client.post("/api/v1/imports", json=body | {"dry_run": False})
    assert (alone.status_code, alone.json()["code"]) == (403, "boundary_import_alone")


def test_a_job_that_has_ended_is_deleted_with_its_files(client, book) -> None:
    job, _ = book.add(order())
    refused = client.delete(f"/api/v1/jobs/{job.id}")
    assert (refused.status_code, refused.json()["code"]) == (409, "job_not_ended")
    _, lock = book.claim(2)
    book.finish(job.id, (), {})
    locks.release(lock)
    assert book.folder_of(job.id).is_dir()
    assert client.delete(f"/api/v1/jobs/{job.id}").status_code == 204
    assert client.get(f"/api/v1/jobs/{job.id}").status_code == 404
    assert not book.folder_of(job.id).exists()


def test_only_files_that_the_job_tells_of_are_given(client, book) -> None:
    told, silent = (book.add(order(key=key))[0] for key in ("told", "silent"))
    for job in (told, silent):
        _, lock = book.claim(2)
        for name in ("result.json", "lock.txt"):
            (book.folder_of(job.id) / name).write_text("{}", encoding="utf-8")
        book.finish(job.id, ("result.json", "gone.xlsx") if job is told else (), {})
        locks.release(lock)
    own = f"/api/v1/jobs/{told.id}"
    assert client.get(f"{own}/result").status_code == 200
    for path in (
        f"{own}/files/lock.txt",
        f"{own}/files/gone.xlsx",
        f"/api/v1/jobs/{silent.id}/result",
    ):
        refused = client.get(path)
        assert (refused.status_code, refused.json()["code"]) == (404, "job_file_unknown"), path
    assert "gone.xlsx、" not in client.get(f"{own}/files/gone.xlsx").json()["detail"]


def test_old_jobs_and_uploads_are_forgotten(client, book) -> None:
    job, _ = book.add(order())
    book.cancel(job.id)
    upload = sent(client).json()
    uploads, later = client.app.state.jobs.uploads, book.clock() + timedelta(days=31)
    assert (book.expire(later), uploads.expire(later)) == (1, 1)
    assert client.get(f"/api/v1/jobs/{job.id}").status_code == 404
    assert not uploads.path(upload["id"]).exists()


def test_an_upload_that_a_waiting_job_needs_is_kept(client, book) -> None:
    upload = sent(client).json()
    told = Order(
        kind=JobKind.IMPORT, who="x", label=Label.INTERNAL, lang="zh", asked={"u": upload["id"]}
    )
    book.add(told)
    uploads = client.app.state.jobs.uploads
    assert uploads.expire(book.clock() + timedelta(days=31)) == 0
    assert uploads.path(upload["id"]).exists()


def test_the_same_key_starts_one_job_and_another_request_is_refused(client) -> None:
    key = {"Idempotency-Key": "k1"}
    first = client.post("/api/v1/audit/verify", json={}, headers=key)
    second = client.post("/api/v1/audit/verify", json={}, headers=key)
    assert first.json()["id"] == second.json()["id"]
    export = {"kind": "units", "format": "csv"}
    other = client.post("/api/v1/exports", json=export, headers=key)
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_key_reused")
    without = client.post("/api/v1/audit/verify", json={})
    assert without.json()["id"] != first.json()["id"]


def test_jobs_are_listed_page_by_page_and_by_state(client, book) -> None:
    made = [book.add(order())[0].id for _ in range(5)]
    book.cancel(made[0])
    first = client.get("/api/v1/jobs", params={"limit": 2}).json()
    JobsBody.model_validate(first)
    seen = [job["id"] for job in first["jobs"]]
    while (cursor := first["next_cursor"]) is not None:
        first = client.get("/api/v1/jobs", params={"limit": 2, "cursor": cursor}).json()
        seen += [job["id"] for job in first["jobs"]]
    assert seen == made[::-1]
    waiting = client.get("/api/v1/jobs", params={"state": JobState.CANCELLED.value}).json()
    assert [job["id"] for job in waiting["jobs"]] == [made[0]]


@pytest.mark.parametrize("cursor", ["x", "ä", "MQ", "MXx8", "MS4wfHx4", "8J+YgA"])
def test_a_cursor_that_is_none_is_refused(client, cursor) -> None:
    for path in ("/api/v1/jobs", "/api/v1/audit/log", "/api/v1/register/units"):
        answer = client.get(path, params={"cursor": cursor})
        assert (answer.status_code, answer.json()["code"]) == (422, "cursor_unreadable")


def test_too_many_waiting_jobs_of_one_person_are_refused(client, book, monkeypatch) -> None:
    monkeypatch.setattr("geo_service.jobs.book.MOST_WAITING", 1)
    book.add(order())
    refused = client.post("/api/v1/audit/verify", json={})
    assert (refused.status_code, refused.json()["code"]) == (409, "jobs_waiting")


# --- uploads --------------------------------------------------------------------------------


def test_a_file_lies_under_its_digest_alone(client) -> None:
    answer = sent(client, "../../单位名单.CSV")
    upload = UploadBody.model_validate(answer.json())
    assert answer.status_code == 201
    assert upload.name == "单位名单.CSV"
    folder = client.app.state.jobs.book.folder / "uploads"
    assert [path.name for path in folder.iterdir()] == [upload.id]
    assert sent(client, "other.csv").json()["id"] == upload.id, "the same bytes"
    listed = client.get("/api/v1/uploads").json()["uploads"]
    assert [each["name"] for each in listed] == ["other.csv"]


@pytest.mark.parametrize(
    "name",
    [
        "/etc/passwd.csv",
        "..\\..\\windows.csv",
        "a\x00b.csv",
        ".csv.csv",
        "x" * 5000 + ".csv",
        "<script>.csv",
        "\u202egnp.csv",
        "con.csv",
    ],
)
def test_hostile_names_reach_no_disk(client, name) -> None:
    answer = sent(client, name)
    assert answer.status_code in (201, 422)
    folder = client.app.state.jobs.book.folder
    kept = [path.name for path in folder.rglob("*") if path.is_file()]
    assert all(part == "jobs.sqlite" or len(part) == 68 for part in kept)
    if answer.status_code == 201:
        shown = answer.json()["name"]
        assert "/" not in shown
        assert shown.isprintable()
        assert len(shown) < 140


@pytest.mark.parametrize("name", ["机密-名单.csv", "名单（秘密）.csv", "绝密/名单.csv"])
def test_of_a_file_with_a_mark_of_secrecy_nothing_is_kept(client, name) -> None:
    refused = sent(client, name)
    assert refused.json()["code"] in ("upload_classified",)
    assert not (client.app.state.jobs.book.folder / "uploads").exists()
    assert "名单" not in refused.text.replace("文件名", "")


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.exe", b"MZ", "upload_format"),
        ("a", b"x", "upload_format"),
        ("a.shp", b"x", "upload_format"),
        ("a.csv", b"", "upload_empty"),
    ],
)
def test_what_nothing_reads_is_refused_at_once(client, name, content, code) -> None:
    refused = sent(client, name, content)
    assert (refused.status_code, refused.json()["code"]) == (422, code)


def test_a_body_that_is_no_form_is_refused(client) -> None:
    for content, kind in ((b"{}", "application/json"), (b"--x", "multipart/form-data; boundary=y")):
        refused = client.post("/api/v1/uploads", content=content, headers={"content-type": kind})
        assert (refused.status_code, refused.json()["code"]) == (422, "upload_missing")


def test_a_file_that_is_too_large_is_refused_before_it_is_read(client) -> None:
    head = {"content-length": str(60 << 20), "content-type": "multipart/form-data; boundary=x"}
    refused = client.post("/api/v1/uploads", content=b"", headers=head)
    assert (refused.status_code, refused.json()["code"]) == (413, "body_too_large")


def test_a_file_that_grows_while_it_is_sent_is_refused(client) -> None:
    def body():
        yield b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n'
        for _ in range(52):
            yield b"a" * (1 << 20)
        yield b"\r\n--x--\r\n"

    head = {"content-type": "multipart/form-data; boundary=x"}
    refused = client.post("/api/v1/uploads", content=body(), headers=head)
    assert (refused.status_code, refused.json()["code"]) == (413, "body_too_large")
    assert not list((client.app.state.jobs.book.folder).glob("uploads/*"))


def test_the_file_of_somebody_else_is_not_there(client) -> None:
    upload = sent(client).json()
    become(client, "乙", *Right)
    assert client.get("/api/v1/uploads").json()["uploads"] == []
    assert client.delete(f"/api/v1/uploads/{upload['id']}").status_code == 404
    refused = client.post("/api/v1/imports", json={"upload": upload["id"], "kind": "units"})
    assert (refused.status_code, refused.json()["code"]) == (404, "upload_not_found")


def test_an_upload_is_deleted_at_once(client) -> None:
    upload = sent(client).json()
    assert client.delete(f"/api/v1/uploads/{upload['id']}").status_code == 204
    assert not client.app.state.jobs.uploads.path(upload["id"]).exists()
    assert client.delete(f"/api/v1/uploads/{upload['id']}").status_code == 404


# --- what killed processes leave ------------------------------------------------------------


def test_what_killed_processes_left_is_cleared_and_nothing_that_is_in_use(client, book) -> None:
    upload, folder = sent(client).json()["id"], book.folder
    job, _ = book.add(order())
    _, lock = book.claim(1)
    deleted, _ = book.add(order())
    _, deleted_lock = book.claim(2)
    with connected(folder, write=True) as db:  # killed between its row and its folder
        db.execute("DELETE FROM job WHERE id = ?", (deleted.id,))
    orphan = "0" * 64 + ".csv"
    for name in ("draft-broken", "draft-coming", "draft-new", orphan):
        (folder / "uploads" / name).write_bytes(b"x")
    coming = locks.take(folder / "uploads" / "draft-coming")
    now = datetime.now(UTC)
    for path in (*(folder / "uploads").iterdir(), *(folder / "work").iterdir()):
        if path.name != "draft-new":
            os.utime(path, (0, 0))
    before = now - timedelta(hours=24)
    assert clear_left(folder, before) == 2
    kept = {path.name for path in (folder / "uploads").iterdir()}
    assert kept == {upload, "draft-coming", "draft-new"}
    assert {path.name for path in (folder / "work").iterdir()} == {job.id, deleted.id}
    for held in (coming, deleted_lock):
        locks.release(held)
    assert clear_left(folder, before) == 2
    assert {path.name for path in (folder / "work").iterdir()} == {job.id}
    locks.release(lock)


def test_an_upload_that_comes_in_is_in_use(client, book) -> None:
    def parts():
        yield CSV
        (draft,) = (book.folder / "uploads").glob("draft-*")
        os.utime(draft, (0, 0))
        assert clear_left(book.folder, datetime.now(UTC)) == 0
        yield CSV

    assert client.app.state.jobs.uploads.keep(parts(), "names.csv", "demo").size == 2 * len(CSV)


def test_scratch_that_was_left_is_cleared_and_that_in_use_is_not(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    (tmp_path / "geo-service-left").mkdir()
    (tmp_path / "geo-service-left" / "data.csv").write_bytes(CSV)
    (tmp_path / "of-somebody-else").mkdir()
    with disk.scratch() as used:
        for path in tmp_path.iterdir():
            os.utime(path, (0, 0))
        (tmp_path / "geo-service-new").mkdir()
        disk.clear_scratch(timedelta(hours=1))
        left = {path.name for path in tmp_path.iterdir()}
        assert left == {used.name, "geo-service-new", "of-somebody-else"}
    assert not used.exists()


def test_the_service_clears_when_it_starts(client, book) -> None:
    sent(client)
    broken = book.folder / "uploads" / "draft-broken"
    broken.write_bytes(b"x")
    os.utime(broken, (0, 0))
    runner = client.app.state.jobs.runner
    runner.resume()
    for _ in range(100):
        if not broken.exists():
            break
        time.sleep(0.05)
    runner.stop()
    assert not broken.exists()
