"""Name signs as text: the standard name in Hanzi, its spelling in Hanyu Pinyin, nothing English."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner, Result

from geo_service.cli.main import app
from geo_service.domain.change import Change, Operation
from geo_service.domain.finding import Outcome, Severity
from geo_service.domain.identity import DivisionCode
from geo_service.domain.place import FeatureType, NamedPlace, NameStatus, ReadingSource
from geo_service.domain.provenance import Provenance
from geo_service.errors import InputError
from geo_service.language.romanisation import romanise
from geo_service.lexicons import lexicon
from geo_service.services.name_signs import check_sign, sign_json
from geo_service.statutes import citation
from geo_service.store.opening import open_store
from geo_service.store.protocol import Store

DAY = date(2024, 6, 1)
ROAD, VILLAGE = FeatureType.ROAD, FeatureType.VILLAGE


def place(
    record: str,
    name: str,
    status: NameStatus,
    spelling: str = "",
    kind: FeatureType = ROAD,
) -> NamedPlace:
    return NamedPlace(
        id=record,
        name=name,
        feature_type=kind,
        provenance=Provenance("示例"),
        status=status,
        unit_code=DivisionCode("370202"),
        romanization=spelling,
        reading_source=ReadingSource.STORED if spelling else ReadingSource.GUESSED,
    )


@pytest.fixture(scope="module")
def store_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    url = f"gpkg:{tmp_path_factory.mktemp('signs') / 'register.gpkg'}"
    store = open_store(url, create=True, clock=lambda: datetime(2024, 1, 1, tzinfo=UTC))
    records = (
        place("S1", "云霄路", NameStatus.STANDARD),
        place("S2", "乐岭路", NameStatus.STANDARD, "Yuèlǐng Lù"),
        place("S3", "旧霄路", NameStatus.FORMER),
        place(
            "S4",
            "常家村村民委员会",
            NameStatus.STANDARD,
            "Chángjiācūn Cūnmín Wěiyuánhuì",
            FeatureType.VILLAGE,
        ),
    )
    with store.begin() as unit:
        unit.append(
            Change(operation=Operation.CREATE, record=record, actor="test", reason="set up")
            for record in records
        )
    store.close()
    return url


@pytest.fixture
def register(store_url: str) -> Iterator[Store]:
    store = open_store(store_url)
    yield store
    store.close()


def faults(hanzi: str, pinyin: str, store: Store | None, on: date = DAY) -> dict[str, Severity]:
    report = check_sign(hanzi, pinyin, None, on, store)
    return {fault.code: fault.severity for fault in report.faults}


@pytest.mark.parametrize("pinyin", ["Yúnxiāo Lù", "Yunxiao Lu", "YUNXIAO LU", " Yunxiao  Lu "])
def test_a_sign_with_the_standard_name_and_its_spelling_is_sound(
    register: Store, pinyin: str
) -> None:
    assert faults("云霄路", pinyin, register) == {}


@pytest.mark.parametrize(
    ("pinyin", "code", "severity"),
    [
        ("Yunxiao Road", "english_generic", Severity.PROHIBITED),
        ("YUNXIAO RD.", "english_generic", Severity.PROHIBITED),
        ("Yunshao Lu", "letters_differ", Severity.ADVISED_AGAINST),
        ("Yún Xiāo Lù", "form_differs", Severity.HUMAN),
        ("Yunxiaolu", "form_differs", Severity.HUMAN),
        ("yunxiao lu", "form_differs", Severity.HUMAN),
        ("", "pinyin_missing", Severity.ADVISED_AGAINST),
    ],
)
def test_each_fault_of_a_spelling_is_told_with_its_law(
    register: Store, pinyin: str, code: str, severity: Severity
) -> None:
    assert faults("云霄路", pinyin, register) == {code: severity}
    report = check_sign("云霄路", pinyin, None, DAY, register)
    assert report.faults[0].citations
    for lang in ("zh", "en"):
        assert sign_json(report, lang)["faults"][0]["message"]  # type: ignore[arg-type]


def test_an_approved_reading_prevails_over_the_usual_one(register: Store) -> None:
    assert faults("乐岭路", "Yueling Lu", register) == {}
    assert "letters_differ" in faults("乐岭路", "Leling Lu", register)


def test_another_reading_of_the_characters_is_for_a_person() -> None:
    usual = romanise("重澜路", ROAD)
    other = next(iter(usual.alternatives))
    assert faults("重澜路", other, None)["other_reading"] is Severity.HUMAN


def test_a_former_name_does_not_belong_on_a_sign_and_an_unknown_one_is_doubtful(
    register: Store,
) -> None:
    assert faults("旧霄路", "Jiuxiao Lu", register) == {
        "not_the_standard_form": Severity.PROHIBITED
    }
    assert faults("无名路", "Wuming Lu", register) == {"not_standard": Severity.ADVISED_AGAINST}
    assert faults("无名路", "Wuming Lu", None) == {"register_not_asked": Severity.INFO}


def test_the_village_is_found_though_its_committee_is_registered(register: Store) -> None:
    report = check_sign("常家村", "Changjiacun", FeatureType.VILLAGE, DAY, register)
    assert report.outcome is Outcome.PASS
    assert (report.approved, report.expected) == (False, romanise("常家村", VILLAGE).text)
    assert "not_standard" in faults("长家村", "Changjiacun", register)


def test_pinyin_that_reads_like_english_is_no_english() -> None:
    assert "english_generic" not in faults("兰恩路", "Lan'en Lu", None)
    spelling = romanise("帕克路", ROAD).text
    assert "english_generic" not in faults("帕克路", spelling, None)


@given(st.text(max_size=40))
def test_any_spelling_gets_an_answer(pinyin: str) -> None:
    report = check_sign("云霄路", pinyin, None, DAY, None)
    assert report.outcome in Outcome


def test_the_law_of_the_day_is_cited() -> None:
    report = check_sign("云霄路", "Yunxiao Road", None, date(2020, 1, 1), None)
    cited = {citation.instrument_id for fault in report.faults for citation in fault.citations}
    assert "L86" in cited
    assert "L22" not in cited


@pytest.mark.parametrize(("hanzi", "code"), [("", "name_empty"), ("云栖", "feature_type_unknown")])
def test_what_is_no_name_is_refused(hanzi: str, code: str) -> None:
    with pytest.raises(InputError) as refusal:
        check_sign(hanzi, "Yunxiao", None, DAY, None)
    assert refusal.value.code == code


# --- the command ---------------------------------------------------------------------------------


def run(*arguments: str) -> Result:
    runner = CliRunner(env={"GEO_SERVICE_LANG": "zh", "GEO_SERVICE_STORE": None})
    return runner.invoke(app, ["name", "sign", *arguments])


def test_the_command_answers_one_sign(store_url: str) -> None:
    wrong = run("云霄路", "Yunxiao Road", "--store", store_url, "--json")
    assert wrong.exit_code == 1
    assert json.loads(wrong.stdout)["verdict"] == "fail"
    right = run("云霄路", "Yunxiao Lu", "--store", store_url)
    assert right.exit_code == 0
    assert "不替代行政决定" in right.stdout


def test_a_sheet_of_signs_comes_back_with_the_answers(store_url: str, tmp_path: Path) -> None:
    source, target = tmp_path / "signs.csv", tmp_path / "out.csv"
    source.write_text(
        "号,hanzi,pinyin\n1,云霄路,YUNXIAO LU\n2,云霄路,Yunxiao Road\n3,旧霄路,\n", encoding="utf-8"
    )
    result = run("--file", str(source), str(target), "--store", store_url, "--json")
    assert json.loads(result.stdout) == {
        "file": str(target),
        "signs": 3,
        "flagged": 2,
        "notices": [],
    }
    with target.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["verdict"] for row in rows] == ["pass", "fail", "fail"]
    assert [row["号"] for row in rows] == ["1", "2", "3"]
    assert "Road" in rows[1]["faults"]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("hanzi,spelling\n云霄路,x\n", "sheet_column_missing"),
        ("hanzi,pinyin\n云栖,Yunqi\n", "sheet_refused"),
        ("hanzi,pinyin,type\n云霄路,x,spaceship\n", "sheet_refused"),
    ],
)
def test_a_sheet_that_cannot_be_used_writes_nothing(
    tmp_path: Path, content: str, code: str
) -> None:
    source, target = tmp_path / "signs.csv", tmp_path / "out.csv"
    source.write_text(content, encoding="utf-8")
    result = run("--file", str(source), str(target), "--no-register", "--json")
    assert result.exit_code == 3
    assert json.loads(result.stdout)["code"] == code
    assert not target.exists()


def test_half_a_question_is_usage() -> None:
    assert run("云霄路").exit_code == 2
    assert run("--no-register").exit_code == 2


# --- the table ------------------------------------------------------------------------------------


def test_no_fault_of_a_sign_weighs_more_than_a_question_on_a_text_nobody_read() -> None:
    for row in lexicon("sign_faults", "fault", "instrument", "article").rows:
        article = citation(row["instrument"], row["article"])
        if article.caveat is not None:
            assert Severity.from_word(row["severity"]) <= Severity.HUMAN, row


def test_what_no_article_of_the_day_speaks_of_is_only_noted(register: Store) -> None:
    before = date(1985, 1, 1)
    report = check_sign("旧霄路", "Jiuxiao Lu", None, before, register)
    told = {fault.code: (fault.severity, fault.citations) for fault in report.faults}
    assert told["not_the_standard_form"] == (Severity.INFO, ())


def test_a_guessed_encoding_of_a_sheet_is_said_aloud(tmp_path: Path) -> None:
    source, target = tmp_path / "signs.csv", tmp_path / "out.csv"
    source.write_bytes("hanzi,pinyin\n云霄路,Yunxiao Lu\n".encode("gb18030"))
    result = run("--file", str(source), str(target), "--no-register", "--json")
    assert json.loads(result.stdout)["notices"]
