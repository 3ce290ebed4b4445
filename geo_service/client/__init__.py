"""A thin client of the HTTP interface, for scripts. See `client.service`."""

from __future__ import annotations

from geo_service.client.service import GeoService
from geo_service.client.transport import Refused

__all__ = ["GeoService", "Refused"]
