"""A feed that comes into doubt, and out of it, is named in the log and in the condition."""

from __future__ import annotations

from typing import Any

from consumer.worker import Worker
from statemachine.policy_file import default_policy
from tests.laws.rig import ACCOUNTS, TRANSACTIONS, Rig

STALE_AFTER, SETTLE = 60, 10


class Log:
    """A log that keeps what it is told of feeds: level, event, topic."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, str, object]] = []

    def info(self, event: str, **fields: object) -> None:
        self._keep("info", event, fields)

    def warning(self, event: str, **fields: object) -> None:
        self._keep("warning", event, fields)

    def _keep(self, level: str, event: str, fields: dict[str, object]) -> None:
        if "topic" in fields:
            self.lines.append((level, event, fields["topic"]))

    def taken(self) -> list[tuple[str, str, object]]:
        """What was told since this was last asked, in a fixed order."""
        lines, self.lines = self.lines, []
        return sorted(lines, key=str)


class Bank:
    """Two feeds that speak or are silent, and the real worker on them."""

    def __init__(self, **options: Any) -> None:
        given = {"idle_clock": "wall", "feed_stale_after": STALE_AFTER, "feed_settle": SETTLE}
        self.rig = Rig(default_policy(), options={**given, **options})
        self.worker: Worker = self.rig.start()
        self.log = Log()
        self.worker.ports.reporter._log = self.log

    def live(self, seconds: int, *speaking: str) -> list[tuple[str, str, object]]:
        """Time goes on, second by second; what the log says of it."""
        for _ in range(seconds):
            self.rig.clock.now += 1.0
            for topic in speaking:
                self.rig.log.append(topic, 0, b"c", b"not an event", self.rig.clock.wall())
            self.worker.step(0.0)
            # It is about the feeds' pulse; what is in them does not matter.
            for partition in self.worker.partitions.values():
                partition.hold.held = False
        return self.log.taken()

    def in_doubt(self) -> list[str]:
        """The topics that the condition names."""
        self.worker.ports.reporter.condition.owns(self.worker.owned)
        told = self.worker.ports.reporter.condition.ready().told
        return [feed["topic"] for feed in told["feeds_in_doubt"]]


def both(level: str, event: str) -> list[tuple[str, str, object]]:
    return [(level, event, ACCOUNTS), (level, event, TRANSACTIONS)]


def test_at_a_start_every_feed_is_in_doubt_for_a_while_and_that_is_no_warning() -> None:
    bank = Bank()
    assert bank.live(2) == both("info", "feed in doubt")
    assert bank.in_doubt() == [ACCOUNTS, TRANSACTIONS]
    assert bank.live(SETTLE, ACCOUNTS, TRANSACTIONS) == []
    assert bank.live(2, ACCOUNTS, TRANSACTIONS) == both("info", "feed believed again")
    assert bank.in_doubt() == []


def test_a_feed_that_is_silent_from_the_start_is_warned_about_once() -> None:
    bank = Bank()
    bank.live(STALE_AFTER, ACCOUNTS)
    assert bank.live(5, ACCOUNTS) == [("warning", "feed in doubt", TRANSACTIONS)]
    assert bank.live(STALE_AFTER * 3, ACCOUNTS) == []
    assert bank.in_doubt() == [TRANSACTIONS]


def test_a_feed_that_falls_silent_is_warned_about_and_so_is_its_return() -> None:
    bank = Bank()
    bank.live(SETTLE + 5, ACCOUNTS, TRANSACTIONS)
    assert bank.live(STALE_AFTER - 1, ACCOUNTS) == []
    assert bank.live(5, ACCOUNTS) == [("warning", "feed in doubt", TRANSACTIONS)]
    assert bank.in_doubt() == [TRANSACTIONS]
    assert bank.live(SETTLE, ACCOUNTS, TRANSACTIONS) == []
    assert bank.in_doubt() == [TRANSACTIONS]
    assert bank.live(2, ACCOUNTS, TRANSACTIONS) == [
        ("warning", "feed believed again", TRANSACTIONS)
    ]
    assert bank.in_doubt() == []


def test_a_feed_that_falters_while_it_settles_is_not_warned_about_again() -> None:
    bank = Bank(feed_settle=STALE_AFTER * 2)
    bank.live(STALE_AFTER * 2 + 5, ACCOUNTS, TRANSACTIONS)
    assert bank.live(STALE_AFTER + 5, ACCOUNTS) == [("warning", "feed in doubt", TRANSACTIONS)]
    bank.live(1, ACCOUNTS, TRANSACTIONS)
    assert bank.live(STALE_AFTER + 5, ACCOUNTS) == []


def test_a_worker_that_was_away_itself_warns_that_it_cannot_know() -> None:
    bank = Bank()
    bank.live(SETTLE + 5, ACCOUNTS, TRANSACTIONS)
    bank.rig.clock.now += STALE_AFTER * 2
    assert bank.live(1, ACCOUNTS, TRANSACTIONS) == both("warning", "feed in doubt")


def test_reading_history_doubts_no_feed() -> None:
    bank = Bank(idle_clock="event")
    assert bank.live(STALE_AFTER * 2) == []
    assert bank.in_doubt() == []
