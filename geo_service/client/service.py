"""The service as a script sees it: names, files, jobs and features.

    from geo_service.client import GeoService

    service = GeoService("http://127.0.0.1:8000", token="…")
    service.check("幸福路", "road")["verdict"]
    report = service.import_file("names.csv", "place-names", dry_run=True, watch=print)

Written on the standard library: bureaux run scripts on machines where nothing can be installed,
and half a dozen kinds of request need no HTTP framework. Every method answers with the JSON that
the service gives (`/openapi.json` describes it) and raises `Refused` with a stable code.
"""

from __future__ import annotations

import secrets
import ssl
import time
import urllib.parse
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from geo_service.client.transport import Refused, Transport

Json = dict[str, Any]
Watch = Callable[[Json], object]
"""Called with the job whenever it has moved on."""
_ENDED = ("done", "failed", "cancelled", "interrupted")
_LOOK_EVERY_S = 0.3


class GeoService:
    """One service, asked by one person or program."""

    def __init__(
        self,
        base: str,
        *,
        token: str = "",
        lang: str = "zh",
        timeout_s: float = 60.0,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._http = Transport(base, token, lang, timeout_s, tls)

    # --- names ----------------------------------------------------------------------------

    def check(self, name: str, feature_type: str, **told: Any) -> Json:
        """The verdict on one name; `told` are the other fields of the request."""
        body = {"name": name, "feature_type": feature_type, **told}
        return self._post("/api/v1/names/check", body)

    def check_batch(
        self, names: Sequence[Json], *, watch: Watch | None = None, **told: Any
    ) -> Json:
        """The verdicts on many names; more than the service answers at once are waited for."""
        answer = self._http.send(
            "POST", "/api/v1/names/check-batch", {"names": list(names), **told}, **_key()
        )
        told_back: Json = answer.json()
        return self.result(told_back, watch=watch) if answer.status == 202 else told_back

    def search(self, text: str, **query: Any) -> Json:
        """Names found by characters, sound, initials or place."""
        return self._get("/api/v1/names/search", {"q": text, **query})

    # --- files and jobs -------------------------------------------------------------------

    def upload(self, path: str | Path) -> Json:
        """Send a file; the same file sent again is the same upload."""
        file = Path(path)
        sent: Json = self._http.upload("/api/v1/uploads", file.name, file.read_bytes()).json()
        return sent

    def import_file(
        self,
        path: str | Path,
        kind: str,
        *,
        dry_run: bool = True,
        watch: Watch | None = None,
        **told: Any,
    ) -> Json:
        """The Import report on a file; unless `dry_run` is off nothing is stored."""
        sent = self.upload(path)
        body = {"upload": sent["id"], "kind": kind, "dry_run": dry_run, **told}
        return self.result(self.start("/api/v1/imports", body), watch=watch)

    def check_boundaries(self, *paths: str | Path, watch: Watch | None = None, **told: Any) -> Json:
        """The review of files, or of the register where there are none."""
        files = [self.upload(path)["id"] for path in paths]
        job = self.start("/api/v1/boundaries/check", {"files": files, **told})
        return self.result(job, watch=watch)

    def start(self, path: str, body: Mapping[str, Any]) -> Json:
        """Start a job; a lost answer may be asked for again without starting it twice."""
        job: Json = self._http.send("POST", path, dict(body), **_key()).json()
        return job

    def job(self, job_id: str) -> Json:
        """Where a job stands."""
        return self._get(f"/api/v1/jobs/{urllib.parse.quote(job_id)}")

    def jobs(self, **query: Any) -> Iterator[Json]:
        """All own jobs, the newest first."""
        yield from self._pages("/api/v1/jobs", "jobs", query)

    def cancel(self, job_id: str) -> Json:
        """Stop a job. Raises Refused `job_ended` or `job_held` where it cannot be."""
        return self._post(f"/api/v1/jobs/{urllib.parse.quote(job_id)}/cancel", {})

    def wait(self, job: Json, *, watch: Watch | None = None, timeout_s: float = 3600.0) -> Json:
        """The job once it has ended. Raises TimeoutError; the job goes on then."""
        until, before = time.monotonic() + timeout_s, None
        while True:
            now = (job["state"], job["progress"]["stage"], job["progress"]["done"])
            if watch is not None and now != before:
                watch(job)
            if job["state"] in _ENDED:
                return job
            if time.monotonic() > until:
                raise TimeoutError(job["id"])
            before = now
            time.sleep(_LOOK_EVERY_S)
            job = self.job(job["id"])

    def result(self, job: Json, *, watch: Watch | None = None) -> Json:
        """The result of a job once it is done. Raises Refused where it came to nothing."""
        job = self.wait(job, watch=watch)
        if job["state"] != "done":
            told = job["error"] or {"code": f"job_{job['state']}", "detail": job["state_text"]}
            raise Refused(409, told)
        return self._get(job["result"])

    def save(self, job: Json, name: str, target: str | Path) -> Path:
        """Write a file that a job left."""
        href = next(file["href"] for file in job["files"] if file["name"] == name)
        path = Path(target)
        path.write_bytes(self._http.ask("GET", href).body)
        return path

    # --- register and features ------------------------------------------------------------

    def records(self, collection: str, **query: Any) -> Iterator[Json]:
        """All records of a kind, page by page, as the register was known at the first."""
        yield from self._pages(f"/api/v1/register/{collection}", "records", query)

    def features(self, collection: str, **query: Any) -> Iterator[Json]:
        """All features of an OGC collection, following its links of the kind `next`."""
        path = f"/ogc/collections/{urllib.parse.quote(collection)}/items"
        page = self._get(path, query)
        while True:
            yield from page["features"]
            link = next((each for each in page["links"] if each["rel"] == "next"), None)
            if link is None:
                return
            parts = urllib.parse.urlsplit(link["href"])
            page = self._get(f"{parts.path}?{parts.query}")

    def _pages(self, path: str, key: str, query: Mapping[str, Any]) -> Iterator[Json]:
        cursor = None
        while True:
            page = self._get(path, {**query, "cursor": cursor})
            yield from page[key]
            cursor = page["next_cursor"]
            if cursor is None:
                return

    def _get(self, path: str, query: Mapping[str, Any] | None = None) -> Json:
        told: Json = self._http.ask("GET", path, query=query).json()
        return told

    def _post(self, path: str, body: Mapping[str, Any]) -> Json:
        told: Json = self._http.send("POST", path, dict(body)).json()
        return told


def _key() -> dict[str, str]:
    return {"Idempotency_Key": secrets.token_hex(16)}
