"""On assignment: each row of the table in consumer/recovery.py, on the real worker.

K is what Kafka committed, R what the store remembers. A bank lives five days, something happens
to its store, its Kafka or its release, and the worker starts again.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from consumer.ports import InDoubt
from store.memory_keeper import MemoryKeeper
from store.port import Unavailable
from tests.consumer.days import LAST, Bank, Crash, begins_at, failing
from tests.laws.logs import BEGIN, DAY
from tests.laws.rig import ACCOUNTS, TRANSACTIONS

Situation = Callable[[Bank], None]
EMPTY = MemoryKeeper(expected_customers=1)


def test_without_committed_offsets_and_store_the_worker_starts_at_the_beginning() -> None:
    bank = Bank()
    for day in (1, 2, 3):
        bank.tell(day)
    assert bank.restart() == [("began", 0)]
    bank.rig.drain()
    assert bank.rig.log.journals[0][0].from_offsets == {ACCOUNTS: 0, TRANSACTIONS: 0}
    assert bank.rig.log.committed[0].offsets == {ACCOUNTS: 4, TRANSACTIONS: 6}


def test_the_beginning_is_where_the_topics_still_begin(monkeypatch: pytest.MonkeyPatch) -> None:
    bank = Bank()
    for day in (1, 2, 3):
        bank.tell(day)
    begins_at(monkeypatch, {ACCOUNTS: 2, TRANSACTIONS: 6})
    assert bank.restart() == [("began", 0)]
    bank.rig.drain()
    assert bank.rig.log.journals[0][0].from_offsets == {ACCOUNTS: 2, TRANSACTIONS: 6}
    assert {record.key for record in bank.rig.log.published} == {b"chen", b"dora"}


@pytest.mark.parametrize("day", range(LAST + 1))
def test_a_store_set_back_to_any_batch_is_brought_up_again_and_nothing_is_said(day: int) -> None:
    """R = K, R behind K by one and by several batches; on day 0 K but no R."""
    bank = Bank()
    bank.live(1, LAST)
    before = bank.said()
    bank.keep(bank.kept[day])
    behind = LAST - day
    assert bank.restart() == [("re-executed", behind) if behind else ("went on", 0)]
    assert bank.said() == before
    assert bank.remembered() == bank.remembered_on(LAST)
    bank.assert_undisturbed()


GOES_ON: list[tuple[str, Situation, tuple[str, int]]] = [
    ("R = K", lambda bank: None, ("went on", 0)),
    ("R one behind K", lambda bank: bank.keep(bank.kept[4]), ("re-executed", 1)),
    ("R four behind K", lambda bank: bank.keep(bank.kept[1]), ("re-executed", 4)),
    ("K but no R", lambda bank: bank.keep(EMPTY), ("re-executed", 5)),
    ("R but no K, R the tail", lambda bank: bank.rig.log.committed.clear(), ("went on", 0)),
]


@pytest.mark.parametrize(
    "situation,how", [row[1:] for row in GOES_ON], ids=[row[0] for row in GOES_ON]
)
def test_days_after_a_recovery_are_as_if_nothing_had_happened(
    situation: Situation, how: tuple[str, int]
) -> None:
    bank = Bank()
    bank.live(1, 5)
    before = bank.said()[0]
    situation(bank)
    assert bank.restart() == [how]
    assert bank.said()[0] == before
    bank.live(6, LAST)
    bank.assert_undisturbed()


def test_a_crash_before_the_commit_leaves_the_batch_to_be_made(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bank = Bank()
    bank.live(1, 5)
    bank.tell(6)
    publisher = bank.worker.ports.publisher
    monkeypatch.setattr(publisher, "commit", failing(publisher.commit, Crash()))
    with pytest.raises(Crash):
        bank.rig.drain()
    assert bank.restart() == [("went on", 0)]
    bank.rig.drain()
    bank.live(7, LAST)
    bank.assert_undisturbed()


def test_a_crash_between_commit_and_write_is_healed_without_publishing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bank = Bank()
    bank.live(1, 5)
    bank.tell(6)
    with monkeypatch.context() as dying:
        dying.setattr(bank.rig.keeper, "write", failing(bank.rig.keeper.write, Crash()))
        with pytest.raises(Crash):
            bank.rig.drain()
    said = bank.said()
    assert bank.remembered() == bank.remembered_on(5)
    assert bank.restart() == [("re-executed", 1)]
    assert bank.said() == said
    bank.live(7, LAST)
    bank.assert_undisturbed()


def test_of_two_partitions_only_the_one_not_written_is_executed_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bank = Bank(partitions=2)
    bank.live(1, 5)
    bank.tell(6)
    with monkeypatch.context() as dying:
        dying.setattr(bank.rig.keeper, "write", failing(bank.rig.keeper.write, Crash(), after=1))
        with pytest.raises(Crash):
            bank.rig.drain()
    assert bank.restart() == [("went on", 0), ("re-executed", 1)]
    bank.live(7, LAST)
    bank.assert_undisturbed()


def test_a_crash_in_the_middle_of_a_recovery_is_gone_on_from(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bank = Bank()
    bank.live(1, 5)
    bank.keep(bank.kept[1])
    for batches, fail in ((2, Crash()), (1, Unavailable())):
        bank.start()
        with monkeypatch.context() as dying:
            write = failing(bank.rig.keeper.write, fail, after=batches)
            dying.setattr(bank.rig.keeper, "write", write)
            with pytest.raises(type(fail)):
                bank.worker.step(0.0)
    assert bank.restart() == [("re-executed", 1)]
    bank.live(6, LAST)
    bank.assert_undisturbed()


def test_a_commit_of_unknown_outcome_is_looked_up_and_not_made_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It had been made, and the worker lives on; without a restart."""
    bank = Bank()
    bank.live(1, 5)
    bank.tell(6)
    publisher = bank.worker.ports.publisher
    commit, reported = publisher.commit, [InDoubt("the connection was lost")]

    def commits(*given: Any) -> Any:
        offsets = commit(*given)
        if reported:
            raise reported.pop()
        return offsets

    monkeypatch.setattr(publisher, "commit", commits)
    bank.rig.drain()
    bank.live(7, LAST)
    bank.assert_undisturbed()


