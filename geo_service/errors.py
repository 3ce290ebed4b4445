"""The error tree: everything the program refuses, drawn in one place.

GeoServiceError
├── InputError          what was handed in cannot be used (CLI exit 3, HTTP 400/422)
├── NotFound            no such record, rule, city or file (exit 3, HTTP 404)
├── Conflict            somebody else changed it first (exit 4, HTTP 409)
├── Forbidden           the person or the setting does not allow it (exit 3, HTTP 403)
├── StoreError          the store cannot be opened, read or written (exit 4, HTTP 503)
├── Busy                too much is asked at a time; later it may be (exit 4, HTTP 503/429/504)
└── ConfigError         a setting or a data table is wrong (exit 2, HTTP 500)

Findings are data, never exceptions.
"""

from __future__ import annotations


class GeoServiceError(Exception):
    """Base of all refusals: a stable `code` and the facts its message template needs.

    The text a person reads stands in `data/messages/errors.toml` under the code, in Chinese and
    English; `context` fills its placeholders.
    """

    code = "geo_service_error"
    exit_code = 3
    http_status = 500

    def __init__(self, code: str | None = None, **context: object) -> None:
        self.code = code or type(self).code
        self.context = context
        facts = ", ".join(f"{key}={value}" for key, value in context.items())
        super().__init__(f"{self.code}: {facts}" if facts else self.code)


class InputError(GeoServiceError):
    """What was handed in cannot be used as it is."""

    code = "input_error"
    exit_code = 3
    http_status = 422


class NotFound(GeoServiceError):
    """No such record, rule, city or file."""

    code = "not_found"
    exit_code = 3
    http_status = 404


class Conflict(GeoServiceError):
    """The record has moved on since it was read."""

    code = "conflict"
    exit_code = 4
    http_status = 409


class Forbidden(GeoServiceError):
    """The person or the configuration does not allow this act."""

    code = "forbidden"
    exit_code = 3
    http_status = 403


class StoreError(GeoServiceError):
    """The store cannot be opened, read or written."""

    code = "store_error"
    exit_code = 4
    http_status = 503


class Busy(GeoServiceError):
    """Too much is asked at a time; the same may be asked again later."""

    code = "busy"
    exit_code = 4
    http_status = 503


class ConfigError(GeoServiceError):
    """A setting or one of the data tables is wrong."""

    code = "config_error"
    exit_code = 2
    http_status = 500
