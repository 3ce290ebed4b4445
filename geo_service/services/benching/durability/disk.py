"""A disk that keeps for certain only what was synced, and of the rest whatever chance leaves.

What a program wrote becomes certain when its file is synced, a name in a folder when that folder
is. All else may be there or not after a power cut, in any order, pages torn between sectors.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator
    from pathlib import Path

SECTOR = 512
"""Bytes that a disk writes as a whole."""
Step = TypeVar("Step")


@dataclass(frozen=True, slots=True)
class Written:
    """Bytes at a place in a file; `size` where it was cut or grown to that size instead."""

    offset: int = 0
    data: bytes = b""
    size: int | None = None

    def onto(self, held: bytearray) -> None:
        """Do it to the bytes of a file."""
        if self.size is not None:
            grown = self.size - len(held)
            held.extend(bytes(max(grown, 0)))
            del held[self.size :]
            return
        held.extend(bytes(max(self.offset - len(held), 0)))
        held[self.offset : self.offset + len(self.data)] = self.data

    def torn(self, chance: random.Random) -> Iterator[Written]:
        """Some of its sectors."""
        if self.size is not None:
            return
        edge = SECTOR - self.offset % SECTOR
        for start in (0, *range(edge, len(self.data), SECTOR)):
            end = edge if start == 0 else start + SECTOR
            if chance.random() < 0.5:
                yield Written(self.offset + start, self.data[start:end])


@dataclass(slots=True)
class File:
    """Bytes that are certain, and what was done since. `size` is that which programs see."""

    certain: bytearray = field(default_factory=bytearray)
    pending: list[Written] = field(default_factory=list)
    size: int = 0

    def do(self, written: Written) -> None:
        """Note a write."""
        self.pending.append(written)
        end = written.offset + len(written.data)
        self.size = max(self.size, end) if written.size is None else written.size

    def settle(self, count: int) -> None:
        """Make the first so many writes certain."""
        for written in self.pending[:count]:
            written.onto(self.certain)
        del self.pending[:count]


@dataclass(slots=True)
class Folder:
    """Names that are certain, and names given and taken since; `now` is what programs see."""

    certain: dict[str, Node] = field(default_factory=dict)
    pending: list[dict[str, Node | None]] = field(default_factory=list)
    now: dict[str, Node] = field(default_factory=dict)

    def do(self, step: dict[str, Node | None]) -> None:
        """Give and take names in one step."""
        self.pending.append(step)
        _name(self.now, step)

    def settle(self, count: int) -> None:
        """Make the first so many steps certain."""
        for step in self.pending[:count]:
            _name(self.certain, step)
        del self.pending[:count]


Node = File | Folder


def _name(names: dict[str, Node], step: dict[str, Node | None]) -> None:
    for name, node in step.items():
        if node is None:
            names.pop(name, None)
        else:
            names[name] = node


class Disk:
    """Files below one folder, found by their paths relative to it."""

    def __init__(self) -> None:
        self._root = Folder()

    def load(self, folder: Path) -> None:
        """Take what a folder holds as certain."""
        self._root = _loaded(folder)

    def at(self, path: str) -> Node | None:
        """What programs find under a path."""
        node: Node | None = self._root
        for part in path.split("/") if path else ():
            node = node.now.get(part) if isinstance(node, Folder) else None
        return node

    def give(self, path: str, node: Node) -> Node:
        """Give a name to a file or a folder."""
        folder, name = self._folder(path)
        folder.do({name: node})
        return node

    def take(self, path: str) -> None:
        """Take a name away."""
        folder, name = self._folder(path)
        folder.do({name: None})

    def rename(self, old: str, new: str) -> None:
        """Another name for what has the old one: within a folder in one step."""
        (source, was), (target, becomes) = self._folder(old), self._folder(new)
        node = source.now[was]
        if source is target:
            source.do({was: None, becomes: node})
        else:
            target.do({becomes: node})
            source.do({was: None})

    def _folder(self, path: str) -> tuple[Folder, str]:
        parent, _, name = path.rpartition("/")
        folder = self.at(parent)
        if not isinstance(folder, Folder):
            raise KeyError(path)
        return folder, name

    def certain(self, target: Path) -> None:
        """Write out what is on the disk for certain."""
        _write(self._root, target, None)

    def possible(self, target: Path, chance: random.Random) -> None:
        """Write out what may be on the disk: any part of what is not certain."""
        _write(self._root, target, chance)


def _loaded(folder: Path) -> Folder:
    made = Folder()
    for path in folder.iterdir():
        if path.is_dir():
            made.certain[path.name] = _loaded(path)
        else:
            held = bytearray(path.read_bytes())
            made.certain[path.name] = File(held, size=len(held))
    made.now = dict(made.certain)
    return made


def _write(folder: Folder, target: Path, chance: random.Random | None) -> None:
    target.mkdir()
    names = dict(folder.certain)
    if chance is not None:
        for step in _left(folder.pending, chance):
            _name(names, step)
    for name, node in names.items():
        if isinstance(node, Folder):
            _write(node, target / name, chance)
        else:
            (target / name).write_bytes(_bytes(node, chance))


def _left(pending: list[Step], chance: random.Random) -> list[Step]:
    """All of it, none, the first of it, or any of it: each as likely."""
    match chance.randrange(4):
        case 0:
            return pending
        case 1:
            return []
        case 2:
            return pending[: chance.randint(0, len(pending))]
    return [step for step in pending if chance.random() < 0.5]


def _bytes(file: File, chance: random.Random | None) -> bytes:
    if chance is None or not file.pending:
        return bytes(file.certain)
    held = bytearray(file.certain)
    for written in _left(file.pending, chance):
        parts = written.torn(chance) if chance.random() < 0.2 else (written,)
        for part in parts:
            part.onto(held)
    return bytes(held)
