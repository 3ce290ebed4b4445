"""Which finding is drafted by whom; what no one drafts is for people to decide."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

from geo_service.services.repairing import lines, polygons
from geo_service.services.repairing.desk import Desk, Draft

if TYPE_CHECKING:
    from geo_service.domain.finding import Finding
    from geo_service.domain.text import Text

Drafter = Callable[[Desk, "Finding"], "Iterator[Draft | Text]"]

_DRAFTERS: Mapping[str, Drafter] = {
    "BD-TOP-01": polygons.invalid_ring,
    "BD-TOP-02": polygons.ground,
    "BD-TOP-03": polygons.ground,
    "BD-TOP-04": polygons.ground,
    "BD-TOP-05": polygons.surplus_vertices,
    "BD-TOP-07": polygons.ground,
    "BD-LEV-01": polygons.beyond_parent,
    "BD-POL-01": polygons.off_line,
    "BD-POL-02": lines.side_codes,
    "BD-NET-01": lines.dangle,
    "BD-NET-04": lines.tripoint,
    "BD-NET-07": lines.overshoot,
    "BD-NET-08": lines.direction,
    "BD-NET-09": lines.pseudo_node,
}


def drafts_for(desk: Desk, finding: Finding) -> Iterator[Draft | Text]:
    """Drafts for a finding, and the reasons why there are no others; nothing of either where no
    mechanical mend is known.
    """
    drafter = _DRAFTERS.get(finding.rule_id)
    return iter(()) if drafter is None else drafter(desk, finding)
