"""Tables are read strictly: the person who edits one is told file, row and fault."""

from pathlib import Path

import pytest

from geo_service.errors import ConfigError
from geo_service.lexicons import read_table


def table(folder: Path, text: str) -> Path:
    path = folder / "words.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_rows_come_with_a_digest_that_follows_the_content(tmp_path: Path) -> None:
    first = read_table(table(tmp_path, "word,note\n中央,\n"), ("word",))
    second = read_table(table(tmp_path, "word,note\n世界,\n"), ("word",))
    assert first.rows == ({"word": "中央", "note": ""},)
    assert first.digest != second.digest


@pytest.mark.parametrize(
    ("text", "row"),
    [
        ("name,note\n中央,\n", 1),
        ("word,note\n中央,\n,x\n", 3),
        ("word,note\n中央,\n世界,\n中央,\n", 4),
        ("word,note\n中央\n", 2),
        ("word,note\n中央,a,b\n", 2),
    ],
    ids=["missing column", "blank key", "repeated key", "short row", "long row"],
)
def test_a_slip_is_named_by_its_row(tmp_path: Path, text: str, row: int) -> None:
    with pytest.raises(ConfigError) as refusal:
        read_table(table(tmp_path, text), ("word",))
    assert refusal.value.context["row"] == row
    assert refusal.value.context["file"] == "words.csv"


def test_a_wrong_cell_is_named_by_its_row(tmp_path: Path) -> None:
    rows = read_table(table(tmp_path, "word,level\n中,1\n央,x\n"), ("word",))
    with pytest.raises(ConfigError) as refusal:
        rows.typed(lambda cells: int(cells["level"]))
    assert refusal.value.context["row"] == 3
