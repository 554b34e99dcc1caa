"""Another store: one that was lost gives way to an empty one; two in use are told apart.

Recovery is the real worker's, on a broker and stores in memory.
"""

from __future__ import annotations

from typing import Any

import pytest

from consumer.refusals import RefusedToStart
from store.memory_keeper import MemoryKeeper
from store.port import Unavailable
from tests.consumer.days import LAST, Bank, Crash, failing, undisturbed
from tests.laws.rig import Silent


class Heard(Silent):
    """Keeps the warnings."""

    def __init__(self) -> None:
        self.warned: list[dict[str, Any]] = []

    def warning(self, event: str, **fields: object) -> None:
        self.warned.append({"event": event, **fields})


def empty() -> MemoryKeeper:
    return MemoryKeeper(expected_customers=1)


def started(bank: Bank, name: str = "w1", **options: Any) -> Heard:
    """A worker that has not done a step; what it will warn of."""
    heard = Heard()
    bank.rig.options = options
    bank.rig.start(name).ports.reporter._log = heard
    return heard


def name_of(bank: Bank) -> str:
    """What the store calls the life of the first partition."""
    return bank.rig.keeper.take(0, "somebody").store


def another_store_goes_on(bank: Bank, first: int, last: int) -> str:
    """The store is out of reach, an empty one takes its place for some days; its name."""
    before = bank.rig.keeper
    bank.keep(empty())
    bank.restart()
    bank.live(first, last)
    other = name_of(bank)
    bank.keep(before)
    return other


def test_an_empty_store_takes_the_place_of_the_lost_one_and_says_so_once() -> None:
    bank = Bank()
    bank.live(1, 5)
    lost = name_of(bank)
    bank.keep(empty())
    heard = started(bank)
    bank.worker.step(0.0)
    (warning,) = heard.warned
    assert warning["event"] == "store adopted"
    assert (warning["store"], warning["instead_of"]) == (name_of(bank), lost)
    assert "a second deployment runs under this name" in warning["means"]
    bank.restart()
    bank.live(6, LAST)
    bank.assert_undisturbed()
    assert {record.store for record in bank.rig.log.journals[0]} == {lost, name_of(bank)}


def test_an_adoption_that_was_cut_short_is_gone_on_with_unasked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bank = Bank()
    bank.live(1, 5)
    bank.keep(empty())
    started(bank)
    with monkeypatch.context() as dying:
        dying.setattr(bank.rig.keeper, "write", failing(bank.rig.keeper.write, Crash(), after=2))
        with pytest.raises(Crash):
            bank.worker.step(0.0)
    heard = started(bank)
    bank.worker.step(0.0)
    assert heard.warned == []
    assert bank.remembered() == bank.remembered_on(5)
    bank.live(6, LAST)
    bank.assert_undisturbed()


def test_a_failover_that_loses_writes_is_no_other_store() -> None:
    bank = Bank()
    bank.live(1, 5)
    bank.keep(bank.kept[2])
    heard = started(bank)
    bank.worker.step(0.0)
    assert heard.warned == []
    assert bank.remembered() == bank.remembered_on(5)


def test_a_store_after_which_another_one_went_on_is_refused_until_it_is_accepted() -> None:
    """Both were in use: somebody must say which is to be."""
    bank = Bank()
    bank.live(1, 3)
    ours = name_of(bank)
    other = another_store_goes_on(bank, 4, 5)
    for _ in range(2):
        started(bank)
        with pytest.raises(RefusedToStart) as refused:
            bank.worker.step(0.0)
        told = str(refused.value)
        assert f"batch 4 was remembered by another store ('{other}', by worker 'w1')" in told
        assert f"('{ours}')" in told
        assert "two Redis servers serve deployment 'live'" in told
        for choice in ("--accept-store", "TENURE_DEPLOYMENT of their own", "TENURE_REDIS_URL"):
            assert choice in told
        assert bank.remembered() == bank.remembered_on(3)
    heard = started(bank, accept_store=True)
    bank.worker.step(0.0)
    assert [warning["event"] for warning in heard.warned] == ["store adopted"]
    assert bank.remembered() == bank.remembered_on(5)
    bank.restart()
    bank.live(6, LAST)
    bank.assert_undisturbed()


