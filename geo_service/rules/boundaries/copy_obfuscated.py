"""One of two copies lies as a whole where an obfuscated coordinate system would put it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from geo_service.domain.finding import Evidence, Severity, Subject
from geo_service.domain.text import Text
from geo_service.geometry.copies import Displacement
from geo_service.rules.base import Basis, Quality, Rule
from geo_service.rules.boundaries import BoundaryCase, BoundaryContext
from geo_service.rules.boundaries._drawing import clean, flagged, two_copies

_SIDES = {"a": Text("甲份", "copy A"), "b": Text("乙份", "copy B")}


def _check(case: BoundaryCase, context: BoundaryContext) -> Iterator[Evidence]:
    moved = case.displacement
    if moved is None or not moved.system:
        return
    side, city = _SIDES[moved.side], context.city
    yield Evidence(
        # No figures: what was measured is no parameter for undoing it (NEVER 4).
        message=Text(
            f"{side.zh}整体偏移，与 {moved.system} 的偏移特征相符，不能作为法定界线资料。",
            f"{side.en.capitalize()} is moved as a whole, as {moved.system} moves it: it cannot "
            "serve as a legal layer.",
        ),
        key=moved.side,
        subject=Subject("city", city.code, city.name.zh),
        suggestion=Text(
            "退回提供方，请报送 CGCS2000 原始成果。",
            "Send it back and ask for the original in CGCS2000.",
        ),
    )


_COPIES = two_copies("LINESTRING(0 0, 1000 0)", "LINESTRING(450 0, 1450 0)")


def _moved(system: str, side: str) -> BoundaryCase:
    return replace(_COPIES, displacement=Displacement(system, side))


RULE: Rule[BoundaryCase, BoundaryContext] = Rule(
    id="BD-CRS-03",
    slug="copy_obfuscated",
    version=1,
    title=Text("资料坐标经过加密偏移", "Obfuscated coordinates"),
    category="加密偏移",
    quality=Quality.POSITIONAL,
    basis=(Basis("GOOD_PRACTICE", "crs", Severity.PROHIBITED),),
    check=_check,
    examples=(
        flagged(
            _moved("GCJ-02", "b"), Severity.PROHIBITED, Text("乙份像 GCJ-02", "copy B as in GCJ-02")
        ),
        flagged(
            _moved("BD-09", "a"), Severity.PROHIBITED, Text("甲份像 BD-09", "copy A as in BD-09")
        ),
        clean(
            _moved("", ""),
            Text(
                "整体偏移一公里，但不像任何加密坐标系：查坐标系参数",
                "moved by a kilometre, but not as an obfuscated system does: see to the parameters",
            ),
        ),
        clean(_COPIES, Text("没有共同的偏移", "no common shift")),
    ),
    trap=Text(
        "个别控制点误差或基准转换参数不当也会造成几百米的整体偏移，特征相符不等于确证；请对方说明来源。",
        "A wrong datum parameter moves a layer by hundreds of metres too; a likeness is no proof: "
        "ask for the source.",
    ),
    handling=Text(
        "加密偏移的坐标不得用于界线、界桩和政区；本程序不提供还原。",
        "Obfuscated coordinates are not used for lines, markers or units; the program offers no "
        "way to undo them.",
    ),
    needs=frozenset({"copies"}),
)
