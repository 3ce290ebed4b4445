"""Every demand on names is watched by a rule, by something else that is named, or by a person."""

from __future__ import annotations

import json
import re

from typer.testing import CliRunner

from geo_service.cli.main import app
from geo_service.services import rulebook


def test_every_demand_is_watched_by_rules_there_are() -> None:
    demands = rulebook.demands()
    assert len(demands) >= 30
    for demand in demands:
        assert re.fullmatch(r"[RP](-[A-Z0-9]+)+", demand.id)
        assert demand.rules or demand.elsewhere, demand.id
        assert demand.title.zh
        assert demand.title.en


def test_the_command_lists_them() -> None:
    runner = CliRunner(env={"GEO_SERVICE_LANG": "zh", "COLUMNS": "200"})
    shown = json.loads(runner.invoke(app, ["rules", "coverage", "--demands", "--json"]).stdout)
    assert {row["id"]: row["rules"] for row in shown}["R-BIG-WORD"] == ["NM-BIG-01"]
    table = runner.invoke(app, ["rules", "coverage", "--demands"])
    assert table.exit_code == 0
    assert "R-FACILITY" in table.stdout
