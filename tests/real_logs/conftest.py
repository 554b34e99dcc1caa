"""The real logs as fixtures: read and folded once for the whole run."""

from __future__ import annotations

import pytest

from tests.real_logs.logs import RealLog, the_berka_log, the_cdnow_log
from tests.real_logs.places import NotHereError, missing


@pytest.fixture(scope="session")
def berka_log() -> RealLog:
    """The Berka log; without it the test is skipped at a desk and fails in CI."""
    try:
        return the_berka_log()
    except NotHereError as reason:
        missing(reason)


@pytest.fixture(scope="session")
def cdnow_log() -> RealLog:
    """The CDNOW log; without it the test is skipped at a desk and fails in CI."""
    try:
        return the_cdnow_log()
    except NotHereError as reason:
        missing(reason)
