"""A rebalance storm: members that join, take partitions and leave again, every second."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from kafka import KafkaConsumer
from kafka.admin import MemberToRemove
from kafka.coordinator.assignors.range import RangePartitionAssignor
from kafka.errors import KafkaError

from tests.live_faults.faults.fault import Fault, Struck
from tests.live_faults.world import SESSION_SECONDS, World


def _storm(world: World) -> Struck:
    joined = 0
    end = time.monotonic() + world.dice.uniform(5, 9)
    while time.monotonic() < end:
        joined += 1
        with _member(world, f"passer-by-{joined}") as member:
            until = time.monotonic() + world.dice.uniform(0.3, 1.5)
            while time.monotonic() < until:
                with suppress(KafkaError):
                    member.poll(timeout_ms=100, max_records=1)
        world.workers.tend()
    return Struck(f"{joined} members came and went")


@contextmanager
def _member(world: World, name: str) -> Iterator[Any]:
    """A member of the workers' group, static as they are, that does nothing with what it gets."""
    member = KafkaConsumer(
        *world.settings.topics,
        bootstrap_servers=world.cluster.bootstrap.split(","),
        group_id=world.settings.group,
        group_instance_id=name,
        client_id=name,
        partition_assignment_strategy=[RangePartitionAssignor],
        isolation_level="read_committed",
        enable_auto_commit=False,
        session_timeout_ms=SESSION_SECONDS * 1000,
        metrics_enabled=False,
    )
    try:
        yield member
    finally:
        member.close(autocommit=False)
        with world.cluster.admin() as admin:
            admin.remove_group_members(
                world.settings.group, [MemberToRemove(group_instance_id=name)]
            )


FAULTS = [Fault("rebalance storm", _storm)]
