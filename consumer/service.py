"""The service: the worker wired to Kafka and Redis, run until told to stop.

Objects are built here and nowhere else; nothing connects before `serve`.
"""

from __future__ import annotations

import gc
import signal
import threading
import time
from types import FrameType

import structlog

from consumer.condition import SLACK, Condition
from consumer.execute import Rules
from consumer.health import health_port
from consumer.kafka.history import KafkaHistory
from consumer.kafka.policies import publish_policy
from consumer.kafka.publisher import KafkaPublisher
from consumer.kafka.source import KafkaSource
from consumer.kafka.topics import check_topics
from consumer.logs import configure_logs
from consumer.patience import Patience, keep_working
from consumer.ports import Clock, Ports
from consumer.refusals import RefusedToStart
from consumer.report import Reporter
from consumer.settings import Settings
from consumer.worker import Worker
from statemachine.policy import Policy
from store.redis_keeper import RedisKeeper, open_keeper


class SystemClock:
    """Time as the machine has it."""

    def wall(self) -> int:
        """Milliseconds since 1970."""
        return time.time_ns() // 1_000_000

    def monotonic(self) -> float:
        """Seconds that never go back."""
        return time.monotonic()


def keeper_for(settings: Settings) -> RedisKeeper:
    """The Redis keeper that the settings name; connects at first use."""
    return open_keeper(
        settings.redis_url.get_secret_value(),
        settings.deployment,
        expected_customers=settings.expected_customers_per_partition,
    )


def serve(
    settings: Settings,
    policy: Policy,
    *,
    clock: Clock | None = None,
    stopping: threading.Event | None = None,
) -> None:
    """Run one worker until SIGTERM, SIGINT or `stopping`; the batch under way is finished first.

    Raises what stops a worker for good: a contract that does not hold, a refusal to start,
    another worker under the same id, a health port that is taken, a bug. The world's failures are
    waited out.
    """
    configure_logs(settings.log_level)
    stop = stopping or threading.Event()
    if stopping is None:
        _stop_on_signals(stop)
    about = {
        "worker_id": settings.worker_id,
        "deployment": settings.deployment,
        "policy_version": policy.version,
        "policy_digest": policy.digest,
    }
    limit = settings.commit_watchdog + SLACK
    condition = Condition(about, limit=limit, stopping=stop.is_set)
    with health_port(settings, condition):
        _serve(settings, policy, clock or SystemClock(), stop, condition)


def _serve(
    settings: Settings,
    policy: Policy,
    clock: Clock,
    stop: threading.Event,
    condition: Condition,
) -> None:
    log = structlog.get_logger("tenure").bind(worker=settings.worker_id)
    reporter = Reporter(log, condition)
    # Attempts to connect that failed leave sockets behind in cycles, which the collector, told to
    # look rarely, would not find before there are too many.
    patience = Patience(reporter, stop, gc.collect)
    keeper = keeper_for(settings)
    count = patience.at_last(lambda: check_topics(settings))
    sound = patience.at_last(lambda: _check_redis(keeper))
    published = patience.at_last(lambda: publish_policy(settings, policy))
    history = KafkaHistory(settings)
    source = patience.at_last(lambda: KafkaSource(settings, history))
    if count is None or not sound or published is None or source is None:
        return
    publisher = KafkaPublisher(settings, source)
    rules = Rules(policy, count, settings.partitioner)
    ports = Ports(source, publisher, history, keeper, clock, reporter)
    worker = Worker(settings, rules, ports)
    tune_garbage_collection()
    log.info("started", policy=policy.digest, version=policy.version, partitions=count)
    try:
        keep_working(worker, patience)
    finally:
        publisher.close()
        source.close()
        history.close()
        log.info("stopped")


def _check_redis(keeper: RedisKeeper) -> bool:
    problems = keeper.check_server()
    if problems:
        raise RefusedToStart("\n".join(problems))
    return True


def _stop_on_signals(stop: threading.Event) -> None:
    def note(_signal: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, note)
    signal.signal(signal.SIGINT, note)


def tune_garbage_collection() -> None:
    """Leave what exists now to itself, and look for cycles rarely."""
    # A batch's objects look like a leak to the cyclic collector, which costs a quarter of the
    # time; they hold no cycles. What exists now lives as long as the process.
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)
