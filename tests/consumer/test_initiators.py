"""Feeds that do not say who caused their postings: counted per source, shown and warned about."""

from collections.abc import Iterable
from types import SimpleNamespace
from typing import Any, cast

import pytest

from consumer.clock import PartitionClock
from consumer.decode import decode_line
from consumer.execute import Outcome, Rules, SweepLimit, Work, execute
from consumer.report import Reporter
from statemachine.policy_file import default_policy
from tests.operate.logs import TOPICS, opened, paid

POLICY = default_policy()


def executed(lines: Iterable[bytes]) -> Outcome:
    """The outcome of a batch of these lines."""
    inputs = [decode_line(line, number, TOPICS[1]) for number, line in enumerate(lines)]
    clock = PartitionClock(TOPICS, POLICY.stream.allowed_lateness.millis)
    work = Work(0, inputs, {}, [], clock, None, SweepLimit(100), {})
    return execute(Rules(POLICY, 1, "murmur2"), work)


def test_postings_are_counted_per_source_and_those_of_unknown_initiator_too() -> None:
    outcome = executed(
        [
            opened(1),
            paid(2, source="cards"),
            paid(3, source="cards", initiator="unknown"),
            paid(3, source="core", initiator="bank"),
            paid(4, source="core", initiator="unknown"),
            paid(5, source="core", initiator="unknown"),
        ]
    )
    assert outcome.postings == {"cards": 2, "core": 3}
    assert outcome.unknown_initiators == {"cards": 1, "core": 2}


def test_a_posting_told_again_is_not_counted_again() -> None:
    again = paid(2, initiator="unknown")
    outcome = executed([opened(1), again, again])
    assert outcome.duplicates == 1
    assert sum(outcome.postings.values()) == sum(outcome.unknown_initiators.values()) == 1


class Told:
    """A log that keeps what it is told."""

    def __init__(self) -> None:
        self.lines: list[dict[str, Any]] = []
        self.warnings: list[dict[str, Any]] = []

    def info(self, event: str, **fields: object) -> None:
        self.lines.append({"event": event, **fields})

    def warning(self, event: str, **fields: object) -> None:
        self.warnings.append({"event": event, **fields})


def folded(postings: dict[str, tuple[int, int]]) -> Any:
    """One partition of a batch: per source the postings, and those of unknown initiator."""
    outcome = Outcome(
        PartitionClock(TOPICS, 0),
        postings={source: count for source, (count, _) in postings.items()},
        unknown_initiators={source: unknown for source, (_, unknown) in postings.items()},
    )
    share = SimpleNamespace(records=[], clock_held=False)
    commit = SimpleNamespace(partition=0, batch=1)
    return cast(Any, SimpleNamespace(outcome=outcome, share=share, commit=commit))


def told(*batches: dict[str, tuple[int, int]]) -> Told:
    log = Told()
    reporter = Reporter(log)
    for postings in batches:
        reporter.batch([folded(postings)], 0, 0)
    return log


def test_the_line_of_a_batch_has_both_numbers() -> None:
    log = Told()
    Reporter(log).batch([folded({"a": (7, 1), "b": (3, 0)}), folded({"a": (5, 2)})], 0, 0)
    assert log.lines[0]["postings"] == 15
    assert log.lines[0]["unknown_initiators"] == 3


def test_a_source_above_five_in_a_hundred_is_warned_about_once() -> None:
    log = told(*[{"core": (1_000, 51), "cards": (1_000, 50)}] * 5)
    (warning,) = log.warnings
    assert warning["event"] == "unknown initiators"
    assert (warning["source"], warning["share"]) == ("core", 0.051)
    assert warning["remedy"].startswith("let the feed say who caused each posting")


def test_a_handful_of_postings_says_nothing_until_there_are_enough() -> None:
    assert told({"core": (199, 199)}).warnings == []
    assert len(told({"core": (150, 150)}, {"core": (50, 0)}).warnings) == 1
    assert told(*[{"core": (20, 2)}] * 9).warnings == []
    assert len(told(*[{"core": (20, 2)}] * 10).warnings) == 1


def test_a_feed_that_grows_worse_is_noticed_however_long_it_was_good() -> None:
    log = told(*[{"core": (4_000, 0)}] * 1_000, {"core": (4_000, 400)})
    assert [warning["share"] for warning in log.warnings] == [0.1]


@pytest.mark.parametrize("count", [0, 1, 10])
def test_partitions_of_one_batch_are_looked_at_together(count: int) -> None:
    log = Told()
    Reporter(log).batch([folded({"core": (20, 2)})] * count, 0, 0)
    assert len(log.warnings) == (count == 10)
