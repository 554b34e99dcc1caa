"""Recovery refused: where Kafka, the store and this release do not fit together, nothing moves.

K is what Kafka committed, R what the store remembers. Each message names what was found and the
choices there are; a refusal says nothing and changes nobody.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from consumer.refusals import RefusedToStart
from statemachine.policy import Policy
from store.memory_keeper import MemoryKeeper
from tests.consumer.days import POLICY, Bank, begins_at
from tests.laws.rig import ACCOUNTS, TRANSACTIONS
from tests.statemachine.builders import policy

Situation = Callable[[Bank], None]
NEWER = policy(version=2, **{"rules.silence.after": "60 days"})


def assert_refused(bank: Bank, *words: str, **options: Any) -> None:
    """At every start, in words that name the choices; nothing is said, nobody changes."""
    before = bank.said(), bank.remembered()
    for _ in range(2):
        bank.start(**options)
        with pytest.raises(RefusedToStart) as refused:
            bank.worker.step(0.0)
        assert [word for word in words if word not in str(refused.value)] == []
        assert (bank.said(), bank.remembered()) == before


def lost(bank: Bank) -> None:
    bank.keep(MemoryKeeper(expected_customers=1))


def journal_cut(bank: Bank) -> None:
    lost(bank)
    del bank.rig.log.journals[0][:2]


def other_nonce(bank: Bank) -> None:
    tail = bank.rig.log.journals[0].pop()
    bank.rig.log.journals[0].append(tail.model_copy(update={"nonce": "another"}))


def other_attempt(bank: Bank) -> None:
    bank.rig.log.committed[0] = replace(bank.rig.log.committed[0], nonce="another")


def journal_shorter(bank: Bank) -> None:
    """Than K, which the store does not know either."""
    bank.keep(bank.kept[4])
    bank.rig.log.journals[0].pop()


def kafka_set_back(bank: Bank) -> None:
    """All of it: the journal and the committed offsets."""
    bank.commit_is(3)
    del bank.rig.log.journals[0][3:]


def offsets_set_back(bank: Bank) -> None:
    """And the store from a backup of the same day."""
    bank.commit_is(3)
    bank.keep(bank.kept[3])


def no_offsets(bank: Bank) -> None:
    bank.rig.log.committed.clear()


def no_offsets_and_behind(bank: Bank) -> None:
    no_offsets(bank)
    bank.keep(bank.kept[4])


def nothing_but_the_journal(bank: Bank) -> None:
    no_offsets(bank)
    lost(bank)


def shorter(bank: Bank) -> None:
    bank.rig.log.inputs[TRANSACTIONS, 0].pop()


REFUSED: list[tuple[str, Situation, tuple[str, ...]]] = [
    ("K but no R, journal cut", journal_cut, ("the journal begins later", "restore the store")),
    ("R but no K, R behind", no_offsets_and_behind, ("no committed offsets", "batch 5")),
    ("the journal alone", nothing_but_the_journal, ("no committed offsets", "batch 1")),
    ("R ahead of K", lambda bank: bank.commit_is(4), ("batch 5, ahead of", "batch 4")),
    ("R ahead of Kafka", kafka_set_back, ("store's batch 5 is not in the journal", "restore")),
    ("R unknown to the journal", other_nonce, ("store's batch 5 is not in the", "restore")),
    ("K of another attempt", other_attempt, ("committed batch 5 is not in the", "restore")),
    ("K unknown to the journal", journal_shorter, ("committed batch 5 is not in the", "restore")),
    ("journal ahead of K", offsets_set_back, ("goes on with batch 4", "say twice")),
    ("inputs too short", shorter, ("more was consumed than there is", TRANSACTIONS)),
]


@pytest.mark.parametrize(
    "situation,words", [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED]
)
def test_what_does_not_fit_together_is_refused(
    situation: Situation, words: tuple[str, ...]
) -> None:
    bank = Bank()
    bank.live(1, 5)
    situation(bank)
    assert_refused(bank, "partition 0: ", "Choices: ", "TENURE_DEPLOYMENT", *words)


@pytest.mark.parametrize("day", [0, 1, 4])
def test_inputs_that_no_longer_reach_back_are_refused_naming_the_topic(
    monkeypatch: pytest.MonkeyPatch, day: int
) -> None:
    """The missing batches read them."""
    bank = Bank()
    bank.live(1, 5)
    bank.keep(bank.kept[day])
    needed = bank.rig.log.journals[0][day].from_offsets
    begins_at(monkeypatch, {ACCOUNTS: 0, TRANSACTIONS: needed[TRANSACTIONS] + 1})
    assert_refused(bank, "does not reach back", f"({TRANSACTIONS})", "backup that is newer")


@pytest.mark.parametrize("day", [3, 5])
def test_inputs_deleted_before_they_were_read_are_refused_saying_how_many(
    monkeypatch: pytest.MonkeyPatch, day: int
) -> None:
    """The store is at K, or is brought up to it; no newer backup of it would help."""
    bank = Bank()
    bank.live(1, 5)
    bank.keep(bank.kept[day])
    bank.restart()
    begins_at(monkeypatch, {ACCOUNTS: 0, TRANSACTIONS: 17})
    told = f"deleted before they were read ({TRANSACTIONS}: 3 from offset 14)"
    assert_refused(bank, told, "restore the topics", "begin anew", "retention.ms=-1")


def test_inputs_that_reach_back_just_far_enough_are_enough(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bank = Bank()
    bank.live(1, 5)
    bank.keep(bank.kept[2])
    begins_at(monkeypatch, dict(bank.rig.log.journals[0][2].from_offsets))
    assert bank.restart() == [("re-executed", 3)]
    assert bank.remembered() == bank.remembered_on(5)


@pytest.mark.parametrize("day", [3, 5])
def test_another_partition_count_than_the_stores_is_refused(day: int) -> None:
    bank = Bank()
    bank.live(1, 5)
    bank.keep(bank.kept[day])
    bank.rig.partitions = bank.rig.log.partitions = 2
    assert_refused(bank, "for 1 partitions", "have 2", "Go back to that number", "begin anew")


def test_another_partitioner_than_the_stores_is_refused() -> None:
    bank = Bank()
    bank.live(1, 5)
    words = ("by murmur2", "by crc32", "begin anew under another TENURE_DEPLOYMENT")
    assert_refused(bank, *words, partitioner="crc32")


def decided_by(fold_version: int, bank: Bank, day: int) -> None:
    """The batch of a day is another release's."""
    journal = bank.rig.log.journals[0]
    journal[day - 1] = journal[day - 1].model_copy(update={"fold_version": fold_version})


