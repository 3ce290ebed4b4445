"""What is for the bureau alone, whatever the label of a record: who did what, and why."""

from __future__ import annotations

from typing import Any

from fastapi import Depends

from geo_service.api.audience import AskerDep
from geo_service.domain.provenance import Label
from geo_service.errors import Forbidden


def _inside(asker: AskerDep) -> None:
    if asker.audience is not Label.INTERNAL:
        raise Forbidden("internal_only")


internal_only: Any = Depends(_inside)
"""For `dependencies=[…]`: names of staff, reasons and documents never go to a public audience.

Raises Forbidden `internal_only`.
"""
