"""A log entry gives back the record it wrote, whatever has become of it since."""

from __future__ import annotations

from dataclasses import replace

import pytest

from geo_service.domain.change import Operation
from geo_service.errors import NotFound


def test_every_entry_gives_back_the_record_it_wrote(store, write, build):
    unit, line, place = build.unit(), build.line(), build.place(geometry=None)
    write(unit, line, place)
    renamed = replace(unit, name="新甲区")
    write(build.change(renamed, Operation.CORRECT, expected_version=1))

    assert [store.recorded(number) for number in (1, 2, 3, 4)] == [unit, line, place, renamed]


@pytest.mark.parametrize("sequence", [0, 2, -1])
def test_an_entry_that_is_not_there_is_told(store, write, build, sequence):
    write(build.unit())

    with pytest.raises(NotFound, match="entry_not_found"):
        store.recorded(sequence)
