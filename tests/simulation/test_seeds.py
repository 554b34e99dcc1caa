"""The simulation finds nothing, and it is the same each time; `make simulate-faults` runs more."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.simulation.run import failure, run, seed_failure, smaller
from tests.simulation.scenario import KINDS, scenario, two_deployments
from tests.simulation.world import World

SEEDS = range(1_000_001, 1_000_301)


@pytest.mark.timeout(300)
def test_three_hundred_seeds_lose_double_and_reorder_nothing() -> None:
    met: Counter[str] = Counter()
    batches = 0
    for seed in SEEDS:
        world = run(scenario(seed))
        met.update(world.met)
        batches += sum(len(world.journal(n)) for n in range(world.scenario.partitions))
    assert set(KINDS) <= set(met), "every kind of fault struck"
    assert batches > 5_000


def test_two_stores_under_one_deployment_are_told_apart_and_lose_and_double_nothing() -> None:
    """Whoever refused, an operator stopped the second deployment and accepted the first's store."""
    refused: Counter[str] = Counter()
    for seed in SEEDS[:60]:
        world = run(two_deployments(seed))
        refused.update({one[0] for one in world.met if one.endswith(": RefusedToStart")})
    assert refused["w"] > 5, "the first one, of batches of the second"
    assert refused["x"] > 0, "the second one, of batches of the first"


def test_a_seed_runs_the_same_each_time() -> None:
    def trace(seed: int) -> tuple[object, ...]:
        world = World(scenario(seed))
        world.run()
        logs = {place: [e.value for e in log.entries] for place, log in world.cluster.logs.items()}
        return world.effects, world.now, world.met, logs

    for seed in (53, 185, 1281):
        assert trace(seed) == trace(seed)


def test_what_fails_is_made_smaller_and_fails_still(monkeypatch: pytest.MonkeyPatch) -> None:
    """A bug that one event brings about leaves that event, and no fault."""

    def never(*_: object) -> None:
        raise AssertionError("planted")

    monkeypatch.setattr("consumer.execute._Share.control", never)
    number, wrong = seed_failure(7)
    assert (number, wrong) == (7, "AssertionError: planted")
    small = smaller(scenario(7))
    assert failure(small) == wrong
    assert small.faults == ()
    assert len(small.log) == 1
