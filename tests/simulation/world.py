"""The world of one run: several worker processes, one cluster, one store, virtual time.

Each process is a greenlet. Every call that reaches the cluster or the store is an effect: there
the process may lose its turn to another (so that calls of several workers mix in every way), be
killed, be frozen, or meet a failure. The same scenario runs exactly the same each time.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from copy import deepcopy
from functools import partial
from typing import Any
from unittest.mock import patch

from greenlet import getcurrent, greenlet

from consumer.execute import Rules
from consumer.kafka.clients import Clients
from consumer.kafka.history import KafkaHistory
from consumer.kafka.publisher import KafkaPublisher
from consumer.kafka.source import KafkaSource
from consumer.partitioner import partition_of
from consumer.patience import Patience, keep_working
from consumer.ports import Ports, Superseded
from consumer.refusals import RefusedToStart
from consumer.report import Reporter
from consumer.settings import Settings
from consumer.simulated.clients import SimulatedConsumer, SimulatedProducer
from consumer.simulated.cluster import Cluster
from consumer.worker import Worker
from schemas.outputs import JournalRecord
from statemachine.policy_file import default_policy
from store.memory_keeper import MemoryKeeper
from store.port import Unavailable
from tests.laws.rig import ACCOUNTS, TRANSACTIONS, Silent, watermark
from tests.simulation.scenario import Fault, Scenario

POLICY = default_policy()
TOPICS = (ACCOUNTS, TRANSACTIONS)
OUTPUTS = ("tenure.stage-changes", "tenure.stages", "tenure.dead-letters", "tenure.journal")
DAY = 86_400_000
_MOST_TURNS = 20_000
_STORE = ("take", "load", "write", "pages", "page")


class Crash(BaseException):
    """The process is gone: nothing of it runs any more."""


class Stuck(AssertionError):
    """The world never comes to rest."""


class Keeper:
    """The store as one process reaches it: through effects."""

    def __init__(self, world: World, process: Process) -> None:
        self._world, self._process = world, process

    def __getattr__(self, name: str) -> Any:
        if name not in _STORE:
            return getattr(self._store, name)
        return partial(self._call, name)

    @property
    def _store(self) -> MemoryKeeper:
        return self._process.own or self._world.keeper

    def _call(self, name: str, *given: Any, **named: Any) -> Any:
        said = self._process.effect(name)
        if said == "fail":
            raise Unavailable(f"the store: {name} failed")
        if name == "write":
            self._world.remember()
            if said == "late copy":
                self._world.later(3.0, lambda: self._store.write(*given, **named))
            if said == "twice":
                self._store.write(*given, **named)
        answer = getattr(self._store, name)(*given, **named)
        if self._process.effect(f"{name} answered") == "fail":
            raise Unavailable(f"the store: the answer to {name} was lost")
        return answer


class Process:
    """One worker process: consumer.simulated.clients.Process, and the clock and stop of it."""

    def __init__(self, world: World, name: str, own: MemoryKeeper | None = None) -> None:
        self.world, self.name = world, name
        self.own = own
        """A store of its own, by mistake; None: that of the world."""
        self.dead = False
        self.awake_at = 0.0
        self.frozen = False
        self.stopping = False
        self.refused: Exception | None = None
        self.consumers: list[SimulatedConsumer] = []
        self.greenlet = greenlet(self._run, world.greenlet)

    # What clients ask.

    def effect(self, what: str) -> str:
        if self.dead:
            raise Crash
        return self.world.effect(self, what)

    def wait(self, seconds: float) -> None:
        self.awake_at = self.world.now + seconds
        self.world.greenlet.switch()
        if self.dead:
            raise Crash

    def now(self) -> float:
        return self.world.now

    # The worker's clock, and its event to stop.

    def wall(self) -> int:
        return self.world.wall()

    def monotonic(self) -> float:
        return self.world.now

    def is_set(self) -> bool:
        return self.stopping

    # What it runs.

    def consumer(self, **settings: Any) -> SimulatedConsumer:
        made = SimulatedConsumer(self.world.cluster, self, settings)
        self.consumers.append(made)
        return made

    def producer(self, **settings: Any) -> SimulatedProducer:
        return SimulatedProducer(self.world.cluster, self, settings)

    def _run(self) -> None:
        try:
            self._serve()
        except Crash:
            pass
        except (Superseded, RefusedToStart) as over:
            self.refused = over
        self.dead = True

    def _serve(self) -> None:
        told = {"accept_store": self.world.accepts_store, **self.world.scenario.settings}
        settings = Settings(worker_id=self.name, **told)
        clients = Clients(self.consumer, self.producer)
        reporter = Reporter(Silent())
        patience = Patience(reporter, self)
        history = KafkaHistory(settings, clients)
        source = patience.at_last(lambda: KafkaSource(settings, history, clients))
        if source is None:
            return
        publisher = KafkaPublisher(settings, source, clients)
        keeper: Any = Keeper(self.world, self)
        rules = Rules(POLICY, self.world.scenario.partitions, settings.partitioner)
        worker = Worker(settings, rules, Ports(source, publisher, history, keeper, self, reporter))
        keep_working(worker, patience)


class World:
    """One run of a scenario."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.greenlet = getcurrent()
        self.dice = random.Random(scenario.seed * 7 + 1)
        self.now = 0.0
        self._wall = scenario.log[0][1] if scenario.log else 0
        self._wall_at = 0.0
        topics = dict.fromkeys((*TOPICS, *OUTPUTS), scenario.partitions) | {"tenure.policies": 1}
        self.cluster = Cluster(topics, transaction_timeout=10.0)
        self.cluster.group.partitions = scenario.partitions
        self.cluster.logs["tenure.policies", 0].append(
            0, POLICY.digest.encode(), POLICY.canonical().encode()
        )
        self.keeper = MemoryKeeper(expected_customers=1)
        self._before: list[MemoryKeeper] = []
        self._fails_over = any(fault.kind == "failover" for fault in scenario.faults)
        self.effects = 0
        self.met: list[str] = []
        self._coming = list(scenario.faults)
        self._armed: list[Fault] = []
        self._later: list[tuple[float, Callable[[], object]]] = []
        self._down = {"kafka": 0.0, "redis": 0.0}
        self.processes: list[Process] = []
        self.accepts_store = False
        self.wanted = [f"w{number + 1}" for number in range(scenario.workers)]
        self._calm = False

    def run(self) -> None:
        """Until everything is consumed, swept and remembered, and everybody is well again."""
        random.seed(self.scenario.seed)
        tokens = random.Random(self.scenario.seed + 1)
        with patch(
            "secrets.token_hex", lambda size: f"{tokens.getrandbits(8 * size):0{2 * size}x}"
        ):
            try:
                self._live()
            finally:
                self._end()

    # What processes ask.

    def wall(self) -> int:
        """Milliseconds since 1970."""
        return self._wall + int((self.now - self._wall_at) * 1000)

    def effect(self, process: Process, what: str) -> str:
        """See consumer.simulated.clients.Process."""
        self.effects += 1
        while self._coming and self._coming[0].at <= self.effects:
            self._armed.append(self._coming.pop(0))
        said = self._meet(process, what)
        if process.dead:
            raise Crash
        if not said and self.dice.random() < self.scenario.restless:
            process.wait(0.0)
        side = "redis" if what.split(" ", 1)[0] in _STORE else "kafka"
        return "fail" if self.now < self._down[side] else said

    def remember(self) -> None:
        """Before a write: what a replica may still be behind."""
        if self._fails_over:
            self._before = [*self._before[-3:], deepcopy(self.keeper)]

    def later(self, seconds: float, what: Callable[[], object]) -> None:
        """Something that happens on its own, after a while."""
        self._later.append((self.now + seconds, what))

    # Faults.

    def _meet(self, process: Process, what: str) -> str:
        for fault in self._armed:
            if _fits(fault.kind, what):
                self._armed.remove(fault)
                self.met.append(fault.kind)
                return self._strike(fault, process)
        return ""

    def _strike(self, fault: Fault, process: Process) -> str:
        """The fault happens; what the call is told of it."""
        if fault.kind in ("fail", "lose", "lie", "lie, epoch told", "slow", "twice", "late copy"):
            return fault.kind
        strike = {
            "crash": self._crash,
            "pause": self._pause,
            "late offsets": self._pause,
            "freeze": self._freeze,
            "twin": self._twin,
            "failover": self._fail_over,
            "join": self._join,
            "retire": self._retire,
            "stranger": self._stranger,
        }.get(fault.kind)
        if strike is not None:
            strike(fault.size, process)
        elif fault.kind == "wall jumps":
            self._wall += int(fault.size * DAY)
        else:
            self._down[fault.kind.removesuffix(" down")] = self.now + fault.size
        return ""

    def _crash(self, _: float, process: Process) -> None:
        process.dead = True

    def _pause(self, seconds: float, process: Process) -> None:
        """Something takes long; the client's heartbeat goes on."""
        process.wait(seconds)

    def _freeze(self, seconds: float, process: Process) -> None:
        """Nothing of the process runs (SIGSTOP): it is a zombie when it wakes up late."""
        process.frozen = True
        process.wait(seconds)
        process.frozen = False

    def _twin(self, seconds: float, process: Process) -> None:
        """Frozen, and meanwhile started again elsewhere under the same id."""
        self._start(process.name)
        self._freeze(seconds, process)

    def _fail_over(self, size: float, _: Process) -> None:
        """The replica that takes over has not seen the last writes."""
        if self._before:
            self.keeper = self._before[-min(1 + int(size) % 4, len(self._before))]
            self._before = []

    def _join(self, *_: object) -> None:
        self.wanted.append(f"w{len(self.wanted) + 1}")

    def _retire(self, *_: object) -> None:
        if len(self.wanted) > 1:
            gone = self.wanted.pop()
            for one in self.processes:
                one.stopping |= one.name == gone

    def _stranger(self, seconds: float, _: Process) -> None:
        """A second deployment under this one's name; after a while somebody stops it."""
        self._start(f"x{len(self.processes)}", MemoryKeeper(expected_customers=1))
        self.later(30 + seconds, self._stop_strangers)

    def _stop_strangers(self) -> None:
        for one in self.processes:
            one.stopping |= one.own is not None

    # Time and turns.

    def _live(self) -> None:
        feed = self._feed()
        arrives = 0.0
        rested = 0
        for _ in range(_MOST_TURNS):
            while feed and self.now >= arrives:
                self._deliver(*feed.pop(0))
                arrives = self.now + self.dice.choice((0, 0, 0, 0.1, 0.7, 3))
            self._tick()
            ready = [one for one in self.processes if not one.dead and one.awake_at <= self.now]
            if ready:
                self.dice.choice(ready).greenlet.switch()
                self.now += 0.001
            else:
                self.now = max(self.now, self._next(arrives if feed else None))
                if not feed and not self._later and self._is_settled():
                    rested += 1
                    if rested > 8:
                        return
                else:
                    rested = 0
        raise Stuck(f"after {_MOST_TURNS} turns: {self.met}")

    def _tick(self) -> None:
        for one in self.processes:
            if one.refused is not None:
                self._hear(one, one.refused)
                one.refused = None
        running = {one.name for one in self.processes if not one.dead and not one.frozen}
        for name in self.wanted:
            if name not in running and not self._frozen(name):
                self._start(name)
        for one in self.processes:
            if not one.dead and not one.frozen:
                for consumer in one.consumers:
                    consumer.heartbeat()
        self.cluster.tick(self.now)
        for due, what in [each for each in self._later if each[0] <= self.now]:
            self._later.remove((due, what))
            try:
                what()
            except Exception as refused:  # noqa: BLE001 - nobody hears the answer
                self.met.append(f"late copy: {type(refused).__name__}")

    def _hear(self, process: Process, refused: Exception) -> None:
        """What an operator does about a worker that refused; raises what ought not to be."""
        self.met.append(f"{process.name}: {type(refused).__name__}")
        if isinstance(refused, Superseded):
            return
        if "two Redis servers serve" not in str(refused):
            raise refused
        if process.own is None:
            self._stop_strangers()
            self.accepts_store = True

    def _frozen(self, name: str) -> bool:
        return any(one.name == name and one.frozen and not one.dead for one in self.processes)

    def _start(self, name: str, own: MemoryKeeper | None = None) -> None:
        process = Process(self, name, own)
        process.awake_at = self.now + self.dice.choice((0.1, 1, 4, 12))
        self.processes.append(process)

    def _next(self, arrives: float | None) -> float:
        times = [one.awake_at for one in self.processes if not one.dead]
        times += [due for due, _ in self._later]
        times += [] if arrives is None else [arrives]
        return min(times, default=self.now + 1)

    def _end(self) -> None:
        for one in self.processes:
            one.dead = True
            if one.greenlet and not one.greenlet.dead:
                one.greenlet.throw(Crash)

    # In and out.

    def _feed(self) -> list[tuple[dict[str, Any], int]]:
        feed = list(self.scenario.log)
        if feed:
            end = max(timestamp for _, timestamp in feed) + 400 * DAY
            feed += [(watermark(topic, end), end) for topic in TOPICS]
        return feed

    def _deliver(self, event: dict[str, Any], timestamp: int) -> None:
        value = json.dumps(event).encode()
        count = self.scenario.partitions
        if event["type"] == "feed.watermark":
            for number in range(count):
                self.cluster.logs[event["topic"], number].append(timestamp, None, value)
        else:
            topic = TRANSACTIONS if event["type"].startswith("transaction.") else ACCOUNTS
            key = event["customer_id"].encode()
            number = partition_of(key, count, "murmur2")
            self.cluster.logs[topic, number].append(timestamp, key, value)
        self._wall, self._wall_at = max(self.wall(), timestamp), self.now

    def journal(self, partition: int) -> list[JournalRecord]:
        """The committed batches."""
        log = self.cluster.logs["tenure.journal", partition]
        found, _ = log.read(0, len(log.entries), committed=True)
        return [JournalRecord.model_validate_json(entry.value or b"") for entry in found]

    def _is_settled(self) -> bool:
        if self.cluster.unfinished or any(one.frozen for one in self.processes):
            return False
        for number in range(self.scenario.partitions):
            ends = {topic: self.cluster.logs[topic, number].end for topic in TOPICS}
            if not any(ends.values()):
                continue
            journal = self.journal(number)
            record = self.keeper.look(number)[1]
            if not journal or journal[-1].to_offsets != ends or record is None:
                return False
            if record.position.nonce != journal[-1].nonce:
                return False
            due = [at for at, _ in self.keeper.timers(number)]
            if record.clock is not None and any(at <= record.clock for at in due):
                return False
        return True


def _fits(kind: str, what: str) -> bool:
    """Whether a fault of this kind can strike this call."""
    match kind:
        case "lose":
            return what == "send"
        case "lie" | "lie, epoch told" | "slow":
            return what == "commit"
        case "twice" | "late copy":
            return what == "write"
        case "late offsets":
            return what == "offsets"
        case "fail":
            return what != "send"
        case _:
            return True
