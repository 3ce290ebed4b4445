"""One HTTP exchange with the standard library, so that a script needs nothing but Python."""

from __future__ import annotations

import json
import secrets
import ssl
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

Json = Any
Method = Literal["GET", "POST", "DELETE"]
Query = Mapping[str, str | int | float | Sequence[str] | None]
_SCHEMES = ("http", "https")


class Refused(Exception):  # noqa: N818 - named after what happened, as the errors of the service
    """The service refused: HTTP status, stable code, what to do, and the places that are wrong."""

    def __init__(self, status: int, problem: Mapping[str, Any]) -> None:
        self.status = status
        self.code = str(problem.get("code", "request_refused"))
        self.detail = str(problem.get("detail", ""))
        self.errors: list[dict[str, str]] = list(problem.get("errors", []))
        super().__init__(f"{status} {self.code}: {self.detail}")


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: status, headers in small letters, body."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Json:
        """The body as JSON, None where it is empty."""
        return json.loads(self.body) if self.body else None


@dataclass(frozen=True, slots=True)
class Transport:
    """Where the service is, by whose token, in which language, and how long to wait (seconds)."""

    base: str
    token: str = ""
    lang: str = "zh"
    timeout_s: float = 60.0
    tls: ssl.SSLContext | None = None

    def __post_init__(self) -> None:
        if urllib.parse.urlsplit(self.base).scheme not in _SCHEMES:
            raise ValueError(self.base)

    def ask(
        self,
        method: Method,
        path: str,
        *,
        query: Query | None = None,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """One request. Raises Refused for an answer of 400 and above, OSError for none."""
        request = urllib.request.Request(  # noqa: S310 - the scheme was looked at
            f"{self.base.rstrip('/')}{path}{_query(query)}", data=body, method=method
        )
        for name, value in {**self._own, **(headers or {})}.items():
            request.add_header(name, value)
        try:
            with urllib.request.urlopen(  # noqa: S310
                request, timeout=self.timeout_s, context=self.tls
            ) as got:
                return Answer(got.status, _small(got.headers), got.read())
        except urllib.error.HTTPError as error:
            with error:
                raise Refused(error.code, _problem(error.read())) from None

    def send(self, method: Method, path: str, value: Json, **headers: str) -> Answer:
        """A request with a JSON body; headers are written with underscores."""
        told = {name.replace("_", "-"): text for name, text in headers.items()}
        told["Content-Type"] = "application/json"
        return self.ask(method, path, body=json.dumps(value).encode(), headers=told)

    def upload(self, path: str, name: str, content: bytes) -> Answer:
        """A form with one file in the field `file`."""
        boundary = secrets.token_hex(16)
        quoted = name.replace("\\", "_").replace('"', "%22").replace("\r", "").replace("\n", "")
        head = f'Content-Disposition: form-data; name="file"; filename="{quoted}"'
        start = f"--{boundary}\r\n{head}\r\nContent-Type: application/octet-stream\r\n\r\n"
        body = start.encode() + content + f"\r\n--{boundary}--\r\n".encode()
        form = f"multipart/form-data; boundary={boundary}"
        return self.ask("POST", path, body=body, headers={"Content-Type": form})

    @property
    def _own(self) -> dict[str, str]:
        own = {"Accept": "application/json", "Accept-Language": self.lang}
        return {**own, "Authorization": f"Bearer {self.token}"} if self.token else own


def _query(query: Query | None) -> str:
    told = {name: value for name, value in (query or {}).items() if value not in (None, "")}
    return f"?{urllib.parse.urlencode(told, doseq=True)}" if told else ""


def _small(headers: Any) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def _problem(body: bytes) -> Mapping[str, Any]:
    try:
        told = json.loads(body)
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}