def test_a_store_accepted_and_cut_short_needs_no_second_word(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bank = Bank()
    bank.live(1, 2)
    another_store_goes_on(bank, 3, 5)
    started(bank, accept_store=True)
    with monkeypatch.context() as dying:
        dying.setattr(bank.rig.keeper, "write", failing(bank.rig.keeper.write, Crash(), after=1))
        with pytest.raises(Crash):
            bank.worker.step(0.0)
    assert bank.restart() == [("re-executed", 2)]
    bank.live(6, LAST)
    bank.assert_undisturbed()


def test_a_word_for_one_time_is_not_one_for_the_next() -> None:
    bank = Bank()
    bank.live(1, 2)
    other = another_store_goes_on(bank, 3, 3)
    bank.restart(accept_store=True)
    bank.live(4, 4)
    assert another_store_goes_on(bank, 5, 5) != other
    started(bank)
    with pytest.raises(RefusedToStart, match="batch 5 was remembered by another store"):
        bank.worker.step(0.0)


def test_a_journal_from_before_names_were_told_is_taken_as_it_is() -> None:
    bank = Bank()
    bank.live(1, 5)
    journal = bank.rig.log.journals[0]
    journal[:] = [record.model_copy(update={"store": None}) for record in journal]
    bank.keep(empty())
    heard = started(bank)
    bank.worker.step(0.0)
    assert heard.warned == []
    assert bank.remembered() == bank.remembered_on(5)


def stranger(bank: Bank) -> tuple[Heard, MemoryKeeper]:
    """A worker w2 joins the group of w1, with a Redis of its own; w1 goes on with its share."""
    own, theirs = empty(), bank.rig.keeper
    bank.rig.keeper = own
    heard = started(bank, "w2")
    bank.rig.keeper = theirs
    bank.worker.step(0.0)
    return heard, own


def test_a_second_deployment_waits_and_is_refused_before_it_does_anything() -> None:
    bank = Bank(partitions=2)
    bank.live(1, 5)
    said = bank.said()
    _, own = stranger(bank)
    joined = bank.rig.workers.pop("w2")
    for _ in range(3):
        with pytest.raises(Unavailable) as waits:
            joined.step(0.0)
        assert "this one is empty: waiting up to 30 s for whoever has partition 0" in str(
            waits.value
        )
        joined.distrust()
        bank.rig.clock.now += 10
    bank.rig.clock.now += 1
    with pytest.raises(RefusedToStart) as refused:
        joined.step(0.0)
    for choice in ("TENURE_REDIS_URL", "TENURE_DEPLOYMENT of its own", "stop the others first"):
        assert choice in str(refused.value)
    assert "whoever has partition 0 is not seen in it" in str(refused.value)
    assert (bank.said(), own.look(1)[1]) == (said, None)
    bank.rig.log.leave("w2")
    bank.live(6, LAST)
    bank.assert_undisturbed()


def test_workers_that_lost_their_store_together_find_each_other_in_the_new_one() -> None:
    """Whoever is the first waits for the other, who has to notice first."""
    bank = Bank(partitions=2)
    bank.live(1, 5)
    second = started(bank, "w2")
    bank.rig.drain()
    bank.rig.keeper.forget(range(2))
    bank.rig.clock.now += 1.5
    assert bank.worker.step(0.0)  # what it left is not there: a doubt
    with pytest.raises(Unavailable, match="whoever has partition 1 to come"):
        bank.worker.step(0.0)
    bank.worker.distrust()
    bank.rig.workers["w2"].step(0.0)
    bank.rig.workers["w2"].step(0.0)
    bank.live(6, LAST)
    assert "store adopted" in [warning["event"] for warning in second.warned]
    calm = undisturbed(2).rig
    assert bank.rig.said() == calm.said()
    assert bank.rig.states() == calm.states()


def test_a_journal_of_another_deployment_is_told_by_name() -> None:
    """Its group is another, so that there are no committed offsets either."""
    bank = Bank()
    bank.live(1, 3)
    bank.rig.log.committed.clear()
    bank.keep(empty())
    started(bank, deployment="pilot", journal_topic="tenure.journal")
    with pytest.raises(RefusedToStart) as refused:
        bank.worker.step(0.0)
    assert "is the journal of deployment 'live', and this worker is of 'pilot'" in str(
        refused.value
    )
