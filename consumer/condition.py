"""How a worker is: whether it lives, whether it serves, and what an operator should know.

Written by the worker's own thread, read by any other. What is told together is one immutable
value that one assignment replaces, so that a reader needs no lock and the worker never waits.

alive    the main loop goes round: a step was made, a wait begun or a partition recovered within
         a limit that no step of a healthy worker comes near. Otherwise a restart is due.
ready    it serves: it has joined the group, every partition that it owns is in order, and it
         waits for neither Kafka nor Redis. A restart would mend nothing.

A held partition and a feed in doubt are told, and make no worker unready: it does what it should,
another worker would do the same, and it is a person's turn, not an orchestrator's.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from consumer.hold import remedy
from consumer.liveness import WHY, Doubt

SLACK: Final = 60.0
"""Seconds beyond the commit's watchdog in which a step ends: answers of Kafka are awaited for 10 s,
a record's way there for 30 s, answers of Redis for a few."""
_LONG_STEP: Final = 10.0
"""Seconds; many times what a batch takes. Kafka's answers are awaited for longer: this tells it
before they are given up."""


@dataclass(frozen=True, slots=True)
class Owned:
    """What is a worker's own, after a step."""

    joined: bool = False
    """The group has said what is this worker's, be it nothing."""
    partitions: tuple[int, ...] = ()
    """In order, and served."""
    recovering: tuple[int, ...] = ()
    held: Mapping[int, str] = field(default_factory=dict)
    """Partitions whose feed has gone bad: how bad."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What is said to whoever asks: yes or no, and everything beside it, for JSON."""

    ok: bool
    told: dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Waiting:
    on: str
    why: str
    since: float


class Condition:
    """One worker's. `about` is told with every answer; `limit` and `now` are in seconds."""

    def __init__(
        self,
        about: Mapping[str, Any] | None = None,
        *,
        limit: float = SLACK,
        now: Callable[[], float] = time.monotonic,
        stopping: Callable[[], bool] = lambda: False,
    ) -> None:
        self._about = dict(about or {})
        self._limit = limit
        self._now = now
        self._stopping = stopping
        self._heard_at = now()
        self._batch_at: float | None = None
        self._owned = Owned()
        self._waiting: _Waiting | None = None
        self._doubts: Mapping[str, tuple[Doubt, float]] = {}

    # What the worker's thread tells.

    def heard(self) -> None:
        """The main loop is where it should be."""
        self._heard_at = self._now()

    def went_on(self) -> None:
        """An attempt succeeded: nothing is waited for."""
        self._heard_at = self._now()
        self._waiting = None

    def waits(self, on: str, why: str) -> None:
        """An attempt failed, and will be made again: `on` is Kafka or Redis."""
        self._heard_at = now = self._now()
        since = now if self._waiting is None else self._waiting.since
        self._waiting = _Waiting(on, why, since)

    def owns(self, owned: Owned) -> None:
        """What is this worker's now."""
        self._owned = owned

    def batch(self) -> None:
        """A batch is committed and remembered."""
        self._batch_at = self._now()

    def feeds(self, doubts: Mapping[str, Doubt]) -> None:
        """The feeds in doubt now."""
        now, before = self._now(), self._doubts
        self._doubts = {
            topic: (doubt, before[topic][1] if topic in before else now)
            for topic, doubt in doubts.items()
        }

    # What anybody may ask.

    def alive(self) -> Answer:
        """Whether the main loop goes round."""
        silent = self._now() - self._heard_at
        ok = silent <= self._limit
        why = [] if ok else [f"nothing was heard of its main loop for {silent:.0f} s"]
        told = {
            "alive": ok,
            "why": why,
            **self._about,
            "last_step_seconds": round(silent, 1),
            "limit_seconds": self._limit,
        }
        return Answer(ok, told)

    def ready(self) -> Answer:
        """Whether it serves, and all that is to be known."""
        now, owned, waiting = self._now(), self._owned, self._waiting
        silent, batch_at = now - self._heard_at, self._batch_at
        why = list(self._reasons(owned, waiting, silent, now))
        told = {
            "ready": not why,
            "why": why,
            **self._about,
            "joined": owned.joined,
            "partitions": list(owned.partitions),
            "recovering": list(owned.recovering),
            "waiting": waiting
            and {"on": waiting.on, "why": waiting.why, "seconds": round(now - waiting.since, 1)},
            "held": [
                {"partition": number, "why": bad, "remedy": remedy(number)}
                for number, bad in owned.held.items()
            ],
            # Who owns nothing looks at no feed.
            "feeds_in_doubt": [
                {"topic": topic, "why": WHY[doubt], "seconds": round(now - since, 1)}
                for topic, (doubt, since) in self._doubts.items()
                if owned.partitions
            ],
            "last_batch_seconds": None if batch_at is None else round(now - batch_at, 1),
            "last_step_seconds": round(silent, 1),
        }
        return Answer(not why, told)

    def _reasons(
        self, owned: Owned, waiting: _Waiting | None, silent: float, now: float
    ) -> list[str]:
        """Why it does not serve; none: it does."""
        reasons = []
        if self._stopping():
            reasons.append("it was told to stop")
        if waiting is not None:
            reasons.append(f"waiting for {waiting.on}, {now - waiting.since:.0f} s: {waiting.why}")
        elif silent > _LONG_STEP:
            reasons.append(
                f"in one step for {silent:.0f} s: Kafka or Redis answers slowly, or not at all"
            )
        if not owned.joined:
            reasons.append("the consumer group has not told it its partitions yet")
        if owned.recovering:
            numbers = ", ".join(map(str, owned.recovering))
            reasons.append(f"recovering partitions: {numbers}")
        return reasons
