"""Policies: a change in mid-stream by a rolling restart, and a worker that was left behind."""

from __future__ import annotations

from operate.exits import Exit
from tests.live_faults.faults.fault import Fault, Struck
from tests.live_faults.policies import policy_in
from tests.live_faults.world import PARTITIONS, World


def _change(world: World) -> Struck:
    file = world.next_policy()
    world.workers.policies.append(file)
    policy = policy_in(file)
    world.workers.accept = True
    for worker in world.dice.sample(world.workers.all, len(world.workers.all)):
        worker.end()
        world.workers.start(worker)
    progress = world.watch.progress

    def in_force() -> bool:
        last = [progress.last(number) for number in range(PARTITIONS)]
        return all(one is not None and one.policy == policy.digest for one in last)

    world.until(f"version {policy.version} is in force everywhere", in_force)
    world.workers.accept = False
    return Struck(f"version {policy.version} put in force, worker by worker")


def _older(world: World) -> Struck:
    """It must refuse to start, whether or not it is told to accept; then it is put right."""
    worker = world.dice.choice(world.workers.all)
    if world.dice.random() < 0.5:
        worker.end()
    else:
        worker.kill()
    older = [world.oldest_policy, *world.workers.policies[:-1]][-1]
    worker.run(older, accept=world.dice.random() < 0.5)
    worker.told_to_end = True
    code = worker.await_end(60)
    if code != Exit.REFUSED:
        raise AssertionError(f"a worker with an older policy was not refused: {worker.last_words}")
    world.workers.start(worker)
    return Struck(f"{worker.worker_id} with {older.stem} was refused")


FAULTS = [
    Fault("policy change", _change),
    Fault("worker with an older policy", _older),
]
