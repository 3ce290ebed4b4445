"""Varints of Protocol Buffers for whole arrays at once: seven bits to a byte, lowest first."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from geo_service.geometry.arrays import Ints


def zigzag(numbers: Ints) -> Ints:
    """Signed numbers as unsigned ones, small for small: 0, -1, 1, -2 … become 0, 1, 2, 3 …"""
    return (numbers << 1) ^ (numbers >> 63)


def widths(numbers: Ints) -> Ints:
    """How many bytes each number takes; the numbers are not negative."""
    result = np.ones(numbers.shape, dtype=np.int64)
    rest = numbers >> 7
    while rest.any():
        result += rest > 0
        rest >>= 7
    return result


def varints(numbers: Ints) -> bytes:
    """The numbers one after the other; none of them is negative."""
    sizes = widths(numbers)
    ends = np.cumsum(sizes)
    out = np.empty(int(ends[-1]) if len(ends) else 0, dtype=np.uint8)
    begins, rest, step = ends - sizes, numbers, 0
    places = np.arange(len(numbers))
    while len(places):
        more = sizes[places] > step + 1
        out[begins[places] + step] = (rest & 0x7F) | (more << 7)
        places, rest = places[more], rest[more] >> 7
        step += 1
    return out.tobytes()


def varint(number: int) -> bytes:
    """One number that is not negative, below 2**63."""
    out = bytearray()
    while number > 0x7F:
        out.append((number & 0x7F) | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def field(number: int, content: bytes) -> bytes:
    """A length-delimited field of a message."""
    return varint(number << 3 | 2) + varint(len(content)) + content


def fields(number: int, contents: Iterable[bytes]) -> bytes:
    """A repeated length-delimited field."""
    return b"".join([field(number, content) for content in contents])
