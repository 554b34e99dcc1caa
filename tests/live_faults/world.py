"""The whole world of a run: servers, proxy, topics, workers, feed and subscriber."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random

from consumer.kafka.topics import create_topics
from consumer.settings import Settings
from statemachine.policy import Policy
from store.redis_keeper import open_keeper
from tests.live_faults.cluster import NODES, Cluster
from tests.live_faults.feed import Order
from tests.live_faults.ledger import Ledger
from tests.live_faults.policies import policy_in, write_policy
from tests.live_faults.proxy import Proxy
from tests.live_faults.redis_pair import RedisPair
from tests.live_faults.watch import Watch
from tests.live_faults.workers import Workers

PARTITIONS = 4
WORKERS = 2
SESSION_SECONDS = 6
POLL_SECONDS = 25
_ROOT = Path(__file__).resolve().parents[2]
_DEPLOYMENT = "faults"
_FIRST_VERSION = 2
"""Version 1 is for a worker that was left behind."""


@dataclass(frozen=True)
class Plan:
    """What was asked for."""

    duration: float
    """Seconds from the start of the run to the last fault's beginning, if each kind was there."""
    seed: int
    rate: float
    """Events a second."""
    events: int
    """At least."""
    only: str = ""
    """Faults in whose kind this is found, a regular expression; all by default."""


class World:
    """Everything that runs, and what faults may touch."""

    def __init__(self, plan: Plan, folder: Path, told: Callable[[str], None]) -> None:
        self.plan = plan
        self.folder = folder
        self.told = told
        self.dice = Random(plan.seed)
        self.proxy = Proxy()
        self.cluster = Cluster(folder, self.proxy)
        self.redis = RedisPair(folder, self.proxy)
        given = {
            "deployment": _DEPLOYMENT,
            "kafka_bootstrap_servers": self.cluster.proxied,
            "redis_url": self.redis.url,
            "idle_clock": "event",
            "session_timeout": str(SESSION_SECONDS),
            "poll_interval": str(POLL_SECONDS),
            "transaction_timeout": "6",
            "commit_watchdog": "20",
            "expected_customers_per_partition": "4000",
        }
        self.workers = Workers(WORKERS, given, folder)
        self.oldest_policy = write_policy(folder, 1)
        self.workers.policies.append(write_policy(folder, _FIRST_VERSION))
        self.settings = Settings(
            worker_id="checker",
            deployment=_DEPLOYMENT,
            kafka_bootstrap_servers=self.cluster.bootstrap,
        )
        self.watch = Watch(
            self.cluster.bootstrap,
            self.settings.stage_changes_topic,
            self.settings.journal_topic,
            PARTITIONS,
        )
        self.feed: subprocess.Popen[bytes] | None = None

    def moves(self, since: float) -> bool:
        """Whether every partition has moved on since a time (seconds since 1970)."""
        return self.watch.progress.goes_on(since, range(PARTITIONS))

    def next_policy(self) -> Path:
        """A newer policy than the one in force."""
        return write_policy(self.folder, len(self.workers.policies) + _FIRST_VERSION)

    def start(self) -> None:
        """Servers, topics, workers, subscriber, feed; return once every partition moves."""
        self.told("three nodes of Apache Kafka, a Redis primary and its replica")
        self.redis.start()
        self.cluster.start()
        create_topics(self.settings, PARTITIONS, NODES)
        self.told("workers, subscriber and feed")
        for worker in self.workers.all:
            self.workers.start(worker)
        self.watch.start()
        self._start_feed()
        self.until("every partition moves", lambda: self.moves(0.0), seconds=90)

    def until(self, what: str, holds: Callable[[], bool], *, seconds: float = 90) -> None:
        """Wait for it, tending the workers meanwhile. Raises TimeoutError, naming `what`."""
        deadline = time.monotonic() + seconds
        while not holds():
            if self.watch.failure is not None:
                raise self.watch.failure
            self.workers.tend()
            if time.monotonic() > deadline:
                for worker in self.workers.all:
                    worker.say_where()
                time.sleep(1)
                raise TimeoutError(f"waited {seconds:g} s in vain: {what}")
            time.sleep(0.05)

    def close_feed(self) -> int:
        """Tell the feed to close, and wait for it; how many records it sent."""
        assert self.feed is not None
        self.feed.terminate()
        self.until(
            "the feed ends", lambda: self.feed is None or self.feed.poll() is not None, seconds=600
        )
        log = (self.folder / "feed.log").read_text()
        if self.feed.returncode != 0:
            raise RuntimeError(f"the feed failed: {log[-500:]}")
        return int(json.loads(log.splitlines()[-1])["records"])

    @contextmanager
    def ledger(self) -> Iterator[Ledger]:
        """What lies on the topics and in the primary, read without the proxy."""
        keeper = open_keeper(self.redis.primary.url, _DEPLOYMENT)
        try:
            yield Ledger(self.settings, PARTITIONS, keeper)
        finally:
            keeper.close()

    def policies_by_digest(self) -> dict[str, Policy]:
        """Every policy that was ever in force."""
        return {one.digest: one for one in map(policy_in, self.workers.policies)}

    def close(self) -> None:
        """Stop everything that still runs, whatever state it is in."""
        with ExitStack() as closing:
            closing.callback(self.proxy.close)
            closing.callback(self.cluster.close)
            closing.callback(self.redis.close)
            closing.callback(self.watch.close)
            closing.callback(self._kill_feed)
            closing.callback(self.workers.close)

    def _start_feed(self) -> None:
        accounts, transactions = self.settings.topics
        order = Order(
            bootstrap=self.cluster.bootstrap,
            accounts=accounts,
            transactions=transactions,
            partitions=PARTITIONS,
            seed=self.plan.seed,
            rate=self.plan.rate,
            least=self.plan.events,
        )
        with (self.folder / "feed.log").open("wb") as log:
            self.feed = subprocess.Popen(
                [sys.executable, "-m", "tests.live_faults.feed", json.dumps(asdict(order))],
                cwd=_ROOT,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def _kill_feed(self) -> None:
        if self.feed is not None:
            self.feed.kill()
            self.feed.wait()
