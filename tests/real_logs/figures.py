"""The figures of the report: silences found, and the pauses in the raw files behind them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from operate.simulate.records import FeedRecord
from tests.real_logs.berka import feed_counting_everything
from tests.real_logs.logs import RealLog
from tests.real_logs.oracle import Silences
from tests.real_logs.reference import tell
from tests.real_logs.silences import silences_in


@dataclass(frozen=True, slots=True)
class Counted:
    """The silences that our outputs tell of, by what was taken for activity."""

    activity: str
    postings: int
    """How many postings were activity."""
    raised: int
    customers: int
    ended_by_return: int
    ended_by_loss: int
    standing: int


@dataclass(frozen=True, slots=True)
class Pauses:
    """Pauses between own activity days (or the opening), from the raw file by SQL."""

    of_90_ended: int
    """At least 90 days, ended by a return."""
    of_90_exactly: int
    """Of those, exactly 90: the activity was in time."""
    of_90_open: int
    """At least 90 days up to the log's last day."""
    in_a_silence: int
    """More than 90 days, begun while a silence stood."""
    while_lost: int
    """More than 90 days, begun while the customer was lost."""
    raised: int
    """What remains: the silences."""


@cache
def berka(log: RealLog) -> list[Counted]:
    """Counting own activity, and counting every posting, under the same policy."""
    everything = feed_counting_everything(log.path)
    all_told = tell(log.policy, everything)
    return [
        _own(log),
        _counted(
            "every posting",
            initiators(everything)["customer"],
            silences_in(all_told.outputs, log.policy.zone),
        ),
    ]


def cdnow(log: RealLog) -> list[Counted]:
    """Every purchase is the customer's own."""
    return [_own(log)]


def pauses(log: RealLog) -> Pauses:
    """How the pauses become silences."""
    raised = len(log.silences.silences)
    rows = log.oracle.rows(
        """
        with lived as (
            select distinct customer, n from life join step using (customer)
            where n >= first_n and (life.lost_n is null or n <= life.lost_n)
        )
        select count(*) filter (where ended and pause >= 90),
               count(*) filter (where ended and pause = 90),
               count(*) filter (where not ended and pause >= 90),
               count(*) filter (where over_90 and alive),
               count(*) filter (where over_90 and not alive)
        from (
            select n < max(n) over (partition by step.customer) as ended,
                   case when ended then pause_after else pause_after - 1 end as pause,
                   pause_after > 90 as over_90,
                   lived.n is not null as alive
            from step left join lived using (customer, n)
        )
        """
    )
    ended, exactly, still_open, alive, lost = rows[0]
    return Pauses(ended, exactly, still_open, alive - raised, lost, raised)


def initiators(records: Iterable[FeedRecord]) -> Counter[str]:
    """How many postings each initiator caused, told once per posting: to the account's owner."""
    found: Counter[str] = Counter()
    for record in records:
        body = json.loads(record.value)
        if body["type"] == "transaction.posted" and body["role"] == "owner":
            found[body["initiator"]] += 1
    return found


def _own(log: RealLog) -> Counted:
    found = silences_in(log.told.outputs, log.policy.zone)
    return _counted("the customer's own postings", initiators(log.records)["customer"], found)


def _counted(activity: str, postings: int, found: Silences) -> Counted:
    ended = Counter(one.ended_by for one in found.silences)
    return Counted(
        activity,
        postings,
        len(found.silences),
        len({one.customer for one in found.silences}),
        ended["return"],
        ended["loss"],
        ended[""],
    )
