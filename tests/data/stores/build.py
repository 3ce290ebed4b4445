"""Makes a small store with whatever program lies on the path: `python build.py OUT.gpkg`.

Run once for each schema, with the program of the commit that README.md names; it runs with all of
them. Everything in it is invented.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import shapely

from geo_service.domain.boundary import AdministrativeBoundary, BoundaryNode, NodeKind
from geo_service.domain.change import Change, Operation, RecordKind
from geo_service.domain.division import AdministrativeUnit
from geo_service.domain.identity import DivisionCode, LineCode, MarkerNumber
from geo_service.domain.marker import BoundaryMarker, MarkerKind
from geo_service.domain.period import Period
from geo_service.domain.place import FeatureType, NamedPlace
from geo_service.domain.provenance import Provenance
from geo_service.store.opening import open_store
from geo_service.store.protocol import ImportReceipt

SOURCE = Provenance(source="示例", licence="CC0-1.0")
ONE, OTHER, THIRD = map(DivisionCode, ("990101", "990102", "990103"))
Y2000, Y2010, Y2020 = (date(year, 1, 1) for year in (2000, 2010, 2020))


class Clock:
    """One second later at each look."""

    def __init__(self) -> None:
        self.now = datetime(2024, 1, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


def change(record: object, operation: Operation = Operation.CREATE, version: int = 0) -> Change:
    return Change(
        operation=operation,
        record=record,
        actor="经办人甲",
        reason="示例",
        basis="示例文件",
        expected_version=version,
    )


def places() -> list[NamedPlace]:
    names = ("东风路", "东峰路", "青石桥", "松林山", "和平里𠮷巷", "望海楼")
    return [
        NamedPlace(
            id=f"P-{number}",
            name=name,
            feature_type=FeatureType.ROAD,
            provenance=SOURCE,
            unit_code=ONE if number % 2 else None,
            geometry=None if number == 5 else shapely.Point(120.1 + number / 1000, 36.05),
            romanization="Dongfeng Lu" if number == 0 else "",
            period=Period(Y2000),
        )
        for number, name in enumerate(names)
    ]


def grounds() -> list[object]:
    line = LineCode.between(ONE, OTHER)
    return [
        *(
            AdministrativeUnit(
                code=code,
                name=name,
                geometry=shapely.box(120 + at, 36, 120.1 + at, 36.1),
                provenance=SOURCE,
                period=Period(Y2000),
            )
            for code, name, at in ((ONE, "甲区", 0.0), (OTHER, "乙区", 0.1), (THIRD, "丙区", 0.2))
        ),
        AdministrativeBoundary(
            code=line,
            name="甲乙线",
            left_code=ONE,
            right_code=OTHER,
            geometry=shapely.LineString([(120.1, 36, 5), (120.1, 36.05, 6.5), (120.1, 36.1, 7)]),
            length_km=11.25,
            provenance=SOURCE,
        ),
        BoundaryNode(
            id="N-1",
            kind=NodeKind.TRIPOINT,
            units=(ONE, OTHER, THIRD),
            position=shapely.Point(120.1, 36.1),
            provenance=SOURCE,
        ),
        BoundaryMarker(
            number=MarkerNumber("001Q"),
            line_code=line,
            kind=MarkerKind.SINGLE,
            position=shapely.Point(120.1, 36.05),
            height_m=12.5,
            provenance=SOURCE,
        ),
    ]


def later() -> list[object]:
    """Records of kinds that came with later schemas, as far as the program knows them."""
    kinds, made = {kind.value for kind in RecordKind}, []
    if "accepted-pairs" in kinds:
        from geo_service.domain.accepted_pair import AcceptedPair

        made.append(
            AcceptedPair(
                id="P-0/P-1",
                one="P-0",
                other="P-1",
                signer="张三",
                accepted_on=Y2020,
                reason="示例",
                document_no="",
                provenance=SOURCE,
            )
        )
    if "findings" in kinds:
        from geo_service.domain.finding import FindingState, Severity
        from geo_service.domain.kept_finding import Cause, KeptFinding, Origin, ReviewRun

        shared = {"city": "990100", "scale": 10_000, "origin": Origin.REGISTER}
        made.append(
            ReviewRun(
                id="R-1",
                families=("boundaries",),
                rules=("BD-NET-01",),
                counts=(("lines", 1),),
                tally=(("seen", 1),),
                found="ab",
                rules_digest="cd",
                data_digest="ef",
                code="1",
                provenance=SOURCE,
                **shared,
            )
        )
        made.append(
            KeptFinding(
                id="a" * 64,
                rule_id="BD-NET-01",
                family="boundaries",
                subject_kind="unit",
                subject_id="990101",
                subject_name="甲区",
                severity=Severity.HUMAN,
                title="悬挂",
                title_en="dangle",
                message="示例",
                message_en="sample",
                named=(("unit/990101", ""),),
                state=FindingState.OPEN,
                cause=Cause.FOUND,
                run_id="R-1",
                first_seen=Y2020,
                last_seen=Y2020,
                changed=(),
                period=Period(Y2020),
                provenance=SOURCE,
                **shared,
            )
        )
    if "roads" in kinds:
        from geo_service.domain.road import Road

        made.append(
            Road(
                id="R-1",
                name="东风路",
                grade="主干路",
                width_m=40.5,
                length_m=1234.5,
                unit_code=ONE,
                geometry=shapely.LineString([(120.1, 36.05), (120.12, 36.06)]),
                period=Period(Y2000),
                provenance=SOURCE,
            )
        )
    if "drafts" in kinds:
        from geo_service.domain.draft import Draft, DraftAct, DraftState

        made.append(
            Draft(
                id="D-1",
                target_kind="place-names",
                target_id="P-4",
                act=DraftAct.RENAME,
                body=(("name", "和平里𠮷街"),),
                effective_on=Y2020,
                authors=("经办人甲", "经办人乙"),
                geometry=shapely.Point(120.11, 36.06),
                seen=1,
                reason="示例",
                document_no="示例文1号",
                files=("sha256:" + "a" * 64,),
                state=DraftState.SUBMITTED,
                provenance=SOURCE,
            )
        )
    return made


def main(path: Path) -> None:
    clock = Clock()
    store = open_store(f"gpkg:{path}", create=True, clock=clock)
    first = places()
    with store.begin() as work:
        work.append([change(place) for place in first])
        work.keep_receipt(ImportReceipt("b" * 64, len(first), '{"说明":"示例"}', clock()))
    with store.begin() as work:
        work.append([change(record) for record in grounds()])
        work.keep_receipt(ImportReceipt("a" * 64, 6, '{"说明":"示例之二"}', clock()))
    with store.begin() as work:
        corrected = replace(first[2], name="青石大桥")
        revised = replace(first[0], name="东风大街", period=Period(Y2010))
        retired = replace(first[3], period=Period(Y2000, Y2020))
        work.append(
            [
                change(corrected, Operation.CORRECT, 1),
                change(revised, Operation.REVISE, 1),
                change(retired, Operation.RETIRE, 1),
            ]
        )
    with store.begin() as work:
        work.append([change(record) for record in later()])
    assert store.verify().sound
    store.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
