"""Berka: the silences in our outputs are those that SQL finds in the raw files.

The oracle (silences.sql) states the whole rule of the log's policy a second time: when a silence
is due, when it ends, what being lost and won back does to it. It sees the raw files only, not the
events made of them, so it checks the mapping too.
"""

from collections import Counter

import pytest

from statemachine.policy import Policy
from tests.real_logs.logs import RealLog
from tests.real_logs.reference import tell
from tests.real_logs.silences import silences_in

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]


def test_every_silence_is_due_and_ends_when_sql_says_so(berka_log: RealLog) -> None:
    found = silences_in(berka_log.told.outputs, berka_log.policy.zone)
    assert found.silences == berka_log.silences.silences
    assert Counter(one.ended_by for one in found.silences) == {"return": 178, "loss": 31, "": 79}


def test_everybody_lost_by_silence_is_lost_and_won_back_when_sql_says_so(
    berka_log: RealLog,
) -> None:
    found = silences_in(berka_log.told.outputs, berka_log.policy.zone)
    assert found.losses == berka_log.silences.losses
    assert len(found.losses) == 31


@pytest.mark.parametrize(
    "place, value",
    [
        (("rules", "silence", "after"), "89 days"),
        (("rules", "silence", "after"), "91 days"),
        (("rules", "silence", "clears_within_days"), 59),
        (("rules", "silence", "clears_after_days"), 1),
        (("lost", "after_silence"), "179 days"),
        (("lost", "after_silence"), "181 days"),
        (("lost", "at_least_at_risk"), "100 days"),
        (("activation", "own_activity_days"), 2),
        (("activation", "own_activity_days"), 4),
        (("quiet_period",), "120 days"),
    ],
)
def test_a_policy_one_number_away_does_not_equal_sql(
    berka_log: RealLog, place: tuple[str, ...], value: str | int
) -> None:
    expected = berka_log.silences
    silent = {one.customer.encode() for one in expected.silences}
    records = [one for one in berka_log.records if one.key is None or one.key in silent]
    values = berka_log.policy.model_dump(mode="json")
    section = values
    for name in place[:-1]:
        section = section[name]
    section[place[-1]] = value
    policy = Policy.model_validate(values)
    assert silences_in(tell(policy, records).outputs, policy.zone) != expected
