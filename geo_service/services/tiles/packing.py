"""One layer of a Mapbox Vector Tile (version 2.1) from commands and tags.

Every number of a feature, its headings and lengths too, is a varint: so all features of a layer
are one array of numbers, packed in one go.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from geo_service.geometry.arrays import Ints
from geo_service.geometry.ragged import Ragged, beside, same, single, sums
from geo_service.geometry.tiling import EXTENT
from geo_service.services.tiles.commands import Shape
from geo_service.services.tiles.properties import Properties
from geo_service.services.tiles.varints import field, fields, varint, varints, widths

_LAYER, _NAME, _FEATURE, _KEYS, _VALUES, _EXTENT, _VERSION = 3, 1, 2, 3, 4, 5, 15
_ID, _TAGS, _TYPE, _GEOMETRY = 1, 2, 3, 4
_VERSION_2 = 2


class Features(NamedTuple):
    """What a tile holds of features of one type: which they are, and their commands."""

    shape: Shape
    members: Ints
    commands: Ragged


def layer(name: str, numbers: Ints, properties: Properties, drawn: list[Features]) -> bytes:
    """The layer as a tile holds it; `numbers` are the ids of all features there are.

    Layers one after the other are a tile. Empty where nothing is drawn.
    """
    drawn = [features for features in drawn if len(features.members)]
    if not drawn:
        return b""
    members = np.concatenate([features.members for features in drawn])
    tags, values = properties.tagged(members)
    types = np.repeat([f.shape for f in drawn], [len(f.members) for f in drawn])
    commands = Ragged(
        np.concatenate([f.commands.values for f in drawn]),
        np.concatenate([f.commands.counts for f in drawn]),
    )
    content = (
        field(_NAME, name.encode())
        + _features(numbers[members], tags, types, commands)
        + fields(_KEYS, properties.keys)
        + fields(_VALUES, values)
        + varint(_EXTENT << 3)
        + varint(EXTENT)
        + varint(_VERSION << 3)
        + varint(_VERSION_2)
    )
    return field(_LAYER, content)


def _features(numbers: Ints, tags: Ragged, types: Ints, commands: Ragged) -> bytes:
    rows = len(numbers)
    body = beside(
        same(_ID << 3, rows),
        single(numbers),
        same(_TAGS << 3 | 2, rows),
        single(_octets(tags)),
        tags,
        same(_TYPE << 3, rows),
        single(types),
        same(_GEOMETRY << 3 | 2, rows),
        single(_octets(commands)),
        commands,
    )
    whole = beside(same(_FEATURE << 3 | 2, rows), single(_octets(body)), body)
    return varints(whole.values)


def _octets(rows: Ragged) -> Ints:
    """Bytes that the numbers of each row take."""
    groups = np.repeat(np.arange(len(rows.counts)), rows.counts)
    return sums(widths(rows.values), groups, len(rows.counts))
