"""Three nodes of Apache Kafka, each broker and controller, as a small bank would run them.

Every broker listens twice: for the other brokers, the feed and the subscriber directly; and for
the workers under an address that is the proxy's.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from kafka import KafkaAdminClient
from kafka.errors import KafkaError

from operate.servers import ApacheKafka
from operate.servers.process import HOST, free_port
from tests.live_faults.proxy import Proxy, Route

NODES = 3
_JVM = ("-Xms256m", "-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xss512k")
"""Three of them and the workers share two processors: what starts fast is worth more than peak."""
_PATIENCE = 90.0


class Node(ApacheKafka):
    """One of several: it knows all controllers, and has a second listener behind the proxy."""

    start_seconds = 90

    def __init__(self, number: int, controllers: Sequence[int], folder: Path, proxy: Proxy) -> None:
        super().__init__(folder=folder, jvm=_JVM)
        self.number = number
        self._controllers = controllers
        self._proxied_port = free_port()
        self.route: Route = proxy.route(self._proxied_port)

    def _properties(self) -> dict[str, str]:
        controller = f"{HOST}:{self._controllers[self.number - 1]}"
        voters = [f"{n}@{HOST}:{port}" for n, port in enumerate(self._controllers, 1)]
        return {
            **super()._properties(),
            "node.id": str(self.number),
            "controller.quorum.voters": ",".join(voters),
            "listeners": f"PLAINTEXT://{self.address},PROXIED://{HOST}:{self._proxied_port},"
            f"CONTROLLER://{controller}",
            "advertised.listeners": f"PLAINTEXT://{self.address},PROXIED://{self.route.address}",
            "listener.security.protocol.map": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,"
            "PROXIED:PLAINTEXT",
            "inter.broker.listener.name": "PLAINTEXT",
            "default.replication.factor": str(NODES),
            "min.insync.replicas": "2",
            "offsets.topic.replication.factor": str(NODES),
            "offsets.topic.num.partitions": "3",
            "transaction.state.log.replication.factor": str(NODES),
            "transaction.state.log.min.isr": "2",
            "transaction.state.log.num.partitions": "3",
            "share.coordinator.state.topic.num.partitions": "1",
            # A dead broker is noticed after 6 s (default 9), so that more faults fit in a run.
            "broker.session.timeout.ms": "6000",
            # Leaders stay where a fault left them; otherwise they move once more at some time.
            "auto.leader.rebalance.enable": "false",
            "num.network.threads": "2",
            "num.io.threads": "4",
        }


class Cluster:
    """The nodes by number, 1 to 3."""

    def __init__(self, folder: Path, proxy: Proxy) -> None:
        controllers = [free_port() for _ in range(NODES)]
        self.nodes = {
            number: Node(number, controllers, folder / f"kafka-{number}", proxy)
            for number in range(1, NODES + 1)
        }

    @property
    def bootstrap(self) -> str:
        """For clients that no fault of the network is meant for."""
        return ",".join(node.address for node in self.nodes.values())

    @property
    def proxied(self) -> str:
        """For the workers."""
        return ",".join(node.route.address for node in self.nodes.values())

    def start(self) -> None:
        """Start all and return once every one is a member."""
        with ThreadPoolExecutor(NODES) as together:  # each formats its folder when first asked
            list(together.map(lambda node: node.folder, self.nodes.values()))
        for node in self.nodes.values():
            node.launch()
        for node in self.nodes.values():
            node.await_service()
        self._until("all brokers are members", lambda admin: len(_brokers(admin)) == NODES)

    def close(self) -> None:
        """Kill all: nobody needs what they hold any more."""
        for node in self.nodes.values():
            node.kill()

    def revive(self, number: int) -> None:
        """Start a node again; return once every replica is in step again."""
        self.nodes[number].start()
        self.await_replicas()

    def await_replicas(self) -> None:
        """Return once every partition has all of its replicas in step."""
        self._until("every replica is in step", _in_step)

    def leader_of(self, topic: str, partition: int) -> int:
        """The number of the partition's leader."""
        with self.admin() as admin:
            (found,) = admin.describe_topics([topic])
            leaders = {one["partition_index"]: one["leader_id"] for one in found["partitions"]}
            return int(leaders[partition])

    def controller(self) -> int:
        """The number of the node that leads the quorum."""
        with self.admin() as admin:
            quorum = admin.describe_metadata_quorum()
            return int(quorum["topics"][0]["partitions"][0]["leader_id"])

    def coordinator_of(self, transactional_id: str) -> int:
        """The number of the broker that coordinates this producer's transactions."""
        with self.admin() as admin:
            for number, listed in admin.list_transactions().items():
                if any(one.transactional_id == transactional_id for one in listed):
                    return int(number)
        raise LookupError(f"no broker coordinates {transactional_id}")

    @contextmanager
    def admin(self) -> Iterator[Any]:
        """An admin client at the direct listeners."""
        admin = KafkaAdminClient(
            bootstrap_servers=self.bootstrap.split(","), request_timeout_ms=10_000
        )
        try:
            yield admin
        finally:
            admin.close()

    def _until(self, what: str, holds: Any) -> None:
        deadline = time.monotonic() + _PATIENCE
        while True:
            try:
                with self.admin() as admin:
                    if holds(admin):
                        return
            except KafkaError:
                pass  # the cluster is still finding itself
            if time.monotonic() > deadline:
                raise TimeoutError(f"waited {_PATIENCE:g} s in vain: {what}")
            time.sleep(0.3)


def _brokers(admin: Any) -> list[Any]:
    return list(admin.describe_cluster()["brokers"])


def _in_step(admin: Any) -> bool:
    if len(_brokers(admin)) < NODES:
        return False
    partitions = [one for topic in admin.describe_topics() for one in topic["partitions"]]
    return all(len(one["isr_nodes"]) == len(one["replica_nodes"]) for one in partitions)
