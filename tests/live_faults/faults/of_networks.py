"""What happens between the workers and their servers: answers lost, connections that stall."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from tests.live_faults.faults.fault import Fault, Struck
from tests.live_faults.proxy import Route
from tests.live_faults.world import World

_Routes = Callable[[World], Sequence[Route]]


def _redis(world: World) -> Sequence[Route]:
    return [world.redis.route]


def _kafka(world: World) -> Sequence[Route]:
    """All brokers, or one."""
    routes = [node.route for node in world.cluster.nodes.values()]
    return world.dice.choice([routes, [world.dice.choice(routes)]])


def _dropping(routes_of: _Routes) -> Callable[[World], Struck]:
    def strike(world: World) -> Struck:
        routes = routes_of(world)
        for route in routes:
            route.drop()
        return _over(world, routes, "answers dropped")

    return strike


def _stalling(routes_of: _Routes) -> Callable[[World], Struck]:
    def strike(world: World) -> Struck:
        routes = routes_of(world)
        for route in routes:
            route.stall()
        return _over(world, routes, "stalled")

    return strike


def _cutting(routes_of: _Routes) -> Callable[[World], Struck]:
    def strike(world: World) -> Struck:
        routes = routes_of(world)
        times = world.dice.randint(1, 8)
        for _ in range(times):
            for route in routes:
                route.cut()
            time.sleep(world.dice.uniform(0.01, 0.5))
        return Struck(f"{len(routes)} address(es) cut {times} times")

    return strike


def _over(world: World, routes: Sequence[Route], what: str) -> Struck:
    seconds = world.dice.choice([world.dice.uniform(0.2, 2), world.dice.uniform(2, 9)])
    try:
        time.sleep(seconds)
    finally:
        for route in routes:
            route.flow()
    return Struck(f"{len(routes)} address(es) {what} for {seconds:.1f} s")


FAULTS = [
    Fault("Redis answers dropped", _dropping(_redis)),
    Fault("Redis connection stalled", _stalling(_redis)),
    Fault("Redis connections cut", _cutting(_redis)),
    Fault("Kafka answers dropped", _dropping(_kafka)),
    Fault("Kafka connection stalled", _stalling(_kafka)),
    Fault("Kafka connections cut", _cutting(_kafka)),
]
