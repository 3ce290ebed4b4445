"""The lineage of a record as a drawing: what became what, from left to right by day."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from markupsafe import Markup, escape

from geo_service.messages import message

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geo_service.domain.text import Lang
    from geo_service.services.register.lineage import Event, Node

_WIDTH, _HEIGHT, _GAP_X, _GAP_Y, _AIR = 168, 46, 120, 16, 8
_LONGEST = 12
"""Characters of a name that fit into its box."""


def lineage_drawing(events: Sequence[Event], own_id: str, lang: Lang) -> Markup:
    """An SVG of events in their order, without scripts or styles of its own.

    Boxes are records under the name they bore, arrows the acts between them; a list beside it is
    to say the same.
    """
    at = _places(events)
    width = max(x for x, _ in at.values()) + _WIDTH + _AIR
    height = max(y for _, y in at.values()) + _HEIGHT + _AIR
    title = message("pages.lineage_drawing").in_(lang)
    parts = [
        f'<svg class="lineage" role="img" aria-label="{escape(title)}" '
        f'viewBox="0 0 {width} {height}" width="{width}" height="{height}">'
    ]
    parts += [_arrows(event, at, lang) for event in events]
    parts += [_box(node, place, node.id == own_id) for node, place in at.items()]
    return Markup("".join([*parts, "</svg>"]))  # noqa: S704 - every text in it is escaped


def _places(events: Sequence[Event]) -> dict[Node, tuple[int, int]]:
    """Where each box stands: one column right of all that it came from, below those before it."""
    level: dict[Node, int] = {}
    for event in events:
        start = max(level.setdefault(node, 0) for node in event.before)
        for node in event.after:
            level[node] = max(level.get(node, 0), start + 1)
    rows: defaultdict[int, int] = defaultdict(int)
    places = {}
    for node, column in level.items():
        x = _AIR + column * (_WIDTH + _GAP_X)
        places[node] = (x, _AIR + rows[column] * (_HEIGHT + _GAP_Y))
        rows[column] += 1
    return places


def _box(node: Node, place: tuple[int, int], own: bool) -> str:
    x, y = place
    name = node.name if len(node.name) <= _LONGEST else f"{node.name[:_LONGEST]}…"
    middle = x + _WIDTH // 2
    return (
        f'<g class="{"box own" if own else "box"}">'
        f'<rect x="{x}" y="{y}" width="{_WIDTH}" height="{_HEIGHT}" rx="5"/>'
        f'<text x="{middle}" y="{y + 20}">{escape(name)}</text>'
        f'<text class="id" x="{middle}" y="{y + 37}">{escape(node.id[:24])}</text></g>'
    )


def _arrows(event: Event, at: dict[Node, tuple[int, int]], lang: Lang) -> str:
    act = message(f"register.act_{event.act}").in_(lang)
    parts = []
    for before in event.before:
        for after in event.after:
            (x1, y1), (x2, y2) = at[before], at[after]
            start, end = x1 + _WIDTH, x2
            y1, y2 = y1 + _HEIGHT // 2, y2 + _HEIGHT // 2
            parts.append(f'<path d="M{start} {y1} L{end - 7} {y2}"/>')
            parts.append(f'<path class="head" d="M{end} {y2} l-8 -4 v8 z"/>')
    first = at[event.after[0]]
    x, y = first[0] - _GAP_X // 2, first[1] + _HEIGHT // 2
    parts.append(f'<text class="act" x="{x}" y="{y - 8}">{escape(act)}</text>')
    parts.append(f'<text class="id" x="{x}" y="{y + 16}">{event.day}</text>')
    return f'<g class="event">{"".join(parts)}</g>'
