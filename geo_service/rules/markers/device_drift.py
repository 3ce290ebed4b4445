"""The device in a marker reports that it has drifted or leans."""

from __future__ import annotations

from collections.abc import Iterator

from geo_service.domain.finding import Evidence, Measure, Severity
from geo_service.domain.supporting.fieldwork import DeviceMessage
from geo_service.domain.text import Text
from geo_service.rules.base import Basis, Quality, Rule
from geo_service.rules.boundaries import BoundaryContext
from geo_service.rules.boundaries._drawing import said
from geo_service.rules.boundaries._wording import length
from geo_service.rules.markers import MarkerCase
from geo_service.rules.markers._devices import last_messages, sender, standing_at
from geo_service.rules.markers._drawing import DAY, clean, flagged, row, stones


def _check(case: MarkerCase, context: BoundaryContext) -> Iterator[Evidence]:
    for last in last_messages(case, context):
        if last.drift_m is not None and last.drift_m > context.threshold("device_drift_m"):
            far = length(last.drift_m)
            measure = context.measure(last.drift_m, "device_drift_m", "m")
            most = length(measure.limit or 0.0)
            told = Text(f"漂移 {far.zh}，限值 {most.zh}", f"a drift of {far.en}, limit {most.en},")
            yield _evidence(case, last, "drift", told, measure)
        if last.tilt_deg is not None and abs(last.tilt_deg) > context.threshold("device_tilt_deg"):
            measure = context.measure(abs(last.tilt_deg), "device_tilt_deg", "°")
            turned = f"{abs(last.tilt_deg):g}°"
            told = Text(
                f"倾斜 {turned}，限值 {measure.limit:g}°",
                f"a tilt of {turned}, limit {measure.limit:g}°,",
            )
            yield _evidence(case, last, "tilt", told, measure)


def _evidence(
    case: MarkerCase, last: DeviceMessage, key: str, told: Text, measure: Measure
) -> Evidence:
    subject, who = sender(case, last)
    return Evidence(
        message=Text(
            f"{who.zh}的终端 {last.sent_on} 报告{told.zh}。",
            f"{who.en}: its device reported {told.en} on {last.sent_on}.",
        ),
        key=key,
        subject=subject,
        related=case.sides(last.line_code),
        geometry=standing_at(case, last),
        measure=measure,
        question=Text(
            "实地看界桩是否移动、倾斜，还是终端误报？",
            "Did the stone move or lean on the ground, or is the device wrong?",
        ),
        suggestion=Text(
            "尽快巡查；确有移动、损坏的，由责任方会同毗邻一方处理。",
            "Send a patrol; where the stone moved or broke, the responsible side acts with the "
            "other present.",
        ),
    )


def _reports(drift_m: float | None, tilt_deg: float | None = None) -> MarkerCase:
    message = said(
        DeviceMessage,
        1,
        line_code="990101-990102",
        marker="001Q",
        sent_on=DAY,
        drift_m=drift_m,
        tilt_deg=tilt_deg,
    )
    return stones(*row(1000, 2000), beside=(message,))


RULE: Rule[MarkerCase, BoundaryContext] = Rule(
    id="MK-DEV-02",
    slug="device_drift",
    version=1,
    title=Text("界桩终端报告漂移或倾斜", "Device of a marker reports drift or tilt"),
    category="终端告警",
    quality=Quality.POSITIONAL,
    basis=(
        # What a device says is no proof of a move: under the law a person decides.
        Basis("B02", "6", Severity.HUMAN),
        Basis("GOOD_PRACTICE", "devices", Severity.HUMAN),
    ),
    check=_check,
    examples=(
        flagged(_reports(5.2), Severity.HUMAN, Text("漂移 5.2 米", "a drift of 5.2 m")),
        flagged(_reports(0.3, -40.0), Severity.HUMAN, Text("倾斜 40 度", "a tilt of 40 degrees")),
        clean(_reports(2.9, 3.0), Text("漂移 2.9 米，在定位误差内", "2.9 m, as positions go")),
        clean(_reports(None), Text("报文没有漂移值", "a message without figures")),
    ),
    trap=Text(
        "单机定位本身有两三米误差，多路径时更大；连续几天一致才像真的移动。",
        "A single receiver errs by two or three metres, more near walls and trees; several days "
        "that agree look like a move.",
    ),
    handling=Text(
        "巡查核实后记入联检记录；误报的校准终端。",
        "The patrol's result goes into the inspection record; a device that is wrong is adjusted.",
    ),
    needs=frozenset({"devices"}),
)
