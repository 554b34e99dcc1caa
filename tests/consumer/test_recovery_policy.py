"""Another policy, accepted: everybody is recomputed under it once, whatever crashes meanwhile."""

from __future__ import annotations

import pytest

from statemachine.fold import sweep
from statemachine.policy import Policy
from store.memory_keeper import MemoryKeeper
from tests.consumer.days import LAST, Bank, Crash, failing
from tests.statemachine.builders import policy

CALMER = policy(
    version=2,
    **{
        "rules.complaint": None,
        "rules.silence.after": "60 days",
        "stream.allowed_lateness": "24 hours",
    },
)


def five_days_then(another: Policy) -> Bank:
    """A bank with two pages of customers, whose worker gets another policy."""
    bank = Bank(customers=2_000)
    bank.live(1, 5)
    bank.rig.policy = another
    bank.rig.log.policies[another.digest] = another.canonical()
    return bank


@pytest.mark.parametrize("day", [3, 5])
def test_an_accepted_policy_is_applied_to_everybody_once(day: int) -> None:
    """Missing batches are executed first, under the policy that decided them."""
    bank = five_days_then(CALMER)
    record, states, _ = bank.remembered()
    assert record is not None
    decided = [
        sweep(CALMER, name, states[name], record.clock or 0, mode="policy")
        for name in sorted(states)
    ]
    said = len(bank.rig.log.published)
    bank.keep(bank.kept[day])
    assert bank.restart(accept_policy=True) == [("re-executed", 2) if day == 3 else ("went on", 0)]
    bank.rig.drain()
    record, after, timers = bank.remembered()
    assert record is not None
    assert (record.policy_digest, record.recompute_page) == (CALMER.digest, None)
    assert after == dict(zip(sorted(states), (one.customer for one in decided), strict=True))
    assert timers == {name: one.timer for name, one in after.items() if one.timer is not None}
    outputs = [one.model_dump_json(by_alias=True) for each in decided for one in each.outputs]
    told = [one for one in bank.rig.log.published[said:] if one.topic == "tenure.stage-changes"]
    assert [(one.value or b"").decode() for one in told] == outputs
    assert len(outputs) == 1
    pages = [(one.mode, one.recomputed_page) for one in bank.rig.log.journals[0][5:]]
    assert pages == [("policy", 0), ("policy", 1)]
    assert bank.restart() == [("went on", 0)]


@pytest.mark.parametrize("written", [0, 1])
def test_a_crash_while_a_policy_takes_effect_is_gone_on_from(
    monkeypatch: pytest.MonkeyPatch, written: int
) -> None:
    """With so many pages written, the next one committed; the word need not be given again."""
    calm, bank = five_days_then(CALMER), five_days_then(CALMER)
    calm.restart(accept_policy=True)
    calm.rig.drain()
    bank.start(accept_policy=True)
    with monkeypatch.context() as dying:
        write = failing(bank.rig.keeper.write, Crash(), after=written)
        dying.setattr(bank.rig.keeper, "write", write)
        with pytest.raises(Crash):
            bank.rig.drain()
    assert bank.restart() == [("re-executed", 1)]
    bank.rig.drain()
    bank.live(6, LAST)
    calm.live(6, LAST)
    assert bank.rig.log.published == calm.rig.log.published
    assert bank.remembered()[1:] == calm.remembered()[1:]


def test_a_lost_store_is_made_again_under_each_policy_of_the_past() -> None:
    bank = five_days_then(CALMER)
    bank.restart(accept_policy=True)
    bank.rig.drain()
    bank.live(6, LAST)
    said, remembered = bank.said(), bank.remembered()
    bank.keep(MemoryKeeper(expected_customers=2_000))
    assert bank.restart() == [("re-executed", LAST + 2)]
    assert (bank.said(), bank.remembered()) == (said, remembered)
