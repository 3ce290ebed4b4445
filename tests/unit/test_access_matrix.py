"""The rights of the roles: duties that must lie apart do."""

from __future__ import annotations

import csv
import tomllib
from pathlib import Path

import pytest

from geo_service.domain.access import NOBODY, Right, Role
from geo_service.domain.provenance import Label
from geo_service.resources import data_dir
from geo_service.services.access.matrix import demo_asker, matrix

TABLES = sorted((data_dir() / "access").glob("*.csv"))
_OF_CONTENT = frozenset(Right) - {
    Right.OWN_ACCOUNT,
    Right.ACCOUNTS_MANAGE,
    Right.METRICS_READ,
    Right.AUDIT_READ,
    Right.RULES_READ,
}
_ACTS = _OF_CONTENT - {Right.CONTENT_READ}


@pytest.mark.parametrize("table", TABLES, ids=lambda path: path.stem)
def test_a_table_is_described_and_sorted(table: Path) -> None:
    about = tomllib.loads(table.with_suffix(".toml").read_text(encoding="utf-8"))
    with table.open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    assert list(about["columns"]) == header
    assert all(str(about[fact]).strip() for fact in ("title", "source", "licence", "version"))
    assert [row[0] for row in rows] == sorted(row[0] for row in rows)


def test_administrators_see_no_content_and_act_on_none() -> None:
    assert not matrix().of([Role.ADMINISTRATOR]) & (_OF_CONTENT | {Right.AUDIT_READ})
    assert matrix().holders(Right.ACCOUNTS_MANAGE) == (Role.ADMINISTRATOR,)


def test_auditors_read_and_change_nothing() -> None:
    assert not matrix().of([Role.AUDITOR]) & (_ACTS | {Right.ACCOUNTS_MANAGE})
    assert matrix().holders(Right.AUDIT_READ) == (Role.AUDITOR,)


def test_viewers_see_what_is_public_and_the_others_everything() -> None:
    assert matrix().audience([Role.VIEWER]) is Label.PUBLIC
    assert matrix().audience([Role.VIEWER, Role.CLERK]) is Label.INTERNAL
    assert matrix().audience([]) is Label.PUBLIC
    assert not matrix().of([Role.VIEWER]) & _ACTS


def test_rights_of_several_roles_are_joined() -> None:
    both = matrix().of([Role.CLERK, Role.SURVEYOR])
    assert {Right.NAME_CHECK, Right.BOUNDARY_CHECK} <= both


def test_nobody_may_nothing_and_the_demo_user_everything_but_accounts() -> None:
    demo = demo_asker(Label.INTERNAL)
    assert not any(NOBODY.may(right) for right in Right)
    assert not NOBODY.known
    assert set(Right) - demo.rights == {Right.ACCOUNTS_MANAGE, Right.OWN_ACCOUNT}
