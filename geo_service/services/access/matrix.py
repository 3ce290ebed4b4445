"""The rights of the roles, read from `data/access/`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from geo_service.domain.access import Asker, Manner, Right, Role
from geo_service.domain.provenance import Label
from geo_service.domain.text import Text
from geo_service.errors import ConfigError
from geo_service.lexicons import Cells, read_table
from geo_service.resources import data_dir

_DEMO = "demo"
DEMO_USER = "demo"
"""The name under which changes are recorded while sign-in is off."""


@dataclass(frozen=True, slots=True)
class RoleFacts:
    """A role as people are shown it, and up to which label it sees records.

    Nobody who has a role that stands `alone` has another beside it.
    """

    name: Text
    about: Text
    audience: Label
    alone: bool


@dataclass(frozen=True, slots=True)
class Matrix:
    """Which role has which right; `demo` are those of the user at an open demo."""

    rights: Mapping[Role, frozenset[Right]]
    demo: frozenset[Right]
    names: Mapping[Right, Text]
    roles: Mapping[Role, RoleFacts]

    def of(self, roles: Iterable[Role]) -> frozenset[Right]:
        """The rights of somebody with these roles."""
        return frozenset().union(*(self.rights[role] for role in roles))

    def holders(self, right: Right) -> tuple[Role, ...]:
        """The roles that have a right."""
        return tuple(role for role in Role if right in self.rights[role])

    def audience(self, roles: Iterable[Role]) -> Label:
        """What somebody with these roles may see: everything where one of them may."""
        seen = {self.roles[role].audience for role in roles}
        return Label.INTERNAL if Label.INTERNAL in seen else Label.PUBLIC


def _marked(row: Cells, column: str) -> bool:
    if row[column] not in ("", "yes"):
        raise ValueError(row[column])
    return row[column] == "yes"


def _role(row: Cells) -> tuple[Role, RoleFacts]:
    name, about = Text(row["zh"], row["en"]), Text(row["about_zh"], row["about_en"])
    return Role(row["role"]), RoleFacts(name, about, Label(row["audience"]), _marked(row, "alone"))


def _right(row: Cells) -> tuple[Right, Text, frozenset[str]]:
    columns = [*map(str, Role), _DEMO]
    holders = frozenset(column for column in columns if _marked(row, column))
    return Right(row["right"]), Text(row["zh"], row["en"]), holders


@cache
def matrix() -> Matrix:
    """The matrix of the tables. Raises ConfigError where a role or right is missing or unknown."""
    folder = data_dir() / "access"
    roles = dict(read_table(folder / "roles.csv", ("role",)).typed(_role))
    rows = read_table(folder / "rights.csv", ("right",)).typed(_right)
    missing = {*Role} - set(roles) | {*Right} - {right for right, _, _ in rows}
    if missing:
        detail = f"no row for {sorted(missing)}"
        raise ConfigError("lexicon_malformed", file="rights.csv", row=0, detail=detail)

    def held(column: str) -> frozenset[Right]:
        return frozenset(right for right, _, holders in rows if column in holders)

    return Matrix(
        {role: held(role) for role in Role},
        held(_DEMO),
        {right: name for right, name, _ in rows},
        roles,
    )


@cache
def demo_asker(audience: Label) -> Asker:
    """Whoever sits at this machine while sign-in is off."""
    return Asker(DEMO_USER, Manner.DEMO, matrix().demo, frozenset(), audience)