@pytest.mark.parametrize("fold_version", [0, 2])
def test_a_batch_decided_by_another_fold_version_is_not_executed_again(fold_version: int) -> None:
    bank = Bank()
    bank.live(1, 5)
    bank.keep(bank.kept[4])
    decided_by(fold_version, bank, 5)
    words = (f"batch 5 was decided by fold version {fold_version}", "start the release that wrote")
    assert_refused(bank, *words)


def test_another_fold_version_behind_the_store_does_not_matter() -> None:
    bank = Bank()
    bank.live(1, 5)
    decided_by(2, bank, 5)
    assert bank.restart() == [("went on", 0)]


# --- refusals met on the way -------------------------------------------------------


def no_longer_published(bank: Bank) -> None:
    """The policy of the fifth day."""
    journal = bank.rig.log.journals[0]
    journal[4] = journal[4].model_copy(update={"policy_digest": "gone"})


def journal_loses_its_tail(bank: Bank) -> None:
    bank.rig.log.journals[0].pop()


ON_THE_WAY: list[tuple[str, Situation, tuple[str, ...]]] = [
    ("journal ahead of K", lambda bank: bank.commit_is(4), ("goes on with batch 5", "Choices: ")),
    (
        "K unknown to the journal",
        journal_loses_its_tail,
        ("committed batch 5 is not in the journal", "Choices: "),
    ),
    ("another fold", lambda bank: decided_by(2, bank, 5), ("batch 5", "start the release")),
    ("a policy gone", no_longer_published, ("policy gone", "tenure.policies", "restore")),
]


@pytest.mark.parametrize(
    "situation,words", [row[1:] for row in ON_THE_WAY], ids=[row[0] for row in ON_THE_WAY]
)
def test_a_refusal_met_on_the_way_leaves_the_store_at_the_last_batch_beyond_doubt(
    situation: Situation, words: tuple[str, ...]
) -> None:
    """Batches 3 and 4 are executed again as they were, and then it is as if R were 4."""
    bank = Bank()
    bank.live(1, 5)
    bank.keep(bank.kept[2])
    situation(bank)
    said = bank.said()
    bank.start()
    with pytest.raises(RefusedToStart):
        bank.worker.step(0.0)
    assert bank.said() == said
    assert bank.remembered() == bank.remembered_on(4)
    assert_refused(bank, *words)


def test_a_batch_that_decides_otherwise_when_executed_again_is_a_bug_and_is_not_written() -> None:
    bank = Bank()
    bank.live(1, 5)
    bank.keep(bank.kept[4])
    journal = bank.rig.log.journals[0]
    journal[4] = journal[4].model_copy(update={"outputs_digest": "of another outcome"})
    said = bank.said()
    bank.start()
    with pytest.raises(AssertionError, match=r"batch 5: executed again, it decides\s+otherwise"):
        bank.worker.step(0.0)
    assert bank.said() == said
    assert bank.remembered() == bank.remembered_on(4)


# --- another policy ----------------------------------------------------------------


def under(bank: Bank, another: Policy) -> None:
    """From now on the worker is started with another policy, which is published."""
    bank.rig.policy = another
    bank.rig.log.policies[another.digest] = another.canonical()


@pytest.mark.parametrize("day", [4, 5])
def test_another_policy_needs_an_operators_word(day: int) -> None:
    """With R behind K the missing batch is executed first, under the policy that decided it."""
    bank = Bank()
    bank.live(1, 5)
    bank.keep(bank.kept[day])
    under(bank, NEWER)
    bank.start()
    with pytest.raises(RefusedToStart):
        bank.worker.step(0.0)
    assert bank.remembered() == bank.remembered_on(5)
    digests = (f"version 1 ({POLICY.digest})", f"version 2 ({NEWER.digest})")
    assert_refused(bank, *digests, "--accept-policy", "start with the policy file in force")


@pytest.mark.parametrize("version", [1, 2])
def test_a_policy_whose_version_is_not_higher_is_not_accepted(version: int) -> None:
    bank = Bank(policy=policy(version=2))
    bank.live(1, 5)
    under(bank, policy(version=version, **{"rules.silence.after": "60 days"}))
    words = ("runs policy version 2", "needs a higher version", f"has {version}")
    assert_refused(bank, *words, accept_policy=True)


@pytest.mark.parametrize("accept_policy", [True, False])
def test_nothing_follows_a_policy_that_is_no_longer_published(accept_policy: bool) -> None:
    bank = Bank()
    bank.live(1, 5)
    under(bank, NEWER)
    del bank.rig.log.policies[POLICY.digest]
    words = (POLICY.digest, "is not on tenure.policies", "restore that topic")
    assert_refused(bank, *words, accept_policy=accept_policy)