def held() -> Bank:
    """A bank of two days whose accounts' feed has gone bad."""
    bank = Bank()
    bank.live(1, 2)
    for number in range(150):
        bank.rig.log.append(ACCOUNTS, 0, b"anna", b"no event", BEGIN + 3 * DAY + number)
    for _ in range(4):
        bank.rig.clock.now += 1.5
        bank.worker.step(0.0)
    assert bank.is_held()
    return bank


def test_a_held_partition_is_held_again_and_an_operators_word_counts_again() -> None:
    bank = held()
    remembered = bank.remembered()
    bank.keep(EMPTY)
    assert bank.restart() == [("re-executed", 3)]
    assert bank.is_held()
    assert bank.remembered() == remembered
    bank.rig.keeper.accept_bad(0)
    bank.rig.drain()
    assert not bank.is_held()
    said, remembered = bank.said(), bank.remembered()
    bank.keep(EMPTY)
    assert bank.restart() == [("re-executed", len(bank.rig.log.journals[0]))]
    assert (bank.said(), bank.remembered()) == (said, remembered)


def test_an_operators_word_that_was_committed_and_not_written_is_taken_back_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It is for this time, and does not lie in the store for the next."""
    bank = held()
    bank.rig.keeper.accept_bad(0)
    with monkeypatch.context() as dying:
        dying.setattr(bank.rig.keeper, "write", failing(bank.rig.keeper.write, Crash()))
        with pytest.raises(Crash):
            bank.rig.drain()
    assert bank.restart() == [("re-executed", 1)]
    partition = bank.worker.partitions[0]
    assert not partition.hold.held
    loaded = bank.rig.keeper.load(0, partition.token, partition.at, [], None, 1)
    assert not loaded.accepted_bad
