"""Descriptions are read into legs; nothing of a text is lost; reading stays linear."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_service.domain.alignment import ClauseKind, NodeKind, North, Sense
from geo_service.language.alignment import parse, scan
from geo_service.language.alignment.numbers import length_at
from geo_service.language.alignment.pieces import squeeze
from geo_service.language.alignment.words import wind_of, winds

BENCHMARK = Path(__file__).parents[2] / "benchmarks" / "accuracy_descriptions.py"
STRUCTURES = {"E1", "E2", "E3", "E4", "E5", "E6", "E7"}


@pytest.fixture(scope="module")
def accuracy() -> ModuleType:
    spec = importlib.util.spec_from_file_location("accuracy_descriptions", BENCHMARK)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["accuracy_descriptions"] = module
    spec.loader.exec_module(module)
    return module


def test_the_corpus_is_read_as_written_down_beside_it(accuracy: ModuleType) -> None:
    entries = accuracy.corpus()
    score = accuracy.read_corpus(entries)
    assert len({entry.text for entry in entries}) >= 60
    assert {entry.structure for entry in entries} >= STRUCTURES
    assert score.right - score.unparsed >= 0.95 * score.total, "\n".join(score.wrong)
    assert score.ends_right >= 0.95 * score.ends


@pytest.mark.parametrize("number", ["", "2", "3", "4", "5", "6"])
def test_what_was_mended_after_a_first_reading_stays_so(accuracy: ModuleType, number: str) -> None:
    entries = accuracy.corpus(accuracy.CORPUS.with_name(f"holdout{number}.txt"))
    score = accuracy.read_corpus(entries)
    assert score.right >= 0.95 * score.total, "\n".join(score.wrong)
    assert score.ends_right >= 0.9 * score.ends


@pytest.mark.parametrize(
    ("words", "bearing", "north"),
    [
        ("北东30度", 30, North.TRUE),
        ("北偏西35度", 325, North.TRUE),
        ("南偏东12度30分", 167.5, North.TRUE),
        ("西偏北15度", 285, North.TRUE),
        ("南西60度", 240, North.TRUE),
        ("坐标方位角95.5度", 95.5, North.GRID),
        ("磁方位角352度", 352, North.MAGNETIC),
    ],
)
def test_bearings_in_figures_are_read_in_every_notation(
    words: str, bearing: float, north: North
) -> None:
    (segment,) = parse(f"从1号界桩起，{words}直线行230米至2号界桩。")
    (clause,) = segment.clauses
    assert (clause.bearing_deg, clause.north, clause.in_figures) == (bearing, north, True)
    assert (clause.along, clause.length_m, clause.to) == ("直线", 230.0, "2号界桩")


@pytest.mark.parametrize(
    ("words", "wind"),
    [
        ("由西向东", "东"),
        ("自东北而西南", "西南"),
        ("沿北偏西北方向", "北偏西北"),
        ("往北略偏东", "北偏东北"),
        ("朝着西北偏西", "西偏西北"),
    ],
)
def test_winds_are_read_in_every_wording(words: str, wind: str) -> None:
    (segment,) = parse(f"从1号界桩起，{words}行200米至2号界桩。")
    (clause,) = segment.clauses
    assert (clause.direction, clause.length_m) == (wind, 200.0)


@pytest.mark.parametrize(
    "title",
    [
        "1号界桩至2号界桩段：界线",
        "从1号界桩起至2号界桩止，",
        "1号界桩与2号界桩之间，界线",
        "从1号界桩至2号界桩，界线",
        "1号界桩——2号界桩（长0.46km）。界线",
        "甲乙线1号界桩至甲乙线2号界桩间界线",
    ],
)
def test_a_title_from_marker_to_marker_holds_for_the_sentence_after_it(title: str) -> None:
    (segment,) = parse(f"{title}沿石岭公路南侧路肩向东。")
    assert segment.start is not None
    assert segment.end is not None
    assert (segment.start.serial, segment.end.serial) == (1, 2)
    (clause,) = segment.clauses
    assert (clause.along, clause.part, clause.direction) == ("石岭公路", "南侧路肩", "东")


def test_a_clause_tells_all_it_says_and_where() -> None:
    text = (
        "从165号界桩起，大体向东偏东南，沿清水河左岸溯流而上，"
        "跨石岭公路，经625米高地，行约1.2公里至石桥。"
    )
    (segment,) = parse(text)
    (clause,) = segment.clauses
    assert segment.start is not None
    assert (segment.start.kind, segment.start.number) == (NodeKind.MARKER, "165")
    assert (clause.direction, clause.bearing_deg, clause.approximate) == ("东偏东南", 112.5, True)
    assert (clause.along, clause.feature_kind, clause.part) == ("清水河", "watercourse", "左岸")
    assert clause.sense is Sense.UPSTREAM
    assert (clause.cross, clause.via, clause.to) == (("石岭公路",), ("625米高地",), "石桥")
    assert (clause.length_m, clause.length_approximate) == (1200.0, True)
    assert text[slice(*clause.span)] == clause.quote
    assert clause.quote.startswith("大体向东偏东南")


def test_winds_cover_the_rose_and_aliases_mean_the_same() -> None:
    rose = {wind.word: wind.bearing_deg for wind in winds().values()}
    assert sorted(rose.values()) == [22.5 * number for number in range(16)]
    for alias, word in {
        "北东北": "北偏东北",
        "西西南": "西偏西南",
        "正北": "北",
        "偏东北": "东北",
    }.items():
        (segment,) = parse(f"从1号界桩起，向{alias}至2号界桩。")
        assert segment.clauses[0].direction == word


@pytest.mark.parametrize(
    ("bearing", "word"),
    [(348.76, "北"), (11.24, "北"), (11.26, "北偏东北"), (348.74, "北偏西北"), (127.8, "东南")],
)
def test_a_sector_reaches_eleven_degrees_and_a_quarter_to_each_side(
    bearing: float, word: str
) -> None:
    assert wind_of(bearing).word == word


@pytest.mark.parametrize(
    ("text", "metres"),
    [
        ("460米", 460), ("1.241千米", 1241), ("二点五公里", 2500), ("八百五十米", 850),
        ("一千二百米", 1200), ("1,250米", 1250), ("3km", 3000), ("三里", 1500),
        ("一万零五十米", 10050), ("两百米", 200),
    ],
)  # fmt: skip
def test_lengths_in_figures_and_in_words(text: str, metres: float) -> None:
    figure = length_at(text, 0, len(text))
    assert figure is not None
    assert figure.value == pytest.approx(metres)


def test_blanks_and_full_width_forms_change_nothing() -> None:
    plain = "从165号界桩起,向东,沿公路行300米至166号界桩。"
    spaced = "从 165 号界桩起，\n向 东，沿 公路 行300米\n至166号界桩。"
    wide = spaced.translate({ord("0") + digit: 0xFF10 + digit for digit in range(10)})
    (one,), (other,) = parse(plain), parse(wide)
    fields = ("direction", "along", "length_m", "to")
    assert [getattr(one.clauses[0], f) for f in fields] == [
        getattr(other.clauses[0], f) for f in fields
    ]
    assert wide[slice(*other.clauses[0].span)] == other.clauses[0].quote


def test_azimuths_keep_their_north() -> None:
    (line,) = parse("自1/2号辅助界桩，真方位角16°33\u203235″，距离980.9米，至2号界桩。")
    (stone,) = parse("5号界桩位于石岭村，坐标方位角227°10\u2032，210米处为鹰嘴山。")
    assert line.clauses[0].north is North.TRUE
    assert line.clauses[0].kind is ClauseKind.COURSE
    assert stone.clauses[-1].north is North.GRID
    assert stone.clauses[-1].kind is ClauseKind.REFERENCE


def test_what_is_not_understood_is_kept() -> None:
    text = "从1号界桩起，向东，此处双方各执一词，至2号界桩。"
    (segment,) = parse(text)
    kept = [clause for clause in segment.clauses if clause.kind is ClauseKind.UNPARSED]
    assert [clause.quote for clause in kept] == ["此处双方各执一词"]
    assert text[slice(*kept[0].span)] == kept[0].quote


WORDS = st.sampled_from(
    [
        *(
            "从",
            "至",
            "经",
            "沿",
            "跨",
            "向",
            "转",
            "大体",
            "约",
            "东",
            "西南",
            "南偏东南",
            "起",
            "止",
        ),
        *("1号界桩", "22号界桩", "石桥", "清水河", "中心线", "顺流而下", "300米", "1.2公里", "甲"),
        *(
            "625米高地",
            "，",
            "。",
            "；",
            "、",
            "（",
            "）",
            "该段界线长度为",
            "位于",
            "为",
            "真方位角",
        ),
        *("45°", "过驾村", "\n", "以直线", "三交点"),
    ]
)
TEXTS = st.one_of(st.text(max_size=80), st.lists(WORDS, max_size=40).map("".join))


@settings(max_examples=200, deadline=None)
@given(TEXTS)
def test_pieces_leave_out_no_character(text: str) -> None:
    squeezed = squeeze(text)
    here = 0
    for piece in scan.pieces(squeezed.text):
        assert piece.start == here
        assert piece.end > here
        here = piece.end
    assert here == len(squeezed.text)


@settings(max_examples=200, deadline=None)
@given(TEXTS)
def test_every_quote_stands_where_its_span_says(text: str) -> None:
    for segment in parse(text):
        for clause in segment.clauses:
            assert clause.quote
            assert text[slice(*clause.span)] == clause.quote


class _Counted(str):
    """A text that counts how often it is looked at."""

    looks = 0

    def __getitem__(self, key: object) -> str:
        _Counted.looks += 1
        return super().__getitem__(key)  # type: ignore[index]


@pytest.mark.parametrize(
    "unit",
    [
        "从",
        "至",
        "沿河",
        "经甲、",
        "（",
        "（）",
        "东",
        "一百",
        "1°",
        "转",
        "约1米",
        "向东，沿清水河至石桥，",
        "上",
        "下坡",
        "在",
        "在甲",
        "以",
        "与甲",
        "从甲通过",
        "以南约1公里、",
        "1号界桩至",
        "高程为1米的",
        "沿石岭村至",
        "“（",
        "甲",
    ],
)
def test_hostile_repetition_is_read_in_linear_steps(unit: str) -> None:
    steps = []
    for times in (200, 800):
        _Counted.looks = 0
        for _ in scan.pieces(_Counted(unit * times)):
            pass
        steps.append(_Counted.looks)
    assert steps[1] <= 5 * steps[0]
