"""Every demand on names and every check on boundaries is watched by something that is named."""

from __future__ import annotations

import json
import re

from typer.testing import CliRunner

from geo_service.cli.main import app
from geo_service.rules.engine import rules_of
from geo_service.services import rulebook


def test_every_demand_is_watched_by_rules_there_are() -> None:
    demands = rulebook.demands()
    on_names = [demand for demand in demands if "-" in demand.id]
    assert len(on_names) >= 30
    assert len(demands) - len(on_names) == 97
    for demand in demands:
        assert re.fullmatch(r"[RP](-[A-Z0-9]+)+|[TLPJHNMDAWXESCQ][0-9]{2}", demand.id)
        assert demand.rules or demand.elsewhere, demand.id
        assert demand.title.zh
        assert demand.title.en


def test_every_rule_on_boundaries_makes_one_of_the_checks() -> None:
    watching = {rule for demand in rulebook.demands() for rule in demand.rules}
    families = ("boundaries", "markers", "descriptions", "inspections")
    rules = {rule.id for family in families for rule in rules_of(family)}
    # The table of boundary points is held to its line although the catalogue does not ask for it.
    assert rules - watching == {"BD-PNT-01"}


def test_the_command_lists_them() -> None:
    runner = CliRunner(env={"GEO_SERVICE_LANG": "zh", "COLUMNS": "200"})
    shown = json.loads(runner.invoke(app, ["rules", "coverage", "--demands", "--json"]).stdout)
    assert {row["id"]: row["rules"] for row in shown}["R-BIG-WORD"] == ["NM-BIG-01"]
    table = runner.invoke(app, ["rules", "coverage", "--demands"])
    assert table.exit_code == 0
    assert "R-FACILITY" in table.stdout
