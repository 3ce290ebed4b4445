"""The device in a marker has not reported for days."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from geo_service.domain.finding import Evidence, Severity
from geo_service.domain.supporting.fieldwork import DeviceMessage
from geo_service.domain.text import Text
from geo_service.rules.base import Basis, Quality, Rule
from geo_service.rules.boundaries import BoundaryContext
from geo_service.rules.boundaries._drawing import said
from geo_service.rules.markers import MarkerCase
from geo_service.rules.markers._devices import last_messages, sender, standing_at
from geo_service.rules.markers._drawing import DAY, clean, flagged, row, stones


def _check(case: MarkerCase, context: BoundaryContext) -> Iterator[Evidence]:
    for last in last_messages(case, context):
        days = (context.as_of - last.sent_on).days
        if days <= context.threshold("device_silent_days"):
            continue
        subject, who = sender(case, last)
        yield Evidence(
            message=Text(
                f"{who.zh}的终端自 {last.sent_on} 起 {days} 天没有报文。",
                f"{who.en}: its device has sent nothing for {days} days, since {last.sent_on}.",
            ),
            subject=subject,
            related=case.sides(last.line_code),
            geometry=standing_at(case, last),
            measure=context.measure(days, "device_silent_days", "d"),
            suggestion=Text(
                "查电量和信号；下次巡查时看界桩是否完好。",
                "See to battery and signal; the next patrol looks whether the marker is intact.",
            ),
        )


def _messages(*days_ago: int) -> MarkerCase:
    """Messages of marker 001Q, so many days before the day of the examples."""
    sent = (
        said(
            DeviceMessage,
            number,
            line_code="990101-990102",
            marker="001Q",
            sent_on=_before(ago),
            drift_m=0.1,
        )
        for number, ago in enumerate(days_ago)
    )
    return stones(*row(1000, 2000), beside=tuple(sent))


def _before(days: int) -> date:
    return DAY - timedelta(days=days)


RULE: Rule[MarkerCase, BoundaryContext] = Rule(
    id="MK-DEV-01",
    slug="device_silent",
    version=1,
    title=Text("界桩终端无报文", "Device of a marker silent"),
    category="终端离线",
    quality=Quality.TEMPORAL,
    basis=(Basis("GOOD_PRACTICE", "devices", Severity.INFO),),
    check=_check,
    examples=(
        flagged(_messages(10), Severity.INFO, Text("十天没有报文", "nothing for ten days")),
        flagged(
            _messages(40, 9, 20), Severity.INFO, Text("最后一次在九天前", "the last nine days ago")
        ),
        clean(_messages(7), Text("七天前有报文", "a message seven days ago")),
        clean(_messages(30, 1), Text("中间断过，昨天恢复", "silent once, back since yesterday")),
        clean(
            _messages(-3),
            Text("报文日期在审查日之后，不作判断", "a message after the day of the review"),
        ),
    ),
    trap=Text(
        "冬季低温、山区无信号时终端会间断上线，不等于界桩出事。",
        "In the cold, or where there is no signal, a device drops out without harm to its marker.",
    ),
    handling=Text("提示性意见，列入巡查。", "A hint for the patrol."),
    needs=frozenset({"devices"}),
)
