"""Who asks and what he may do: roles, rights, and the asker of one request."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from geo_service.domain.provenance import Label


class Right(StrEnum):
    """What a person may do. Which role has which right is a table: `data/access/rights.csv`."""

    CONTENT_READ = "content.read"
    RULES_READ = "rules.read"
    NAME_CHECK = "name.check"
    NAME_KEEP = "name.keep"
    REGISTER_DRAFT = "register.draft"
    REGISTER_APPROVE = "register.approve"
    BOUNDARY_CHECK = "boundary.check"
    BOUNDARY_DRAFT = "boundary.draft"
    BOUNDARY_APPROVE = "boundary.approve"
    FINDING_DECIDE = "finding.decide"
    IMPORT_RUN = "import.run"
    EXPORT_RUN = "export.run"
    AUDIT_READ = "audit.read"
    ACCOUNTS_MANAGE = "accounts.manage"
    METRICS_READ = "metrics.read"
    OWN_ACCOUNT = "own.account"


class Role(StrEnum):
    """The work a person does in the bureau; one person may have several that go together."""

    VIEWER = "viewer"
    CLERK = "clerk"
    COMMITTEE = "committee"
    SURVEYOR = "surveyor"
    BOUNDARY_OFFICE = "boundary-office"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"


class Manner(StrEnum):
    """How the asker made himself known."""

    NONE = "none"
    DEMO = "demo"
    """Sign-in is off: whoever sits at this machine."""
    SESSION = "session"
    TOKEN = "token"  # noqa: S105 - a manner, no secret


@dataclass(frozen=True, slots=True)
class Asker:
    """Who makes a request: the name that goes into the log, the rights, and what may be seen.

    A token carries a part of its owner's rights. `audience` is the label up to which records
    exist for the asker.
    """

    name: str
    manner: Manner
    rights: frozenset[Right] = frozenset()
    roles: frozenset[Role] = frozenset()
    audience: Label = Label.PUBLIC

    def may(self, right: Right) -> bool:
        """Whether the asker has the right."""
        return right in self.rights

    @property
    def known(self) -> bool:
        """Whether the asker is somebody: signed in, by token, or the user of the demo."""
        return self.manner is not Manner.NONE


NOBODY = Asker("", Manner.NONE)
"""Somebody of whom nothing is known: no right, and of records only what is public."""
