"""CDNOW: the silences in our outputs are those that SQL finds in the raw file.

The oracle (silences.sql) states the whole rule of the log's policy a second time: when a silence
is due, when it ends, what being lost and won back does to it. It sees the raw file only,
not the events made of it.
"""

from collections import Counter

import pytest

from tests.real_logs.logs import RealLog
from tests.real_logs.silences import silences_in

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]


def test_every_silence_is_due_and_ends_when_sql_says_so(cdnow_log: RealLog) -> None:
    found = silences_in(cdnow_log.told.outputs, cdnow_log.policy.zone)
    assert found.silences == cdnow_log.silences.silences
    assert Counter(one.ended_by for one in found.silences) == {
        "return": 2_128,
        "loss": 21_875,
        "": 1_246,
    }


def test_everybody_lost_by_silence_is_lost_and_won_back_when_sql_says_so(
    cdnow_log: RealLog,
) -> None:
    found = silences_in(cdnow_log.told.outputs, cdnow_log.policy.zone)
    assert found.losses == cdnow_log.silences.losses
    assert len(found.losses) == 21_875
