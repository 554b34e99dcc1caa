"""Which Kafka and which Redis the tests use.

| variable          | value                                                               |
|-------------------|---------------------------------------------------------------------|
| TENURE_TEST_KAFKA | an address, or one of: testcontainers, apache, embedded             |
| TENURE_TEST_REDIS | a URL (redis://...), or one of: testcontainers, local, embedded     |

An address is used as it is, and taken for the real thing. A kind is started, or the run fails.
Without the variable, the kinds are tried in that order, and the first that can be had is taken:
containers where a Docker daemon answers and has the image or can pull it, then what is installed
on the machine (Java 17 and Maven; redis-server), then the embedded ones.

Whatever is started has ports and folders of its own. On an address that others use too, names do
the same: `unique` never gives a name twice, in this run or another.
"""

import itertools
import os
import secrets
import shutil
import socket
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TypeAlias

from kafka import KafkaAdminClient

from operate.servers import (
    ApacheKafka,
    EmbeddedKafka,
    EmbeddedRedis,
    LocalRedis,
    Server,
    ServerError,
)
from tests.containers import images

_RUN = secrets.token_hex(4)
_COUNT = itertools.count(1)
_PULL_SECONDS = 300

_Started: TypeAlias = tuple[str, Callable[[], None]]
"""The address of a server, and what stops it."""


def unique(what: str) -> str:
    """Return a name for a topic, group, deployment or worker that nobody else has."""
    return f"{what}-{_RUN}-{next(_COUNT)}"


@dataclass(frozen=True)
class KafkaUsed:
    """The broker of this run. `kind`: address, testcontainers, apache or embedded."""

    bootstrap: str
    kind: str
    _topics: list[str] = field(default_factory=list)

    @property
    def is_real(self) -> bool:
        """Whether it is Apache Kafka, as far as we know, and not a stand-in."""
        return self.kind != "embedded"

    def create_topic(
        self, what: str = "topic", partitions: int = 1, settings: Mapping[str, str] | None = None
    ) -> str:
        """Create a topic of a unique name and return the name; it keeps its records for ever."""
        name = unique(what)
        self.create_topics({name: partitions}, settings)
        return name

    def create_topics(
        self, partitions: Mapping[str, int], settings: Mapping[str, str] | None = None
    ) -> None:
        """Create topics of these names and numbers of partitions; `forget` deletes them."""
        configs = {"retention.ms": "-1", **(settings or {})}
        admin = KafkaAdminClient(bootstrap_servers=self.bootstrap)
        try:
            admin.create_topics(
                {
                    name: {"num_partitions": count, "replication_factor": 1, "configs": configs}
                    for name, count in partitions.items()
                },
                wait_for_metadata=True,
            )
        finally:
            admin.close()
        self._topics.extend(partitions)

    def forget(self) -> None:
        """Delete the topics that were created through this object."""
        if not self._topics:
            return
        admin = KafkaAdminClient(bootstrap_servers=self.bootstrap)
        try:
            admin.delete_topics(self._topics, raise_errors=False)
        finally:
            admin.close()
        self._topics.clear()


@dataclass(frozen=True)
class RedisUsed:
    """The Redis of this run. `kind`: address, testcontainers, local or embedded."""

    url: str
    kind: str

    @property
    def is_real(self) -> bool:
        """Whether it is Redis itself, as far as we know, and not Valkey."""
        return self.kind != "embedded"


@contextmanager
def chosen_kafka() -> Iterator[KafkaUsed]:
    """Start, or find, the broker of this run; what was started is stopped on leaving."""
    wanted = os.environ.get("TENURE_TEST_KAFKA", "")
    if ":" in wanted:
        _check_address("TENURE_TEST_KAFKA", wanted)
        used = KafkaUsed(wanted, "address")
        try:
            yield used
        finally:
            used.forget()
        return
    kinds: dict[str, Callable[[], _Started]] = {
        "testcontainers": lambda: _container(images.KAFKA_IMAGE, images.kafka_container),
        "apache": lambda: _started(kafka := ApacheKafka(), kafka.bootstrap),
        "embedded": lambda: _started(kafka := EmbeddedKafka(), kafka.bootstrap),
    }
    kind, (bootstrap, stop) = _first("TENURE_TEST_KAFKA", wanted, kinds)
    try:
        yield KafkaUsed(bootstrap, kind)
    finally:
        stop()


@contextmanager
def chosen_redis() -> Iterator[RedisUsed]:
    """Start, or find, the Redis of this run; what was started is stopped on leaving."""
    wanted = os.environ.get("TENURE_TEST_REDIS", "")
    if ":" in wanted:
        _check_address("TENURE_TEST_REDIS", wanted.split("@")[-1].split("//")[-1].split("/")[0])
        yield RedisUsed(wanted, "address")
        return
    kinds: dict[str, Callable[[], _Started]] = {
        "testcontainers": lambda: _container(images.REDIS_IMAGE, images.redis_container),
        "local": lambda: _started(redis := LocalRedis(), redis.url),
        "embedded": lambda: _started(redis := EmbeddedRedis(), redis.url),
    }
    kind, (url, stop) = _first("TENURE_TEST_REDIS", wanted, kinds)
    try:
        yield RedisUsed(url, kind)
    finally:
        stop()


class _NotHereError(Exception):
    """This kind of server cannot be had on this machine."""


def _first(
    variable: str, wanted: str, kinds: Mapping[str, Callable[[], _Started]]
) -> tuple[str, _Started]:
    """Start the kind that is wanted, or else the first that can be had."""
    if wanted and wanted not in kinds:
        raise ServerError(f"{variable}={wanted}: give an address or one of {', '.join(kinds)}")
    reasons = []
    for kind in [wanted] if wanted else kinds:
        try:
            return kind, kinds[kind]()
        except (ServerError, _NotHereError) as error:
            reasons.append(f"{kind}: {error}")
    raise ServerError(f"{variable}: none could be started; {'; '.join(reasons)}")


def _started(server: Server, address: str) -> _Started:
    try:
        server.start()
    except BaseException:
        server.close()
        raise
    return address, server.close


def _container(image: str, start: Callable[[], _Started]) -> _Started:
    if not images.docker_answers():
        raise _NotHereError("no Docker daemon answers")
    if _docker("image", "inspect", image) != 0 and _docker("pull", "-q", image) != 0:
        raise _NotHereError(f"Docker has no image {image} and cannot pull it")
    return start()


def _docker(*arguments: str) -> int:
    docker = shutil.which("docker") or "docker"
    try:
        return subprocess.run(
            [docker, *arguments], capture_output=True, check=False, timeout=_PULL_SECONDS
        ).returncode
    except subprocess.TimeoutExpired:
        return -1


def _check_address(variable: str, address: str) -> None:
    host, _, port = address.partition(",")[0].rpartition(":")
    try:
        socket.create_connection((host, int(port)), timeout=5).close()
    except (OSError, ValueError) as error:
        raise ServerError(f"{variable}: nobody answers at {address} ({error})") from None
