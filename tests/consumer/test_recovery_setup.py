"""A worker set up otherwise than the one that made the batches: refused by name, or no matter.

What a batch's outcome depends on is in its journal record, so that a store made anew comes out
the same; where the set-up cannot be followed, the refusal says what to go back to.
"""

from __future__ import annotations

from typing import Any

import pytest

from consumer.settings import InputTopic
from store.memory_keeper import MemoryKeeper
from tests.consumer.days import POLICY, Bank
from tests.consumer.test_recovery_policy import CALMER, five_days_then
from tests.consumer.test_recovery_refused import assert_refused, lost
from tests.laws.rig import ACCOUNTS, TRANSACTIONS

NAMES = (ACCOUNTS, TRANSACTIONS)


def topics(*names: str) -> tuple[InputTopic, ...]:
    return tuple(InputTopic(name=name) for name in names)


def test_the_limit_of_a_value_counts_as_it_was_when_the_batch_was_made() -> None:
    bank = Bank()
    bank.restart(max_value_bytes=1_000)
    bank.tell(1)
    large = b'{"type": "account.opened"' + b" " * 2_000 + b"}"
    bank.rig.log.append(ACCOUNTS, 0, b"anna", large, 1_704_100_000_000)
    bank.rig.drain()
    before = bank.said(), bank.remembered()
    lost(bank)
    assert bank.restart(max_value_bytes=4_000) == [("re-executed", 1)]
    assert (bank.said(), bank.remembered()) == before


@pytest.mark.parametrize("store", ["there", "lost"])
@pytest.mark.parametrize(
    "named",
    [(*NAMES, "tenure.cards"), (ACCOUNTS,)],
    ids=["one topic more", "one topic less"],
)
def test_other_input_topics_than_before_are_refused(store: str, named: tuple[str, ...]) -> None:
    bank = Bank()
    bank.live(1, 3)
    if store == "lost":
        lost(bank)
    bank.rig.log.topics = named
    words = (f"was read from {', '.join(sorted(NAMES))}", "TENURE_INPUT_TOPICS", "begin anew")
    assert_refused(bank, *words, input_topics=topics(*named))


@pytest.mark.parametrize("changed", ["count", "partitioner"])
def test_a_store_that_is_lost_does_not_hide_another_layout(changed: str) -> None:
    bank = Bank()
    bank.live(1, 3)
    lost(bank)
    options: dict[str, Any] = {}
    if changed == "count":
        bank.rig.partitions = bank.rig.log.partitions = 2
    else:
        options = {"partitioner": "crc32"}
    assert_refused(bank, "the journal was written for 1 partitions by murmur2", **options)


def test_the_journal_of_another_deployment_is_refused() -> None:
    bank = Bank()
    bank.live(1, 3)
    lost(bank)
    own = {
        "journal_topic": "tenure.journal",
        "stage_changes_topic": "tenure.stage-changes",
    }
    words = ("the journal of deployment 'live'", "of 'other'", "topics of its own")
    assert_refused(bank, *words, deployment="other", **own)


def test_pages_of_a_recomputation_that_the_new_store_does_not_have_are_refused_by_name() -> None:
    bank = five_days_then(CALMER)
    bank.restart(accept_policy=True)
    bank.rig.drain()
    bank.rig.log.policies[POLICY.digest] = POLICY.canonical()
    bank.keep(MemoryKeeper(expected_customers=1))
    bank.start()
    words = ("one of 2 pages", "has 1", "TENURE_EXPECTED_CUSTOMERS_PER_PARTITION")
    with pytest.raises(Exception, match="recomputed") as refused:
        bank.worker.step(0.0)
    assert [word for word in words if word not in str(refused.value)] == []
