"""A partition held and let go on, executed again on a store made anew: it decides the same."""

from __future__ import annotations

from store.memory_keeper import MemoryKeeper
from tests.laws.logs import BEGIN, DAY
from tests.laws.rig import ACCOUNTS, Rig, told
from tests.statemachine.builders import policy

OPENED = {"type": "account.opened", "product_type": "current_account"}
NAMES = ("anna", "boris", "chen")


def test_letting_a_partition_go_on_in_the_midst_of_a_sweep_is_executed_again_the_same() -> None:
    """The sweep is cut after the first of three who are due, and the feed has gone bad."""
    rig = Rig(policy(), sweep_customers=1, batch_records=1_000)
    for number, name in enumerate(NAMES):
        rig.feed(told(OPENED, number, name, BEGIN), BEGIN)
    late = BEGIN + 400 * DAY
    rig.feed(told({"type": "customer.interacted", "kind": "login"}, 9, "dora", late), late)
    for _ in range(100):
        rig.log.append(ACCOUNTS, 0, b"emil", b"no event", late)
    worker = rig.start()
    worker.step(0.0)
    worker.step(0.0)
    assert worker.owned.held
    rig.keeper.accept_bad(0)
    rig.drain()
    assert set(rig.said()) == set(NAMES)
    before = rig.said(), rig.states()
    rig.keeper = MemoryKeeper()
    rig.start()
    rig.drain()
    assert (rig.said(), rig.states()) == before
