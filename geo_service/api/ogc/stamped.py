"""A text with the moment of its sending in it, packed but for its beginning.

What follows the moment is compressed once. The beginning is put before it as a block of the same
stream (RFC 1951, 3.2.4: stored as it is), so that every client reads one whole gzip file.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from datetime import UTC, datetime

_HEADER = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
_LEVEL = 4
_RAW = -15


def _now() -> bytes:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ").encode()


@dataclass(frozen=True, slots=True)
class Stamped:
    """`rest` after `before` and the moment; without `before` it is the whole text.

    `packed` is the rest as a raw DEFLATE stream, empty where the text is sent as it is.
    """

    rest: bytes
    before: bytes = b""
    packed: bytes = b""

    def gzipped(self) -> Stamped:
        """The same, to be sent as gzip."""
        packing = zlib.compressobj(_LEVEL, zlib.DEFLATED, _RAW)
        return Stamped(self.rest, self.before, packing.compress(self.rest) + packing.flush())

    def __len__(self) -> int:
        return len(self.before) + len(self.rest) + len(self.packed)

    def sent(self) -> bytes:
        """The bytes to be sent now; always as many."""
        head = self.before + _now() if self.before else b""
        if not self.packed:
            return head + self.rest if head else self.rest
        length = struct.pack("<H", len(head)) + struct.pack("<H", len(head) ^ 0xFFFF)
        size = (len(head) + len(self.rest)) & 0xFFFFFFFF
        check = struct.pack("<II", zlib.crc32(self.rest, zlib.crc32(head)), size)
        return b"".join((_HEADER, b"\x00", length, head, self.packed, check))
