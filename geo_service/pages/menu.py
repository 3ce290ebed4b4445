"""The main columns of the desk and what stands below each: the one list that every page draws."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from geo_service.domain.access import Right
from geo_service.domain.provenance import Label

if TYPE_CHECKING:
    from geo_service.domain.access import Asker


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry: where it leads, the word of the catalogue, what it takes, the entries below it.

    Without a right it is for everybody who is known.
    """

    path: str
    key: str
    right: Right | None = None
    below: tuple[Entry, ...] = ()
    also: tuple[str, ...] = ()
    """Addresses that belong here though they lie elsewhere."""
    inside: bool = False
    """Only for those who see internal records: the log, boundary lines and maps with them."""

    def holds(self, path: str) -> bool:
        """Whether a page belongs here: the entry's own, one below its address, or one of `also`."""
        return path in (self.path, *self.also) or any(
            root != "/" and path.startswith(f"{root}/") for root in (self.path, *self.also)
        )


MENU = (
    Entry("/", "nav_overview"),
    Entry(
        "/names",
        "nav_names",
        Right.NAME_CHECK,
        (
            Entry("/names", "nav_name", Right.NAME_CHECK),
            Entry("/names/batch", "nav_batch", Right.NAME_CHECK),
            Entry("/names/kept", "nav_kept", Right.NAME_CHECK),
        ),
    ),
    Entry(
        "/boundaries",
        "nav_boundaries",
        Right.CONTENT_READ,
        (
            Entry("/boundaries", "nav_findings", Right.CONTENT_READ, also=("/findings",)),
            Entry("/boundaries/lines", "nav_lines", Right.CONTENT_READ, inside=True),
            Entry("/boundaries/compare", "nav_copies", Right.BOUNDARY_CHECK),
        ),
        ("/findings",),
    ),
    Entry(
        "/register",
        "nav_register",
        Right.CONTENT_READ,
        (
            Entry("/register", "nav_register_list", Right.CONTENT_READ, also=("/names/search",)),
            Entry("/register/changes", "nav_changes", Right.CONTENT_READ, inside=True),
            Entry("/maps/layers", "nav_layers", Right.CONTENT_READ, inside=True),
            Entry("/drafts", "nav_drafts", Right.CONTENT_READ),
        ),
        ("/maps", "/drafts", "/names/search"),
    ),
    Entry("/imports", "nav_imports", Right.IMPORT_RUN),
    Entry(
        "/rules",
        "nav_rules",
        Right.RULES_READ,
        (
            Entry("/rules", "nav_rule_list", Right.RULES_READ),
            Entry("/rules/coverage", "nav_coverage", Right.RULES_READ),
        ),
    ),
    Entry("/accounts", "nav_accounts", Right.ACCOUNTS_MANAGE),
    Entry("/sign-ins", "nav_sign_ins", Right.AUDIT_READ),
    Entry("/account", "nav_account", Right.OWN_ACCOUNT),
)


def here(entries: Iterable[Entry], path: str) -> Entry | None:
    """The entry a page belongs to: of several that hold it, the one with the longest address."""
    holding = (entry for entry in entries if entry.holds(path))
    return max(holding, key=lambda entry: len(entry.path), default=None)


def open_to(entries: Iterable[Entry], asker: Asker) -> tuple[Entry, ...]:
    """The entries that the asker may follow: rights are known before a click, not by a refusal."""
    return tuple(
        entry
        for entry in entries
        if asker.known
        and (entry.right is None or asker.may(entry.right))
        and (asker.audience is not Label.PUBLIC or not entry.inside)
    )
