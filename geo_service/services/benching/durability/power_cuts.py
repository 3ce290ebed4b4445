"""Power cuts: what a disk would hold, tried at every acknowledgement and at moments between."""

from __future__ import annotations

import random
import shutil
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from geo_service.errors import GeoServiceError
from geo_service.services.benching.durability.proving import Acknowledged

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from geo_service.services.benching.durability.disk import Disk
    from geo_service.services.benching.durability.tracing import Call, Replay

    Proving = Callable[[Path, Acknowledged | None, bool], Iterator[str]]
    """What is wrong with the store in a folder, after what was acknowledged (None before the store
    was made), and whether the next deed was under way."""

CERTAIN, POSSIBLE = "certain", "possible"


@dataclass(frozen=True, slots=True)
class Cut:
    """One power cut: how its disk was drawn, after which deed, what was wrong after it."""

    drawn: str
    number: int
    faults: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """A recorded run, good for one replay: `told` is what calls acknowledge, by their place.

    After the calls of `steps` what is certain is tried as well.
    """

    recorded: Sequence[Call]
    told: Mapping[int, Acknowledged]
    disk: Disk
    replay: Replay
    faults: Proving
    steps: frozenset[int] = frozenset()


@dataclass
class _Cutting:
    trial: Trial
    scratch: Path
    chance: random.Random
    told: Acknowledged | None = None
    between: dict[int, int] = field(default_factory=dict)

    def draw(self, count: int) -> None:
        marks = sorted(self.trial.told)
        for start, end in zip((-1, *marks), (*marks, len(self.trial.recorded)), strict=True):
            for _time in range(count if end - start > 1 else 0):
                at = self.chance.randrange(start + 1, end)
                self.between[at] = self.between.get(at, 0) + 1

    def cut(self, drawn: str) -> Cut:
        image = self.scratch / "image"
        shutil.rmtree(image, ignore_errors=True)
        if drawn == CERTAIN:
            self.trial.disk.certain(image)
        else:
            self.trial.disk.possible(image, self.chance)
        try:
            found = tuple(self.trial.faults(image, self.told, drawn == POSSIBLE))
        except GeoServiceError as error:
            found = (str(error),)
        return Cut(drawn, 0 if self.told is None else self.told.number, found)


def cuts(trial: Trial, scratch: Path, between: int, seed: int) -> Iterator[Cut]:
    """Cut the power as of each acknowledgement and step, with what is certain only, then so many
    times between acknowledgements, with any part of what is not certain.
    """
    cutting = _Cutting(trial, scratch, random.Random(seed))  # noqa: S311 - faults, no secrets
    cutting.draw(between)
    for at, call in enumerate(trial.recorded):
        trial.replay.do(call)
        if at in trial.told:
            cutting.told = trial.told[at]
        if at in trial.told or at in trial.steps:
            yield cutting.cut(CERTAIN)
        for _time in range(cutting.between.get(at, 0)):
            yield cutting.cut(POSSIBLE)
