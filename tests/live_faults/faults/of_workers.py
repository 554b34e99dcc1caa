"""What happens to workers: killed, killed and back at once, frozen and waking up late."""

from __future__ import annotations

import time

from tests.live_faults.faults.fault import Fault, Struck
from tests.live_faults.workers import WorkerServer
from tests.live_faults.world import POLL_SECONDS, SESSION_SECONDS, World


def _owner(world: World) -> tuple[WorkerServer, list[int]]:
    """A worker that owns partitions, and which."""
    progress = world.watch.progress
    owners = [one for one in world.workers.all if progress.owned_by(one.worker_id)]
    worker = world.dice.choice(owners)
    return worker, progress.owned_by(worker.worker_id)


def _moved_without(world: World, worker: WorkerServer, owned: list[int], since: float) -> float:
    """Wait until others move what was its own; how many seconds after `since` they all did."""
    progress = world.watch.progress
    world.until(
        f"the partitions of {worker.worker_id} move without it",
        lambda: progress.goes_on(since, owned, without=worker.worker_id, batches=1),
    )
    firsts = [
        next(one for one in progress.since(number, since) if one.worker != worker.worker_id)
        for number in owned
    ]
    return max(first.seen for first in firsts) - since


def kill(world: World) -> Struck:
    """SIGKILL: the others take over once its session is over; then it comes back."""
    worker, owned = _owner(world)
    begin = time.time()
    worker.kill()
    seconds = _moved_without(world, worker, owned, begin)
    world.workers.start(worker)
    return Struck(f"{worker.worker_id}, which owned {owned}", seconds)


def kill_and_restart(world: World) -> Struck:
    """SIGKILL, and an orchestrator that starts it again at once."""
    worker, owned = _owner(world)
    worker.kill()
    world.workers.start(worker)
    return Struck(f"{worker.worker_id}, which owned {owned}")


def freeze_beyond_session(world: World) -> Struck:
    """SIGSTOP, perhaps in the midst of a transaction; it wakes up after others took over."""
    return _freeze(world, SESSION_SECONDS)


def freeze_beyond_poll(world: World) -> Struck:
    """SIGSTOP until the client has not polled for too long as well, and leaves by itself."""
    return _freeze(world, POLL_SECONDS)


def _freeze(world: World, least: float) -> Struck:
    worker, owned = _owner(world)
    begin = time.time()
    worker.freeze()
    try:
        seconds = _moved_without(world, worker, owned, begin)
        time.sleep(max(0.0, least + world.dice.uniform(1, 5) - (time.time() - begin)))
    finally:
        worker.thaw()
    awake = time.time()
    world.until(
        "the one that woke up has partitions again, or the other has all",
        lambda: world.moves(awake),
    )
    return Struck(f"{worker.worker_id}, which owned {owned}, for {awake - begin:.1f} s", seconds)


FAULTS = [
    Fault("worker SIGKILL", kill, weight=4, after_session=True),
    Fault("worker SIGKILL, restarted at once", kill_and_restart, weight=2),
    Fault("worker SIGSTOP beyond its session", freeze_beyond_session, weight=2, after_session=True),
    Fault("worker SIGSTOP beyond max.poll", freeze_beyond_poll, after_session=True),
]
