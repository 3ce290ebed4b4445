"""The answer key of the synthetic layer: which fault was put where, and what must be found.

Written without a look at the rules: only the ids that the product promises stand here.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class FaultKind(StrEnum):
    """What was done to the layer."""

    INVALID_RING = "invalid_ring"
    OVERLAP = "overlap"
    UNASSIGNED_GAP = "unassigned_gap"
    SLIVER = "sliver"
    DANGLE = "dangle"
    CROSSING_WITHOUT_NODE = "crossing_without_node"
    LINE_MISSING = "line_missing"
    TRIPOINT_MISMATCH = "tripoint_mismatch"
    UNIT_CODE_NOT_IN_FORCE = "unit_code_not_in_force"
    CODE_PREFIX = "code_prefix"
    DUPLICATE_LINE = "duplicate_line"
    LINE_SELF_CROSSING = "line_self_crossing"
    OVERSHOOT = "overshoot"
    LINE_DIRECTION = "line_direction"
    PSEUDO_NODE = "pseudo_node"
    NODE_UNITS = "node_units"
    POLYGON_OFF_LINE = "polygon_off_line"
    SIDE_CODES = "side_codes"
    NAME_OF_CODE = "name_of_code"
    DEGENERATE_VERTEX = "degenerate_vertex"


RULE_OF = {
    FaultKind.INVALID_RING: "BD-TOP-01",
    FaultKind.OVERLAP: "BD-TOP-02",
    FaultKind.UNASSIGNED_GAP: "BD-TOP-03",
    FaultKind.SLIVER: "BD-TOP-04",
    FaultKind.DANGLE: "BD-NET-01",
    FaultKind.CROSSING_WITHOUT_NODE: "BD-NET-02",
    FaultKind.LINE_MISSING: "BD-NET-03",
    FaultKind.TRIPOINT_MISMATCH: "BD-NET-04",
    FaultKind.UNIT_CODE_NOT_IN_FORCE: "BD-COD-01",
    FaultKind.CODE_PREFIX: "BD-COD-02",
    FaultKind.DUPLICATE_LINE: "BD-NET-05",
    FaultKind.LINE_SELF_CROSSING: "BD-NET-06",
    FaultKind.OVERSHOOT: "BD-NET-07",
    FaultKind.LINE_DIRECTION: "BD-NET-08",
    FaultKind.PSEUDO_NODE: "BD-NET-09",
    FaultKind.NODE_UNITS: "BD-NET-11",
    FaultKind.POLYGON_OFF_LINE: "BD-POL-01",
    FaultKind.SIDE_CODES: "BD-POL-02",
    FaultKind.NAME_OF_CODE: "BD-COD-03",
    FaultKind.DEGENERATE_VERTEX: "BD-TOP-05",
}

_IN_THE_SUM = frozenset(
    {
        *(FaultKind.OVERLAP, FaultKind.UNASSIGNED_GAP, FaultKind.SLIVER, FaultKind.DANGLE),
        *(FaultKind.CROSSING_WITHOUT_NODE, FaultKind.TRIPOINT_MISMATCH, FaultKind.DUPLICATE_LINE),
        *(FaultKind.LINE_SELF_CROSSING, FaultKind.POLYGON_OFF_LINE),
    }
)
"""Faults after which lines enclose other ground than the polygons: BD-POL-03 sums them up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SeededFault:
    """One fault: rule `rule_id` must find it within `reach_m` metres of `position` (lon, lat).

    `size` in `unit` says how large it was made. `also` names the rules that may speak there too,
    since one fault can break several rules; no other rule may speak. What is `in_nodes` lies in
    the register's nodes alone: files of units and lines do not show it.
    """

    id: str
    kind: FaultKind
    units: tuple[str, ...]
    position: tuple[float, float]
    reach_m: float
    size: float
    unit: str
    also: tuple[FaultKind, ...] = ()
    in_nodes: bool = False

    @property
    def rule_id(self) -> str:
        """The rule that must find the fault."""
        return RULE_OF[self.kind]

    @property
    def allowed(self) -> frozenset[str]:
        """All rules that may speak at the place of the fault."""
        summed = {"BD-POL-03"} if self.kind in _IN_THE_SUM else set()
        return frozenset(RULE_OF[kind] for kind in (self.kind, *self.also)) | summed


def answer_key_json(
    faults: Iterable[SeededFault],
    *,
    seed: int,
    as_of: str,
    outer_ends: Iterable[tuple[float, float]],
) -> str:
    """The key as text: what a user compares the findings with.

    `outer_ends` are the sea ends of lines whose other side lies beyond the files: without nodes
    nothing says that they are no dangles.
    """
    key = {
        "notice": "示例 / synthetic",
        "seed": seed,
        "as_of": as_of,
        "faults": [_entry(fault) for fault in faults],
        "dangles_where_nodes_are_missing": [{"lon": x, "lat": y} for x, y in outer_ends],
    }
    return json.dumps(key, ensure_ascii=False, indent=1) + "\n"


def _entry(fault: SeededFault) -> dict[str, Any]:
    return {
        "id": fault.id,
        "kind": fault.kind.value,
        "rule_id": fault.rule_id,
        "units": list(fault.units),
        "lon": fault.position[0],
        "lat": fault.position[1],
        "reach_m": round(fault.reach_m),
        "size": round(fault.size, 1),
        "unit": fault.unit,
        "in_nodes_only": fault.in_nodes,
        "also_allowed": sorted(fault.allowed - {fault.rule_id}),
    }
