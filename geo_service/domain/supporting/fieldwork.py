"""What was done on the ground and noted: inspections, tracks, photos, messages of devices."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from geo_service.domain.identity import DivisionCode
from geo_service.domain.supporting import ANYTHING, POINTS, SupportingRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class JointInspection(SupportingRecord):
    """One inspection of a line as one side's register has it.

    `round` is the number of the five-yearly round, None for a special inspection after an event.
    `held_by` is the side whose register says so, `signed_by` the sides that signed the report,
    `photos` how many were filed.
    """

    LAYER: ClassVar[str] = "inspections"
    PLACED: ClassVar[bool] = False

    line_code: str
    inspected_on: date
    round: int | None = None
    held_by: DivisionCode | None = None
    report_no: str = ""
    signed_by: tuple[DivisionCode, ...] = ()
    photos: int | None = None
    table_filed: bool | None = None
    filed_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Track(SupportingRecord):
    """Where a survey team went on a day."""

    LAYER: ClassVar[str] = "tracks"
    SHAPES: ClassVar[tuple[str, ...]] = ANYTHING

    recorded_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldPhoto(SupportingRecord):
    """A photo of a marker: where and when it says it was taken."""

    LAYER: ClassVar[str] = "photos"
    SHAPES: ClassVar[tuple[str, ...]] = POINTS
    PLACED: ClassVar[bool] = False

    line_code: str
    marker: str
    taken_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceMessage(SupportingRecord):
    """What the device in a marker last reported: its drift in metres, its tilt in degrees."""

    LAYER: ClassVar[str] = "devices"
    PLACED: ClassVar[bool] = False

    line_code: str
    marker: str
    sent_on: date
    drift_m: float | None = None
    tilt_deg: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenItem(SupportingRecord):
    """A finding of an earlier inspection with the day by which it had to be settled."""

    LAYER: ClassVar[str] = "open-items"
    PLACED: ClassVar[bool] = False

    line_code: str
    name: str
    due_on: date
    settled_on: date | None = None
