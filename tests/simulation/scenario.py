"""What happens in one run, made from a seed: the feed, the workers' set-up, and the faults."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from typing import Any

from schemas.base import rfc3339
from tests.laws.logs import BEGIN, CUSTOMERS, DAY, LATENESS, refer
from tests.laws.logs import KINDS as EVENTS
from tests.laws.rig import ACCOUNTS, TRANSACTIONS, watermark

Event = tuple[dict[str, Any], int]
"""An event and its record's timestamp."""

KINDS: dict[str, int] = {
    "crash": 8,
    "fail": 6,
    "pause": 4,
    "freeze": 4,
    "late offsets": 2,
    "lose": 2,
    "lie": 2,
    "lie, epoch told": 1,
    "slow": 3,
    "twice": 2,
    "late copy": 2,
    "failover": 3,
    "kafka down": 1,
    "redis down": 1,
    "twin": 1,
    "join": 3,
    "retire": 3,
    "wall jumps": 1,
    "stranger": 1,
}
"""The kinds of faults, and how often each comes in comparison."""


@dataclass(frozen=True, slots=True)
class Fault:
    """From the `at`-th effect on, the next call that it fits meets it."""

    at: int
    kind: str
    size: float
    """Seconds, or writes lost; whatever the kind needs."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """Everything that is not decided by the scheduler's dice."""

    seed: int
    partitions: int
    workers: int
    restless: float
    """How often a call costs a process its turn."""
    settings: dict[str, Any]
    late: bool
    log: tuple[Event, ...]
    faults: tuple[Fault, ...]

    def without(self, faults: range, events: range) -> Scenario:
        """The same with less."""
        return replace(
            self,
            faults=tuple(one for n, one in enumerate(self.faults) if n not in faults),
            log=tuple(one for n, one in enumerate(self.log) if n not in events),
        )


def scenario(seed: int) -> Scenario:
    """The scenario of a seed."""
    dice = random.Random(seed)
    late = dice.random() < 0.5
    wall = late and dice.random() < 0.6
    settings: dict[str, Any] = {
        "batch_records": dice.choice((1, 2, 3, 5, 8, 40)),
        "buffer_records": dice.choice((2, 10, 100)),
        "sweep_customers": dice.choice((1, 2, 3, 50)),
        "cached_customers": dice.choice((0, 2, 100)),
        "idle_clock": "wall" if wall else "event",
        "feed_stale_after": 5.0,
        "feed_settle": 2.0,
        "poll_interval": dice.choice((12.0, 300.0)),
    }
    return Scenario(
        seed,
        dice.randint(1, 4),
        dice.randint(1, 3),
        dice.choice((0.02, 0.15, 0.15, 0.5)),
        settings,
        late,
        tuple(_log(dice, late=late)),
        tuple(_faults(dice)),
    )


def rebalancing(seed: int) -> Scenario:
    """The feed of a seed, while members come and go, and offsets are sent late each time."""
    kinds = ("join", "late offsets", "retire", "late offsets")
    places = enumerate(range(60, 1_500, 30))
    return replace(
        scenario(seed),
        faults=tuple(Fault(at, kinds[number % 4], 6.0) for number, at in places),
    )


def two_deployments(seed: int) -> Scenario:
    """The feed of a seed, while a second deployment comes, and the first one stands still."""
    places = enumerate(range(15, 600, 25))
    return replace(
        scenario(seed),
        workers=1,
        faults=tuple(Fault(at, ("stranger", "freeze")[number % 2], 60.0) for number, at in places),
    )


def _faults(dice: random.Random) -> list[Fault]:
    kinds, weights = list(KINDS), list(KINDS.values())
    count = dice.choice((0, 1, 2, 3, 5, 8, 13))
    places = sorted(dice.randrange(1, 900) for _ in range(count))
    return [
        Fault(at, kind, round(dice.choice((0.3, 2, 6, 14, 40)) * dice.uniform(0.5, 1.5), 2))
        for at, kind in zip(places, dice.choices(kinds, weights, k=count), strict=True)
    ]


def _log(dice: random.Random, *, late: bool) -> list[Event]:
    """As the laws' logs: a few customers' lives, in one arrival order; duplicates among them."""
    log: list[Event] = []
    arrival = highest = BEGIN
    for number in range(dice.randint(5, 60)):
        arrival += dice.choice((1, 2, 60_000, DAY, 9 * DAY, 40 * DAY, 95 * DAY))
        occurred = max(arrival - dice.choice((0, 0, 1, 3_600_000, LATENESS)), highest - LATENESS)
        if late and dice.random() < 0.3:
            occurred = arrival - dice.randrange(200 * DAY)
        highest = max(highest, occurred)
        event = dict(dice.choice(EVENTS)) | {
            "schema_version": 1,
            "source": "core",
            "event_id": f"e{number}",
            "occurred_at": rfc3339(occurred),
            "customer_id": dice.choice(CUSTOMERS),
        }
        refer(event, number, dice.choice)
        if dice.random() < 0.03:
            event["type"] = "no.such-type"
        log += [(event, arrival)] * (2 if dice.random() < 0.1 else 1)
        if dice.random() < 0.05:
            # True where nothing is late: whatever comes is dated after it.
            topic = dice.choice((ACCOUNTS, TRANSACTIONS))
            log.append((watermark(topic, highest - LATENESS), arrival))
    return log
