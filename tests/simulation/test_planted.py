"""The simulation can fail: bugs put into the worker, the store and the client are all found.

Each is one that somebody could write: a check left out, an order changed, a value taken at the
wrong moment. The worker with the bug runs seeds until one fails; the same seeds pass without it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from kafka import TopicPartition
from kafka.errors import KafkaError

from consumer import worker
from consumer.clock import PartitionClock
from consumer.execute import SweepLimit, _Share
from consumer.kafka.history import KafkaHistory
from consumer.kafka.publisher import KafkaPublisher
from consumer.kafka.source import KafkaSource
from consumer.known import Known
from consumer.merge import Merge
from consumer.partition import parse_metadata
from consumer.ports import Committed, InDoubt, PartitionCommit
from consumer.records import InputRecord
from consumer.recovery import Recovery
from consumer.reexecution import Reexecution
from consumer.worker import Worker
from store import memory_keeper
from store.memory_keeper import MemoryKeeper
from tests.simulation.run import failure
from tests.simulation.scenario import rebalancing, scenario

MOST_SEEDS = 1_500
Plant = Callable[[pytest.MonkeyPatch], None]
BUGS: dict[str, Plant] = {}
REBALANCES: list[str] = []
"""The bugs that take a rebalance at one very moment: looked for where there are many."""


def bug(plant: Plant) -> Plant:
    BUGS[plant.__name__] = plant
    return plant


def bug_of_rebalances(plant: Plant) -> Plant:
    REBALANCES.append(plant.__name__)
    return bug(plant)


@bug
def the_store_has_no_fence(patch: pytest.MonkeyPatch) -> None:
    def made(keeper: MemoryKeeper, partition: int, _: str) -> Any:
        return keeper._made(partition)

    patch.setattr(MemoryKeeper, "_owned", made)
    patch.setattr(memory_keeper, "_check_position", lambda *_: None)


@bug
def the_store_asks_for_no_position(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(memory_keeper, "_check_position", lambda *_: None)


@bug
def a_commit_is_not_read_back(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Worker, "_read_back", lambda *_: None)
    patch.setattr("consumer.kafka.publisher._identity", lambda _: None)


@bug
def offsets_are_read_back_without_their_metadata(patch: pytest.MonkeyPatch) -> None:
    def read_back(self: Worker, commit: PartitionCommit) -> None:
        found = self.ports.source.committed(commit.partition)
        if found is not None and dict(found.offsets) != dict(commit.offsets):
            raise InDoubt("other offsets")

    patch.setattr(Worker, "_read_back", read_back)
    patch.setattr("consumer.kafka.publisher._identity", lambda _: None)
    patch.setattr(KafkaSource, "committed", _unstable_too)


def _unstable_too(self: KafkaSource, partition: int) -> Committed | None:
    """K without waiting for a stable one."""
    self._consumer._committed_only = False
    found = self._offsets(partition)
    self._consumer._committed_only = True
    if found is None:
        return None
    offsets, said = found
    parsed = parse_metadata(min(said))
    return None if parsed is None else Committed(offsets, *parsed)


def _hidden_journal(self: KafkaHistory, partition: int, begin: int) -> Any:
    """The journal as far as it is stable, without a word that there may be more."""
    place = TopicPartition(self._settings.journal_topic, partition)
    return self._journal(place, begin, self._reader(place.topic).end(place))


@bug
def nothing_waits_for_stable_offsets_and_journals(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(KafkaSource, "committed", _unstable_too)
    patch.setattr(KafkaHistory, "journal", _hidden_journal)


@bug_of_rebalances
def the_groups_metadata_is_taken_at_the_commit(patch: pytest.MonkeyPatch) -> None:
    commit = KafkaPublisher._commit

    class Latest:
        def __init__(self, consumer: Any) -> None:
            self._consumer = consumer

        def __getattr__(self, name: str) -> Any:
            return getattr(self._consumer.group_metadata(), name)

    def late(self: KafkaPublisher, _: Any, *given: Any) -> Mapping[int, int]:
        return commit(self, Latest(self._source._consumer), *given)

    patch.setattr(KafkaPublisher, "_commit", late)
    # Two locks on one door: a transaction whose journal record is sent already is seen, and ended,
    # by whoever takes the partition over. Only without that lock is this one missed.
    patch.setattr(KafkaHistory, "journal", _hidden_journal)


@bug
def sends_are_not_checked_before_the_commit(patch: pytest.MonkeyPatch) -> None:
    send = KafkaPublisher._send

    class Unasked:
        def __init__(self, future: Any) -> None:
            self._future = future

        def get(self, timeout: float | None = None) -> Any:
            try:
                return self._future.get(timeout)
            except KafkaError:
                return type("Metadata", (), {"offset": 0})

    patch.setattr(KafkaPublisher, "_send", lambda *given: Unasked(send(*given)))


@bug
def the_store_is_written_before_the_commit(patch: pytest.MonkeyPatch) -> None:
    def batch(self: Worker) -> bool:
        cuts = [self._cut(partition) for partition in self.partitions.values()]
        loaded = [(one, self._load(one)) for one in cuts if one is not None]
        folded = [self._fold(one, found) for one, found in loaded if one.has_work(found)]
        for one in folded:
            self._write(one, 0)
        if folded:
            commits = [one.commit for one in folded]
            self.ports.publisher.commit(self._generation, commits, lambda: None)
        return bool(folded)

    patch.setattr(Worker, "batch", batch)


@bug
def the_journals_clock_is_ignored(patch: pytest.MonkeyPatch) -> None:
    execute = Reexecution._execute

    def ignoring(self: Reexecution, partition: Any, journal: Any) -> Any:
        return execute(self, partition, journal.model_copy(update={"clock_held": False}))

    patch.setattr(Reexecution, "_execute", ignoring)


@bug
def topics_are_sorted_and_not_merged(patch: pytest.MonkeyPatch) -> None:
    peek = Merge.peek

    def sort(self: Merge, limit: int, at_end: Callable[[str], bool]) -> list[InputRecord]:
        found = [record for waiting in self._waiting.values() for record in waiting][:limit]
        return found or peek(self, limit, at_end)

    patch.setattr(Merge, "peek", sort)


@bug
def a_topic_without_records_is_not_waited_for(patch: pytest.MonkeyPatch) -> None:
    peek = Merge.peek
    patch.setattr(Merge, "peek", lambda self, limit, _: peek(self, limit, lambda topic: True))


@bug
def fired_timers_come_in_the_order_of_customers(patch: pytest.MonkeyPatch) -> None:
    due = _Share._due_until

    def unordered(self: _Share, time: int) -> list[tuple[int, str]]:
        return sorted(due(self, time), key=lambda item: item[1])

    patch.setattr(_Share, "_due_until", unordered)
    patch.setattr("consumer.execute.heapq.heappop", lambda items: items.pop(0))


@bug
def a_sweep_that_was_cut_short_says_that_it_was_complete(patch: pytest.MonkeyPatch) -> None:
    finish = _Share.finish

    def complete(self: _Share) -> Any:
        self.outcome.sweep_complete = True
        return finish(self)

    patch.setattr(_Share, "finish", complete)


@bug
def what_is_due_beyond_the_limit_is_forgotten(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(worker, "SweepLimit", lambda most, through=None: SweepLimit(most))


@bug
def the_cache_outlives_a_doubt(patch: pytest.MonkeyPatch) -> None:
    caches: dict[tuple[int, int], Known] = {}

    def distrust(self: Worker) -> None:
        for partition in self.partitions.values():
            caches[id(self), partition.number] = partition.known
        before(self)

    def recover(self: Worker) -> bool:
        found = recovering(self)
        for number, partition in self.partitions.items():
            known = caches.pop((id(self), number), None)
            if known is not None:
                partition.known = known
        return found

    before, recovering = Worker.distrust, Worker._recover
    patch.setattr(Worker, "distrust", distrust)
    patch.setattr(Worker, "_recover", recover)


@bug
def watermarks_move_the_clock_when_one_topic_has_sent_its_own(patch: pytest.MonkeyPatch) -> None:
    def observe(self: PartitionClock, topic: str, complete_through: int) -> None:
        self.watermarks[topic] = complete_through
        self.raise_to(complete_through)

    patch.setattr(PartitionClock, "observe_watermark", observe)


@bug
def recovery_publishes_nothing_and_executes_nothing(patch: pytest.MonkeyPatch) -> None:
    def skip(self: Recovery, number: int, committed: Any, taken: Any) -> Any:
        return iter(())

    patch.setattr(Recovery, "_missing", skip)


@bug
def a_producer_is_kept_after_a_failure(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(KafkaPublisher, "_drop", lambda self: None)


@pytest.mark.timeout(240)
@pytest.mark.parametrize("name", BUGS)
def test_a_planted_bug_is_found(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    BUGS[name](monkeypatch)
    made = rebalancing if name in REBALANCES else scenario
    for seed in range(1, MOST_SEEDS + 1):
        if failure(made(seed)) is not None:
            return
    raise AssertionError(f"{MOST_SEEDS} seeds, and nobody noticed that {name.replace('_', ' ')}")


def test_the_rebalances_in_which_one_is_looked_for_harm_nobody_without_it() -> None:
    assert [failure(rebalancing(seed)) for seed in range(1, 61)] == [None] * 60


def test_there_are_at_least_twelve_of_them() -> None:
    assert len(BUGS) >= 12
