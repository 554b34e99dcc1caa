"""One run: the world is started, faults strike one after the other, and everything is compared."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from tests.live_faults.faults import (
    of_brokers,
    of_groups,
    of_networks,
    of_policies,
    of_redis,
    of_workers,
)
from tests.live_faults.faults.fault import Fault
from tests.live_faults.ledger import Verdict, settles
from tests.live_faults.subscriber import Subscriber
from tests.live_faults.world import PARTITIONS, Plan, World

_READING_SECONDS = 20.0

FAULTS: Sequence[Fault] = [
    *of_workers.FAULTS,
    *of_brokers.FAULTS,
    *of_redis.FAULTS,
    *of_networks.FAULTS,
    *of_groups.FAULTS,
    *of_policies.FAULTS,
]


@dataclass(frozen=True)
class Strike:
    """One fault that struck."""

    fault: Fault
    at: float
    """Seconds since the run began."""
    detail: str
    seconds: float
    """Until every partition that it stopped moved again."""


@dataclass
class Result:
    """What a run found."""

    strikes: list[Strike] = field(default_factory=list)
    verdict: Verdict = field(default_factory=Verdict)
    subscriber: Subscriber = field(default_factory=Subscriber)
    sent: int = 0
    ended: list[str] = field(default_factory=list)
    """Workers that ended although nobody told them to."""
    stopped_badly: list[str] = field(default_factory=list)
    """Workers that did not end well when told to."""

    @property
    def missing_inputs(self) -> int:
        """Records that the feed sent and the topics do not have, or the other way round."""
        return abs(self.sent - self.verdict.inputs)

    @property
    def is_clean(self) -> bool:
        """Nothing lost, doubled, reordered or remembered otherwise."""
        seen = self.subscriber
        return not (
            self.verdict.differences.count
            or seen.lost
            or seen.doubled
            or seen.reordered
            or seen.changes != self.verdict.changes
            or self.missing_inputs
            or self.stopped_badly
            or any("(DEFECT)" in ended for ended in self.ended)
        )


def run(plan: Plan, folder: Path, told: Callable[[str], None]) -> Result:
    """Run it all. Raises TimeoutError when something does not recover in time."""
    begun = time.monotonic()

    def say(text: str) -> None:
        told(f"{time.monotonic() - begun:7.1f} s  {text}")

    result = Result()
    world = World(plan, folder, say)
    try:
        world.start()
        for fault in _schedule(plan, begun + plan.duration):
            result.strikes.append(_strike(world, fault, begun))
            time.sleep(world.dice.uniform(0.2, 1.5))
        result.sent = _come_to_rest(world, result)
        with world.ledger() as ledger:
            result.verdict = ledger.judge(world.policies_by_digest(), say)
        _read_to_the_end(world.watch.subscriber, result.verdict.changes)
        world.watch.close()
        result.subscriber = world.watch.subscriber
        result.ended = world.workers.ended
    finally:
        world.close()
    return result


def _schedule(plan: Plan, end: float) -> Iterator[Fault]:
    """Every kind once, in a random order; then at random until `end`, on the monotonic clock.

    The dice are its own: how often a fault throws others depends on what it finds.
    """
    dice = Random(f"{plan.seed} schedule")
    kinds = [fault for fault in FAULTS if re.search(plan.only, fault.kind)]
    yield from dice.sample(kinds, len(kinds))
    weights = [fault.weight for fault in kinds]
    while time.monotonic() < end:
        yield from dice.choices(kinds, weights)


def _strike(world: World, fault: Fault, begun: float) -> Strike:
    at = time.monotonic() - begun
    begin = time.time()
    struck = fault.strike(world)
    whole = time.time()
    world.until(
        f"every partition moves after: {fault.kind}",
        lambda: world.moves(whole),
    )
    seconds = struck.seconds
    if seconds is None:
        seconds = world.watch.progress.standstill(begin, time.time(), range(PARTITIONS))
    world.told(f"{fault.kind}: {struck.detail}; stood still for {seconds:.1f} s")
    return Strike(fault, at, struck.detail, seconds)


def _come_to_rest(world: World, result: Result) -> int:
    """Close the feed, let everything be worked off, end the workers; what the feed sent."""
    world.told("closing the feed")
    sent = world.close_feed()
    world.told(f"{sent:,} records sent; waiting until everything is worked off")
    with world.ledger() as ledger:
        world.until("everything is worked off", lambda: settles(ledger), seconds=300)
    world.until(
        "all workers have started", lambda: all(one.has_started for one in world.workers.all)
    )
    for worker in world.workers.all:
        code = worker.end()
        if code != 0:
            result.stopped_badly.append(f"{worker.worker_id}: {code}: {worker.last_words}")
    return sent


def _read_to_the_end(subscriber: Subscriber, changes: int) -> None:
    """Wait for the subscriber to have seen as many changes as there are, but not for ever."""
    deadline = time.monotonic() + _READING_SECONDS
    while subscriber.changes < changes and time.monotonic() < deadline:
        time.sleep(0.1)
