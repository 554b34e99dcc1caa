"""The demo's stage: a broker, a store, topics, a policy, and one worker process."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from pydantic import SecretStr

from consumer.kafka.topics import create_topics
from consumer.settings import Settings
from operate.given import PREFIX
from operate.servers import EmbeddedKafka, EmbeddedRedis, Server
from statemachine.policy_file import default_policy_text

PARTITIONS = 4
_PATIENT = "  limit: null"
_IMPATIENT = "  limit: 180 days"


class WorkerProcess(Server):
    """`tenure run` as a process of its own, with these settings and no others."""

    name = "the worker"

    def __init__(self, environment: Mapping[str, str], *, folder: Path) -> None:
        super().__init__(folder=folder)
        self._settings = environment

    def _command(self) -> Sequence[str]:
        return [sys.executable, "-m", "operate.cli", "run"]

    def _environment(self) -> Mapping[str, str]:
        # What the shell says of another Tenure must not lead this one there.
        inherited = {name: value for name, value in os.environ.items() if PREFIX not in name}
        return {**inherited, **self._settings}

    def _serves(self) -> bool:
        # It waits for its partitions by itself; nobody need wait for it.
        return True


@dataclass(frozen=True, slots=True)
class Stage:
    """Everything that runs."""

    settings: Settings
    """Of the commands that look at it."""
    worker: WorkerProcess
    policy_file: Path

    @property
    def connection(self) -> str:
        """The options that lead a command to these servers."""
        redis = self.settings.redis_url.get_secret_value()
        return f"--kafka {self.settings.kafka_bootstrap_servers} --redis {redis}"


@contextmanager
def set_up() -> Iterator[Stage]:
    """Servers and topics, and the worker, until the end of the context. Raises ServerError."""
    with (
        TemporaryDirectory(prefix="tenure-demo-") as name,
        EmbeddedKafka() as kafka,
        EmbeddedRedis() as redis,
    ):
        folder = Path(name)
        policy_file = folder / "policy.yaml"
        policy_file.write_text(demo_policy_text(), encoding="utf-8")
        # Not of the environment either: see WorkerProcess.
        settings = Settings.model_construct(
            kafka_bootstrap_servers=kafka.bootstrap,
            kafka_embedded=True,
            redis_url=SecretStr(redis.url),
            policy_file=policy_file,
            worker_id="demo",
        )
        create_topics(settings, PARTITIONS, 1)
        environment = {
            "KAFKA_BOOTSTRAP_SERVERS": kafka.bootstrap,
            "KAFKA_EMBEDDED": "true",
            "REDIS_URL": redis.url,
            "POLICY_FILE": str(policy_file),
            "WORKER_ID": settings.worker_id,
            # Time goes on by the feed's word: it is 2024 there.
            "IDLE_CLOCK": "event",
            # The embedded broker takes half of it, and 3 s, for a worker to join.
            "SESSION_TIMEOUT": "6",
            "EXPECTED_CUSTOMERS_PER_PARTITION": "1000",
        }
        with WorkerProcess(
            {PREFIX + key: value for key, value in environment.items()}, folder=folder
        ) as worker:
            yield Stage(settings, worker, policy_file)


def demo_policy_text() -> str:
    """The shipped policy, but for prospects: they are given up, so that every row is seen."""
    text = default_policy_text()
    if text.count(_PATIENT) != 1:
        raise AssertionError("the shipped policy has no prospects.limit to change")
    text = text.replace(_PATIENT, _IMPATIENT)
    return text.replace("name: Tenure's default policy", "name: the demo's policy")
