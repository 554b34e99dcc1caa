"""Patience with the world: Kafka or Redis away is waited out, and the worker is kept going."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Protocol, TypeVar

from consumer.ports import Unavailable
from consumer.report import Reporter
from consumer.worker import Worker
from store.port import Fenced, Moved
from store.port import Unavailable as StoreUnavailable

_T = TypeVar("_T")
_POLL_SECONDS = 0.5
_LONGEST_WAIT = 15.0


class Stop(Protocol):
    """A request to stop, as threading.Event has it."""

    def is_set(self) -> bool:
        """Whether it was made."""
        ...

    def wait(self, timeout: float) -> object:
        """Wait for it, at most so many seconds."""
        ...


def keep_working(worker: Worker, patience: Patience) -> None:
    """Step after step until told to stop; after an absence nothing is taken for granted."""
    while not patience.is_over:
        if patience.patiently(lambda: worker.step(_POLL_SECONDS)) is None:
            worker.distrust()
        patience.condition.owns(worker.owned)


class Patience:
    """Waits while Kafka or Redis is away, and says so."""

    def __init__(
        self, reporter: Reporter, stop: Stop, tidy_up: Callable[[], object] = lambda: None
    ) -> None:
        """`tidy_up` is called after each attempt that failed, before the next."""
        self.condition = reporter.condition
        self._tidy_up = tidy_up
        self._reporter = reporter
        self._stop = stop
        self._failures = 0

    @property
    def is_over(self) -> bool:
        """Whether we are told to stop."""
        return self._stop.is_set()

    def at_last(self, attempt: Callable[[], _T]) -> _T | None:
        """The attempt's result, however long that takes; None only if we are told to stop."""
        while not self.is_over:
            result = self.patiently(attempt)
            if result is not None:
                return result
        return None

    def patiently(self, attempt: Callable[[], _T]) -> _T | None:
        """The attempt's result; None if the world was away (after a wait) or we are stopping."""
        self.condition.heard()
        try:
            result = attempt()
        except (Unavailable, StoreUnavailable) as away:
            self._failures += 1
            wait = min(_LONGEST_WAIT, 0.25 * 2 ** min(self._failures, 7)) * _jitter()
            self._reporter.waiting(_who(away), str(away), wait)
            self._tidy_up()
            self._stop.wait(wait)
            return None
        self._failures = 0
        self.condition.went_on()
        return result


def _who(away: Exception) -> str:
    """Who is away; of a doubt that does not pass, whose word is in doubt."""
    store = isinstance(away, StoreUnavailable) or isinstance(away.__cause__, Fenced | Moved)
    return "Redis" if store else "Kafka"


def _jitter() -> float:
    return random.uniform(0.5, 1)  # noqa: S311  # spreads retries, guards nothing
