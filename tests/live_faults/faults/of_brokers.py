"""What happens to brokers: kill -9 of one that matters, and its return."""

from __future__ import annotations

import time
from collections.abc import Callable

from tests.live_faults.cluster import Cluster
from tests.live_faults.faults.fault import Fault, Struck
from tests.live_faults.world import PARTITIONS, World


def _killing(role: str, find: Callable[[World], int]) -> Callable[[World], Struck]:
    def strike(world: World) -> Struck:
        number = find(world)
        cluster: Cluster = world.cluster
        begin = time.time()
        cluster.nodes[number].kill()
        # A second one may go only when this one is back: two of three replicas are needed.
        world.until(
            "every partition moves with two brokers",
            lambda: world.moves(begin),
        )
        seconds = world.watch.progress.standstill(begin, time.time(), range(PARTITIONS))
        time.sleep(world.dice.uniform(0, 2))
        cluster.revive(number)
        return Struck(f"broker {number}, {role}", seconds)

    return strike


def _leader(world: World) -> int:
    topic = world.dice.choice([*world.settings.topics, world.settings.journal_topic])
    return world.cluster.leader_of(topic, world.dice.randrange(PARTITIONS))


def _coordinator(world: World) -> int:
    owner = world.dice.choice(world.workers.all).worker_id
    return world.cluster.coordinator_of(f"{world.settings.group}-{owner}")


FAULTS = [
    Fault("broker kill -9: a leader", _killing("a partition's leader", _leader)),
    Fault("broker kill -9: coordinator", _killing("a transaction's coordinator", _coordinator)),
    Fault(
        "broker kill -9: controller",
        _killing("the controller", lambda world: world.cluster.controller()),
    ),
]
