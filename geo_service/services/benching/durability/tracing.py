"""System calls as `strace` records them, replayed onto a `Disk`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from geo_service.services.benching.durability.disk import Disk, File, Folder, Written

if TYPE_CHECKING:
    from collections.abc import Iterator

_CALLS = (
    "openat,write,writev,pwrite64,pwritev,fsync,fdatasync,ftruncate,fallocate,lseek,"
    "rename,renameat,renameat2,unlink,unlinkat,link,linkat,mkdir,mkdirat,rmdir,sendto,sendfile"
)
_LINE = re.compile(r"(\d+) +(?:<\.\.\. (\w+) resumed>|(\w+)\()(.*)")
_RESULT = re.compile(r" = (-?\d+)(?:<[^<>]*>(?:\(deleted\))?)?(?: [A-Z][^=]*)?$")
_TEXT = re.compile(r'(?:(?:AT_FDCWD|\d+)<([^<>]*)>, )?"([^"]*)"')
_FD = re.compile(r"(\d+)<([^<>]*)>")
_NUMBER = re.compile(r", (\d+)")
_COPIED = re.compile(r"\d+<[^<>]*>, \d+<([^<>]*)>, \[(\d+)\]")
_UNFINISHED = " <unfinished ...>"
_TAIL = 4096
"""Where the result is looked for: a line may hold megabytes of what was written."""


def strace(trace: Path) -> list[str]:
    """The words that let a program be recorded in a file, with all that it starts."""
    options = ("-f", "-qq", "-v", "-y", "-xx", "-s", str(1 << 26), "--seccomp-bpf")
    return ["strace", *options, "-e", f"trace={_CALLS}", "-e", "signal=none", "-o", str(trace)]


@dataclass(frozen=True, slots=True)
class Call:
    """One system call that went well, or the moment when it began (`begun`).

    `number` and `path` are those of the open file that it concerns, `texts` the strings that it
    was given, each with the folder that it is relative to, `rest` what stands after the last.
    """

    thread: int
    name: str
    number: int
    path: str
    texts: tuple[tuple[str, bytes], ...]
    rest: str
    result: int
    begun: bool = False

    @property
    def data(self) -> bytes:
        """What was written."""
        return b"".join(text for _base, text in self.texts)[: self.result]

    @property
    def numbers(self) -> list[int]:
        """The numbers after its strings."""
        return [int(number) for number in _NUMBER.findall(self.rest)]


def _decoded(text: str) -> bytes:
    return bytes.fromhex(text.replace("\\x", ""))


def calls(trace: Path) -> Iterator[Call]:
    """The calls of a recording in their order; one that took its time as begun and as ended."""
    begun = dict[int, str]()
    with trace.open(encoding="ascii") as lines:
        for line in lines:
            found = _LINE.match(line)
            if found is None:
                continue
            thread, name, said = int(found[1]), found[2] or found[3], found[4]
            if said.endswith(_UNFINISHED):
                begun[thread] = said.removesuffix(_UNFINISHED)
                yield _call(thread, name, begun[thread], None)
                continue
            if found[2]:
                said = begun.pop(thread, "") + said
            ended = _RESULT.search(said[-_TAIL:])
            if ended is not None and int(ended[1]) >= 0:
                yield _call(thread, name, said, int(ended[1]))


def _call(thread: int, name: str, said: str, result: int | None) -> Call:
    file = _FD.match(said)
    texts = _TEXT.findall(said)
    return Call(
        thread,
        name,
        -1 if file is None else int(file[1]),
        "" if file is None else _decoded(file[2]).decode(),
        tuple((_decoded(base).decode(), _decoded(text)) for base, text in texts),
        said[said.rfind('"') + 1 :],
        result or 0,
        begun=result is None,
    )


class Replay:
    """Calls done to the disk that holds a folder; those of other places are passed over."""

    def __init__(self, disk: Disk, folder: Path) -> None:
        self._disk, self._folder = disk, f"{folder}/"
        self._offsets = dict[tuple[int, int], int | None]()
        self._marks = dict[int, int]()

    def do(self, call: Call) -> None:
        """Replay one call."""
        act = _ACTS.get(call.name)
        if act is not None and (not call.begun or act is Replay._sync):
            act(self, call)

    def _inside(self, path: str) -> str | None:
        """A path as the disk has it, None for one elsewhere."""
        if f"{path}/" == self._folder:
            return ""
        return path.removeprefix(self._folder) if path.startswith(self._folder) else None

    def _paths(self, call: Call) -> list[str | None]:
        """What it was given as paths; a server works in the folder itself."""
        found = []
        for base, text in call.texts:
            path = text.decode().removeprefix("./")
            full = path if path.startswith("/") else f"{base or self._folder[:-1]}/{path}"
            found.append(self._inside(full))
        return found

    def _file(self, call: Call) -> File | None:
        path = self._inside(call.path)
        node = None if path is None else self._disk.at(path)
        return node if isinstance(node, File) else None

    def _open(self, call: Call) -> None:
        for path in self._paths(call):
            node = None if path is None else self._disk.at(path)
            if path is not None and node is None and "O_CREAT" in call.rest:
                node = self._disk.give(path, File())
            if isinstance(node, File):
                if "O_TRUNC" in call.rest and node.size:
                    node.do(Written(size=0))
                self._offsets[call.thread, call.result] = None if "O_APPEND" in call.rest else 0

    def _write(self, call: Call) -> None:
        file, at = self._file(call), (call.thread, call.number)
        if file is None:
            return
        offset = self._offsets.get(at)
        file.do(Written(file.size if offset is None else offset, call.data))
        if offset is not None:
            self._offsets[at] = offset + call.result

    def _copy(self, call: Call) -> None:
        """Bytes of another file, which is read again here: it has to be as it was."""
        file, at, said = self._file(call), (call.thread, call.number), _COPIED.match(call.rest)
        offset = self._offsets.get(at)
        if file is None or said is None or offset is None:
            return
        with Path(_decoded(said[1]).decode()).open("rb") as source:
            source.seek(int(said[2]))
            file.do(Written(offset, source.read(call.result)))
        self._offsets[at] = offset + call.result

    def _write_at(self, call: Call) -> None:
        file = self._file(call)
        if file is not None:
            file.do(Written(call.numbers[-1], call.data))

    def _seek(self, call: Call) -> None:
        at = (call.thread, call.number)
        if self._offsets.get(at) is not None:
            self._offsets[at] = call.result

    def _resize(self, call: Call) -> None:
        file = self._file(call)
        if file is None:
            return
        cut = call.name == "ftruncate"
        size = call.numbers[-1] if cut else sum(call.numbers[-2:])
        if cut or size > file.size:
            file.do(Written(size=size))

    def _sync(self, call: Call) -> None:
        """What had been done when the call began is certain when it has ended."""
        path = self._inside(call.path)
        node = None if path is None else self._disk.at(path)
        if node is None:
            return
        if call.begun:
            self._marks[call.thread] = len(node.pending)
        else:
            node.settle(self._marks.pop(call.thread, len(node.pending)))

    def _rename(self, call: Call) -> None:
        old, new = self._paths(call)
        if old is not None and new is not None and self._disk.at(old) is not None:
            self._disk.rename(old, new)

    def _link(self, call: Call) -> None:
        old, new = self._paths(call)
        node = None if old is None else self._disk.at(old)
        if node is not None and new is not None:
            self._disk.give(new, node)

    def _remove(self, call: Call) -> None:
        for path in self._paths(call):
            if path is not None and self._disk.at(path) is not None:
                self._disk.take(path)

    def _make(self, call: Call) -> None:
        for path in self._paths(call):
            if path is not None:
                self._disk.give(path, Folder())


_ACTS = {
    "openat": Replay._open,
    "write": Replay._write,
    "writev": Replay._write,
    "sendfile": Replay._copy,
    "pwrite64": Replay._write_at,
    "pwritev": Replay._write_at,
    "lseek": Replay._seek,
    "ftruncate": Replay._resize,
    "fallocate": Replay._resize,
    "fsync": Replay._sync,
    "fdatasync": Replay._sync,
    "rename": Replay._rename,
    "renameat": Replay._rename,
    "renameat2": Replay._rename,
    "link": Replay._link,
    "linkat": Replay._link,
    "unlink": Replay._remove,
    "unlinkat": Replay._remove,
    "rmdir": Replay._remove,
    "mkdir": Replay._make,
    "mkdirat": Replay._make,
}
