"""The review of boundaries as services and command line give it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
import shapely
from shapely.affinity import translate
from shapely.geometry import Point
from typer.testing import CliRunner, Result

from geo_service import cities
from geo_service.cli.main import app
from geo_service.domain.change import Change, Operation
from geo_service.domain.finding import Severity
from geo_service.domain.identity import DivisionCode
from geo_service.domain.provenance import Force, Provenance
from geo_service.errors import ConfigError
from geo_service.rules.boundaries import BoundaryCase
from geo_service.rules.engine import rules_of
from geo_service.services.boundaries import (
    BoundaryReport,
    case_from_store,
    case_of,
    check_boundaries,
    digest_json,
    report_json,
)
from geo_service.services.boundary_files import merged
from geo_service.services.samples.exporting import export_synthetic
from geo_service.services.samples.synthetic import AS_OF, SyntheticLayer, synthetic_layer
from geo_service.store.opening import open_store

CITY = cities.city("990100")
LAYERS = frozenset({"units", "lines", "nodes", "junctions"})
"""What the invented city holds."""
ALL_RULES = sum(rule.needs <= LAYERS for rule in rules_of("boundaries"))
ALWAYS = {rule.id for rule in rules_of("boundaries") if not rule.needs}
FINDING_KEYS = [
    *("id", "rule_id", "rule_version", "severity", "category", "title", "message", "subject"),
    *("related", "evidence", "geometry", "citations", "question", "suggestion", "fingerprint"),
    "state",
]


@pytest.fixture(scope="module")
def layer() -> SyntheticLayer:
    return synthetic_layer()


@pytest.fixture(scope="module")
def sound() -> SyntheticLayer:
    return synthetic_layer(faults=False)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("files")
    export_synthetic(path)
    return path


@pytest.fixture(scope="module")
def register(tmp_path_factory: pytest.TempPathFactory, layer: SyntheticLayer) -> str:
    """A store that holds the synthetic layer with its faults."""
    url = f"gpkg:{tmp_path_factory.mktemp('store') / 'register.gpkg'}"
    store = open_store(url, create=True)
    records = [*layer.units, *layer.lines, *layer.nodes]
    with store.begin() as unit_of_work:
        unit_of_work.append(
            Change(operation=Operation.CREATE, record=record, actor="test", reason="test")
            for record in records
        )
    store.close()
    return url


@pytest.fixture(scope="module")
def report(layer: SyntheticLayer) -> BoundaryReport:
    return check_boundaries(case(layer), CITY, AS_OF)


def case(layer: SyntheticLayer) -> BoundaryCase:
    return BoundaryCase(layer.units, layer.lines, layer.nodes, CITY.plane_epsg)


def run(*arguments: object) -> Result:
    runner = CliRunner(env={"COLUMNS": "200", "GEO_SERVICE_CITY": "990100"})
    return runner.invoke(app, ["boundary", "check", *map(str, arguments)])


# --- the service ----------------------------------------------------------------------------


def test_all_rules_run_where_all_layers_are(layer, report):
    assert len(report.rules_run) == ALL_RULES
    assert not {layer for _, layer in report.rules_not_run} & LAYERS
    assert report.counts == {"units": 21, "lines": len(layer.lines), "nodes": len(layer.nodes)}


def test_a_rule_without_its_layer_is_told_and_not_passed_over(layer):
    lines_only = BoundaryCase((), layer.lines, (), CITY.plane_epsg)

    report = check_boundaries(lines_only, CITY, AS_OF)

    missing = dict(report.rules_not_run)
    assert missing["BD-TOP-02"] == "units"
    assert missing["BD-NET-01"] == "junctions"
    assert {"BD-COD-01", "BD-COD-02", "BD-NET-02"} <= set(report.rules_run)
    assert not set(report.rules_run) & set(missing)


def test_a_line_alone_hangs_free_and_its_report_is_still_json(sound):
    line = next(line for line in sound.lines if line.is_internal)
    unit = next(u for u in sound.units if u.code not in line.parties)
    lonely = BoundaryCase((unit,), (line,), (), CITY.plane_epsg)

    report = check_boundaries(lonely, CITY, AS_OF)

    dangles = [f for f in report.findings if f.rule_id == "BD-NET-01"]
    assert len(dangles) == 2
    assert {f.measure.measured for f in dangles} == {None}
    assert json.loads(json.dumps(report_json(report, "zh"), allow_nan=False))


@pytest.mark.parametrize("missing", [None, shapely.LineString()], ids=["none", "empty"])
def test_a_line_that_is_not_drawn_is_still_registered(sound, missing):
    lines = (replace(sound.lines[0], geometry=missing), *sound.lines[1:])

    assert check_boundaries(replace(case(sound), lines=lines), CITY, AS_OF).findings == ()


def test_a_unit_whose_ring_has_no_area_is_an_invalid_ring(sound):
    flat = shapely.from_wkt("POLYGON((119.5 38.2, 119.6 38.2, 119.5 38.2, 119.5 38.2))")
    units = (replace(sound.units[0], geometry=flat), *sound.units[1:])

    found = check_boundaries(replace(case(sound), units=units), CITY, AS_OF).findings

    assert ("BD-TOP-01", sound.units[0].id) in {(f.rule_id, f.subject.id) for f in found}


def test_a_city_outline_among_the_units_shows_what_its_units_leave_out(sound):
    own = [u for u in sound.units if u.code.is_within(CITY.code)]
    outline = replace(
        own[0],
        code=CITY.code,
        name="示例市",
        geometry=shapely.union_all([unit.geometry for unit in own]),
    )

    def found(units):
        return check_boundaries(BoundaryCase(tuple(units), (), (), CITY.plane_epsg), CITY, AS_OF)

    assert found([*own, outline]).findings == ()
    lacking = found([*own[1:], outline]).findings
    assert [f.rule_id for f in lacking] == ["BD-TOP-03"]


def test_an_empty_register_has_no_findings_and_says_what_it_lacked():
    report = check_boundaries(case_of((), CITY), CITY, AS_OF)

    assert report.findings == ()
    assert set(report.rules_run) == ALWAYS


def test_the_register_gives_the_same_findings_as_the_records(register, report):
    store = open_store(register)
    from_store = check_boundaries(case_from_store(store, CITY, AS_OF), CITY, AS_OF)
    store.close()

    assert report_json(from_store, "zh") == report_json(report, "zh")
    assert from_store.findings


def test_the_gravest_come_first_and_severities_follow_the_kind_of_fault(report):
    findings = report.findings

    weights = [finding.severity for finding in findings]
    assert weights == sorted(weights, reverse=True)
    assert {f.rule_id: f.severity for f in findings} == {
        "BD-COD-01": Severity.PROHIBITED,
        "BD-COD-02": Severity.ADVISED_AGAINST,
        "BD-COD-03": Severity.ADVISED_AGAINST,
        "BD-NET-01": Severity.ADVISED_AGAINST,
        "BD-NET-02": Severity.ADVISED_AGAINST,
        "BD-NET-03": Severity.PROHIBITED,
        "BD-NET-04": Severity.PROHIBITED,
        "BD-NET-05": Severity.ADVISED_AGAINST,
        "BD-NET-06": Severity.ADVISED_AGAINST,
        "BD-NET-07": Severity.INFO,
        "BD-NET-08": Severity.INFO,
        "BD-NET-09": Severity.INFO,
        "BD-NET-11": Severity.ADVISED_AGAINST,
        "BD-POL-01": Severity.ADVISED_AGAINST,
        "BD-POL-02": Severity.ADVISED_AGAINST,
        "BD-POL-03": Severity.ADVISED_AGAINST,
        "BD-TOP-01": Severity.ADVISED_AGAINST,
        "BD-TOP-02": Severity.ADVISED_AGAINST,
        "BD-TOP-03": Severity.ADVISED_AGAINST,
        "BD-TOP-04": Severity.INFO,
        "BD-TOP-05": Severity.INFO,
    }


def test_a_smaller_scale_widens_the_tolerance(sound):
    node = next(node for node in sound.nodes if len(node.units) == 3)
    off = Point(node.position.x, node.position.y + 3 / 111_000)
    nodes = tuple(replace(n, position=off) if n.id == node.id else n for n in sound.nodes)
    moved = BoundaryCase(sound.units, sound.lines, nodes, CITY.plane_epsg)

    strict = check_boundaries(moved, CITY, AS_OF).findings
    wide = check_boundaries(moved, CITY, AS_OF, scale=50_000).findings

    assert [f.rule_id for f in strict] == ["BD-NET-04"]
    assert strict[0].subject.id == node.id
    assert strict[0].measure.measured == pytest.approx(3, abs=0.05)
    assert wide == ()


def test_the_day_decides_which_codes_are_in_force(sound):
    before = check_boundaries(case(sound), CITY, date(1999, 6, 1)).findings

    assert {f.rule_id for f in before} == {"BD-COD-01"}
    assert check_boundaries(case(sound), CITY, AS_OF).findings == ()


def test_a_fault_keeps_its_fingerprint_when_it_grows(sound):
    unit = next(u for u in sound.units if u.code == "990121")
    marks = []
    for metres in (200, 300):
        shifted = translate(unit.geometry, metres / 87_000)
        units = tuple(replace(u, geometry=shifted) if u is unit else u for u in sound.units)
        found = check_boundaries(replace(case(sound), units=units), CITY, AS_OF).findings
        marks.append({f.fingerprint for f in found if f.rule_id == "BD-TOP-02"})

    assert marks[0] == marks[1] != set()


def test_a_duplicate_of_a_whole_unit_is_an_overlap_with_each_it_covers(sound):
    unit = sound.units[0]
    twin = replace(unit, code=DivisionCode("990131"), name="孪生县")
    units = tuple(u for u in sound.units if u.code != twin.code)
    spoilt = BoundaryCase((*units, twin), (), (), CITY.plane_epsg)

    found = check_boundaries(spoilt, CITY, AS_OF).findings

    pairs = {(f.subject.id, f.related[0].id) for f in found if f.rule_id == "BD-TOP-02"}
    assert (unit.id, twin.id) in pairs


def test_progress_is_told_rule_by_rule(layer):
    told = []

    check_boundaries(case(layer), CITY, AS_OF, progress=lambda *step: told.append(step))

    assert [number for number, _, _ in told] == list(range(ALL_RULES))
    assert {total for _, total, _ in told} == {ALL_RULES}


def test_a_profile_without_a_limit_is_refused_by_name(layer):
    poor = replace(CITY, thresholds={})

    with pytest.raises(ConfigError) as caught:
        check_boundaries(case(layer), poor, AS_OF)

    assert caught.value.code == "threshold_missing"
    assert caught.value.context["city"] == "990100"


def test_the_report_as_json_has_its_keys_in_both_languages(report):
    for lang in ("zh", "en"):
        told = json.loads(json.dumps(report_json(report, lang)))
        assert set(told) == {
            "city", "as_of", "scale", "counts", "severities", "states", "decisions", "findings",
            "rules_run", "rules_not_run", "digest", "notice",
        }  # fmt: skip
        assert all(list(finding) == FINDING_KEYS for finding in told["findings"])
        assert sum(told["severities"].values()) == len(told["findings"])
    assert digest_json(report.digest)["data"] != digest_json(report.digest)["rules"]


@pytest.mark.parametrize(
    ("force", "said"),
    [
        (Force.OFFICIAL, ""),
        (Force.EVALUATION, "无法律效力；其间的出入是绘图差异，不是争议"),
        (Force.SYNTHETIC, "数据含示例"),
    ],
)
def test_what_the_data_are_not_good_for_stands_beside_the_answer(sound, force, said):
    units = tuple(replace(u, provenance=Provenance("来源", force=force)) for u in sound.units)

    report = check_boundaries(BoundaryCase(units, (), (), CITY.plane_epsg), CITY, AS_OF)

    told = report_json(report, "zh")["notice"]
    assert told.startswith("辅助审查意见，不替代行政决定")
    assert said in told
    assert bool(said) == (told.partition("不得公开。")[2] != "")


def test_every_finding_has_a_place_a_measure_or_a_code_and_two_languages(report):
    for finding in report.findings:
        assert finding.geometry is not None
        assert not finding.geometry.is_empty
        assert finding.message.zh != finding.message.en
        if finding.rule_id.startswith(("BD-TOP-02", "BD-TOP-03", "BD-TOP-04", "BD-NET")):
            assert finding.measure.measured is not None
            assert finding.measure.limit is not None
            assert finding.measure.limit_source


def test_records_of_a_file_take_the_place_of_the_register(layer, sound):
    files = [sound.units[0], sound.lines[0]]

    records = merged(files, [*layer.units, *layer.lines])

    assert len(records) == len({(type(r), r.id) for r in records})
    assert sound.units[0] in records
    assert sound.lines[0] in records


# --- the command ----------------------------------------------------------------------------


def test_the_command_finds_in_files_what_the_service_finds_in_records(folder, report):
    kinds = ("units", "boundary-lines", "boundary-nodes")
    result = run(*(folder / f"{kind}.geojson" for kind in kinds), "--as-of", AS_OF, "--json")

    told = json.loads(result.stdout)
    assert result.exit_code == 1
    assert told["status"] == "checked"
    assert not {row["missing"] for row in told["rules_not_run"]} & LAYERS
    assert {f["fingerprint"] for f in told["findings"]} == {f.fingerprint for f in report.findings}


def test_an_invalid_ring_in_a_file_is_a_finding_and_no_refusal(folder):
    result = run(folder / "units.geojson", "--as-of", AS_OF, "--json")

    told = json.loads(result.stdout)
    assert "geometry_invalid" in {issue["code"] for issue in told["issues"]}
    assert "BD-TOP-01" in {finding["rule_id"] for finding in told["findings"]}


def test_without_files_the_register_is_checked_and_findings_are_written(register, tmp_path):
    out = tmp_path / "findings.geojson"
    result = run("--store", register, "--as-of", AS_OF, "--out", out)

    assert result.exit_code == 1
    assert "BD-NET-04" in result.stdout
    assert "不替代行政决定" in result.stdout
    written = json.loads(out.read_text(encoding="utf-8"))["features"]
    assert {f["properties"]["rule_id"] for f in written} >= {"BD-TOP-02", "BD-NET-04"}
    notices = {f["properties"]["notice"] for f in written}
    assert len(notices) == 1
    for words in ("辅助审查意见，不替代行政决定", "内部工作用图，未经审核，不得公开", "数据含示例"):
        assert words in notices.copy().pop()


def test_fail_on_decides_the_exit(register, folder):
    units = folder / "units.geojson"

    assert run(units, "--as-of", AS_OF, "--fail-on", "info").exit_code == 1
    assert run("--store", register, "--as-of", AS_OF, "--fail-on", "prohibited").exit_code == 1


def test_a_file_is_judged_together_with_the_register(register, tmp_path, sound):
    unit = next(u for u in sound.units if u.code == "990121")
    moved = translate(unit.geometry, 0.01)
    feature = {
        "type": "Feature",
        "properties": {"code": unit.code, "name": unit.name},
        "geometry": json.loads(shapely.to_geojson(moved)),
    }
    path = tmp_path / "one.geojson"
    path.write_text(
        json.dumps({"type": "FeatureCollection", "features": [feature]}), encoding="utf-8"
    )

    alone = json.loads(run(path, "--as-of", AS_OF, "--json").stdout)
    together = json.loads(
        run(path, "--against-store", "--store", register, "--as-of", AS_OF, "--json").stdout
    )

    assert alone["findings"] == []
    assert alone["counts"]["units"] == 1
    overlaps = [f for f in together["findings"] if f["rule_id"] == "BD-TOP-02"]
    assert any(
        unit.code in {f["subject"]["id"], *(r["id"] for r in f["related"])} for f in overlaps
    )
    assert together["counts"]["units"] == 21


def test_a_file_that_cannot_be_used_is_refused_with_reasons(tmp_path):
    missing = run(tmp_path / "nothing.geojson", "--json")
    broken = tmp_path / "broken.geojson"
    broken.write_text("{not json", encoding="utf-8")

    assert missing.exit_code == 3
    assert json.loads(missing.stdout)["status"] == "rejected"
    refused = run(broken)
    assert refused.exit_code == 3
    assert "broken.geojson" in refused.stderr


@pytest.mark.parametrize("json_", [[], ["--json"]])
def test_a_day_without_records_is_told_and_is_no_clean_bill(register, tmp_path, json_):
    out = tmp_path / "out.csv"
    result = run("--store", register, "--as-of", "1999-12-31", "--out", out, *json_)

    assert result.exit_code == 3
    told = result.stdout if json_ else result.stderr
    assert "1999-12-31 当日没有有效的单位、界线或节点" in told
    assert "未发现问题" not in result.stdout
    assert not out.exists()
    if json_:
        assert json.loads(result.stdout)["code"] == "nothing_to_check"


def test_english_is_english(register):
    result = run("--store", register, "--as-of", AS_OF, "--lang", "en")

    assert "no administrative decision" in result.stdout
    assert "overlap by" in result.stdout


def test_a_store_that_is_not_there_is_told(tmp_path):
    result = run("--store", f"gpkg:{tmp_path / 'none.gpkg'}")

    assert result.exit_code == 4
