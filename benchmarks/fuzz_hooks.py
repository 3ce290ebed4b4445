"""What `fuzz_api.py` does not ask: loaded by Schemathesis."""

from __future__ import annotations

from typing import Any

import schemathesis

MOST = 10_000


@schemathesis.hook
def filter_case(context: Any, case: Any) -> bool:  # noqa: ARG001 - the words of the hook
    """Leave out a `limit` above its maximum, of features alone.

    OGC API - Features demands both that limit declare a maximum and that a greater one be no
    error (A17): to a reader of schemas alone that is a wrong request accepted.
    """
    if not case.path.startswith("/ogc/collections/"):
        return True
    try:
        return float((case.query or {}).get("limit", 0)) <= MOST
    except (TypeError, ValueError):
        return True
