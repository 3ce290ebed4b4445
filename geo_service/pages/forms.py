"""Reading a plain form as a browser sends it, and where it may lead afterwards."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated
from urllib.parse import parse_qs, urlsplit

from fastapi import Depends, Request

from geo_service.errors import InputError

_MOST_FIELDS = 100


@dataclass(frozen=True, slots=True)
class Posted:
    """The entries of a form, each by the name of its field."""

    entries: dict[str, list[str]]

    def one(self, name: str) -> str:
        """The entry of a field, "" where there is none."""
        return self.entries.get(name, [""])[0]

    def many(self, name: str) -> list[str]:
        """All entries of a field."""
        return self.entries.get(name, [])


async def _posted(request: Request) -> Posted:
    """The form in a request body. Raises InputError `form_unreadable`."""
    if not request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        raise InputError("form_unreadable")
    try:
        text = (await request.body()).decode("ascii")
        return Posted(parse_qs(text, errors="strict", max_num_fields=_MOST_FIELDS))
    except ValueError as error:
        raise InputError("form_unreadable") from error


PostedDep = Annotated[Posted, Depends(_posted)]


def inside(address: str) -> str:
    """The address if it lies in this service, else that of the first page.

    Browsers read a backslash as a slash, skip control characters and take two slashes for a host.
    """
    parts = urlsplit(address) if address.isprintable() else None
    leads_here = (
        parts is not None
        and not parts.scheme
        and not parts.netloc
        and address.startswith("/")
        and not address.startswith("//")
        and "\\" not in address
    )
    return address if leads_here else "/"
