"""The resources of the JSON API that stand beside names and boundaries, one module to each."""

from __future__ import annotations

from geo_service.api import (
    audit,
    drafts,
    exports,
    file_drafts,
    imports,
    jobs,
    kept_checks,
    kept_findings,
    name_tools,
    reconcile,
    register,
    rules,
    uploads,
)

RESOURCES = (
    jobs,
    uploads,
    imports,
    exports,
    register,
    drafts,
    file_drafts,
    kept_findings,
    kept_checks,
    name_tools,
    rules,
    audit,
    reconcile,
)
