"""What happens to Redis: a power cut, a failover, a full disk."""

from __future__ import annotations

from tests.live_faults.faults.fault import Fault, Struck
from tests.live_faults.world import World


def _kill(world: World) -> Struck:
    return Struck(world.redis.kill(world.dice))


def _fail_over(world: World) -> Struck:
    return Struck(world.redis.fail_over(world.dice))


def _fill(world: World) -> Struck:
    return Struck(world.redis.fill_disk(world.dice))


FAULTS = [
    Fault("Redis kill -9, AOF everysec", _kill, weight=2),
    Fault("Redis failover to the replica", _fail_over, weight=2),
    Fault("Redis disk full", _fill),
]
