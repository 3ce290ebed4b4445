"""The file of kept checks lies beside the register, for whoever runs the service alone."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from stat import S_IMODE

from geo_service.services.kept_checks import KeptChecks


def test_kept_checks_are_read_by_their_owner_alone(tmp_path):
    path = tmp_path / "var" / "kept.sqlite"
    before = os.umask(0o022)
    try:
        KeptChecks(path).keep({"verdict": "pass"}, "clerk", datetime(2026, 11, 23, tzinfo=UTC))
    finally:
        os.umask(before)
    assert S_IMODE(path.stat().st_mode) == 0o600
