"""The demo's course: the feed goes in while the worker decides, until all of it is decided."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from operate.demo.stage import PARTITIONS, Stage
from operate.exits import Ended, Exit
from operate.given import keeper_of
from operate.simulate import Plan, simulate
from operate.simulate.broker import send
from store.port import Keeper, PartitionRecord

_LOOK_SECONDS = 0.5
_STUCK_SECONDS = 60.0


class Progress(NamedTuple):
    """How far feed and worker are."""

    days: int
    """Days of the feed that are in the topics."""
    decided: int
    """Events that the worker has committed."""
    lag: int | None
    """Events that wait; None while the feed still runs."""


@dataclass(frozen=True, slots=True)
class Course:
    """How it went."""

    events: int
    fed_seconds: float
    """Until the feed was in the topics."""
    decided_seconds: float
    """From the first commit to the last."""

    @property
    def rate(self) -> float:
        """Events decided in a second."""
        return self.events / max(self.decided_seconds, 0.001)


def play(stage: Stage, plan: Plan, tell: Callable[[Progress], None]) -> Course:
    """Feed the plan through the stage and wait until its end is decided.

    Raises Ended if the worker ends, or stands still.
    """
    following = _Following(stage, plan, tell)
    started = time.monotonic()
    connection = stage.settings.kafka()
    written = send(
        str(connection.pop("bootstrap_servers")[0]),
        simulate(plan, following.day),
        PARTITIONS,
        client_settings=connection,
    )
    # The closing watermark goes to every partition.
    events = written.records + (PARTITIONS - 1) * len(set(stage.settings.topics))
    fed = time.monotonic()
    following.until_decided(events)
    return Course(events, fed - started, following.last_commit - following.first_commit)


class _Following:
    """Looks at the worker from outside: at what the store says of its partitions."""

    def __init__(self, stage: Stage, plan: Plan, tell: Callable[[Progress], None]) -> None:
        self._worker = stage.worker
        self._keeper: Keeper = keeper_of(stage.settings)
        self._end = plan.end_ms
        self._tell = tell
        self._days = 0
        self._decided = 0
        self._looked = 0.0
        self.first_commit = 0.0
        self.last_commit = 0.0

    def day(self, number: int) -> None:
        """The feed has come to the end of a day."""
        self._days = number
        if time.monotonic() - self._looked >= _LOOK_SECONDS:
            self._look(None)

    def until_decided(self, events: int) -> None:
        """Wait until so many events, and all that time made due, are decided."""
        while not self._done(self._look(events), events):
            if time.monotonic() - max(self.last_commit, self._looked_first()) > _STUCK_SECONDS:
                raise Ended(
                    Exit.WORLD, f"the worker stands still; its last words:\n{self._words()}"
                )
            time.sleep(_LOOK_SECONDS)

    def _looked_first(self) -> float:
        if not self.first_commit:
            self.first_commit = self.last_commit = time.monotonic()
        return self.first_commit

    def _look(self, events: int | None) -> list[PartitionRecord]:
        if self._worker.pid is None:
            raise Ended(Exit.DEFECT, f"the worker has ended; its last words:\n{self._words()}")
        self._looked = time.monotonic()
        found = [self._keeper.look(number)[1] for number in range(PARTITIONS)]
        records = [record for record in found if record is not None]
        decided = sum(sum(record.position.offsets.values()) for record in records)
        if decided > self._decided:
            self._decided = decided
            self.last_commit = self._looked
            self.first_commit = self.first_commit or self._looked
        lag = None if events is None else events - decided
        self._tell(Progress(self._days, decided, lag))
        return records

    def _done(self, records: list[PartitionRecord], events: int) -> bool:
        """Whether everything is consumed, and nobody is due any more by the closing watermark."""
        if self._decided < events or any((one.clock or 0) < self._end for one in records):
            return False
        return not any(
            due <= self._end
            for number in range(PARTITIONS)
            for due, _ in self._keeper.timers(number)
        )

    def _words(self) -> str:
        lines = self._worker.log.read_text(errors="replace").splitlines()
        return "\n".join(lines[-5:])


def latest_clock(stage: Stage) -> int:
    """How far time has come on the stage."""
    keeper = keeper_of(stage.settings)
    found = (keeper.look(number)[1] for number in range(PARTITIONS))
    return max((record.clock or 0 for record in found if record is not None), default=0)
