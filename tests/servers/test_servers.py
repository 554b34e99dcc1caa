"""Each server starts, serves, can be killed and started again, and is gone when stopped."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import redis
from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition

from operate.servers import (
    ApacheKafka,
    EmbeddedKafka,
    EmbeddedRedis,
    KafkaServer,
    LocalRedis,
    RedisServer,
    ServerError,
)
from operate.servers.kafka_apache import jars, java
from operate.servers.process import Server, program

REDISES = [EmbeddedRedis, LocalRedis]


def need(*conditions: Callable[[], object]) -> None:
    """Skip the test at a desk that lacks a program, and fail it in CI."""
    try:
        for condition in conditions:
            condition()
    except ServerError as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(str(error))


def redis_or_skip(kind: type[RedisServer], *, append_only: bool = False) -> RedisServer:
    if kind is LocalRedis:
        need(lambda: program("redis-server", "install it"))
    return kind(append_only=append_only)


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    # A zombie whose parent has not asked for its end yet serves nobody.
    stat = Path(f"/proc/{pid}/stat")
    return not stat.exists() or stat.read_text().rpartition(")")[2].split()[0] != "Z"


def running_pid(server: Server) -> int:
    pid = server.pid
    assert pid is not None
    assert alive(pid)
    return pid


def until(condition: Callable[[], bool], seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come true in time"
        time.sleep(0.01)


def put(server: RedisServer, value: str) -> None:
    with redis.Redis.from_url(server.url) as client:
        client.set("customer", value)


def get(server: RedisServer) -> object:
    with redis.Redis.from_url(server.url) as client:
        return client.get("customer")


def create_topic(server: KafkaServer, topic: str) -> None:
    admin = KafkaAdminClient(bootstrap_servers=server.bootstrap)
    configs = {"retention.ms": "-1"}
    options = {"num_partitions": 1, "replication_factor": 1, "configs": configs}
    admin.create_topics({topic: options}, wait_for_metadata=True)
    admin.close()


def produce(server: KafkaServer, topic: str, value: bytes) -> None:
    producer = KafkaProducer(bootstrap_servers=server.bootstrap)
    producer.send(topic, value).get(timeout=30)
    producer.close()


def consume(server: KafkaServer, topic: str) -> list[bytes]:
    consumer = KafkaConsumer(bootstrap_servers=server.bootstrap, auto_offset_reset="earliest")
    partition = TopicPartition(topic, 0)
    consumer.assign([partition])
    end = consumer.end_offsets([partition])[partition]
    values: list[bytes] = []
    while len(values) < end:
        values += [record.value for batch in consumer.poll(1000).values() for record in batch]
    consumer.close()
    return values


@pytest.mark.parametrize("kind", REDISES)
def test_a_redis_serves_until_it_is_stopped(kind: type[RedisServer]) -> None:
    with redis_or_skip(kind) as server:
        pid, folder = running_pid(server), server.folder
        put(server, "c-1")
        assert get(server) == b"c-1"
    assert server.pid is None
    assert not alive(pid)
    assert not folder.exists()


@pytest.mark.parametrize("kind", REDISES)
def test_a_redis_killed_and_started_again_is_at_the_same_address(kind: type[RedisServer]) -> None:
    with redis_or_skip(kind) as server:
        pid, url = running_pid(server), server.url
        server.kill()
        assert not alive(pid)
        server.start()
        assert server.url == url
        assert running_pid(server) != pid
        put(server, "c-2")
        server.restart()
        assert get(server) is None


@pytest.mark.parametrize("kind", REDISES)
def test_an_append_only_redis_keeps_what_it_has_over_a_restart(kind: type[RedisServer]) -> None:
    with redis_or_skip(kind, append_only=True) as server:
        put(server, "c-3")
        server.restart()
        assert get(server) == b"c-3"


def test_the_embedded_kafka_serves_until_it_is_stopped() -> None:
    with EmbeddedKafka() as server:
        pid = running_pid(server)
        create_topic(server, "changes")
        produce(server, "changes", b"one")
        assert consume(server, "changes") == [b"one"]
        server.kill()
        assert not alive(pid)
        server.start()
        create_topic(server, "changes")  # it forgot: its log is in memory
        pid = running_pid(server)
    assert not alive(pid)


@pytest.mark.slow
@pytest.mark.timeout(300)  # the first use fetches 112 MB
def test_an_apache_kafka_keeps_its_log_over_a_kill_and_a_stop() -> None:
    need(java, jars)
    # After a kill the controller waits for the dead broker's session (9 s by default).
    with ApacheKafka(settings={"broker.session.timeout.ms": "3000"}) as server:
        pid, folder = running_pid(server), server.folder
        create_topic(server, "changes")
        produce(server, "changes", b"one")
        server.kill()
        assert not alive(pid)
        server.start()
        produce(server, "changes", b"two")
        server.restart()
        assert consume(server, "changes") == [b"one", b"two"]
        pid = running_pid(server)
    assert not alive(pid)
    assert not folder.exists()


def test_a_server_that_does_not_end_by_itself_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(EmbeddedRedis, "stop_seconds", 0.2)
    with EmbeddedRedis() as server:
        pid = running_pid(server)
        os.kill(pid, signal.SIGSTOP)
        server.stop()
        assert not alive(pid)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends the children of the killed")
def test_a_server_does_not_outlive_a_parent_that_was_killed(tmp_path: Path) -> None:
    script = (
        "import sys, time; from pathlib import Path; from operate.servers import EmbeddedRedis;"
        "server = EmbeddedRedis(folder=Path(sys.argv[1])); server.start();"
        "print(server.pid, flush=True); time.sleep(60)"
    )
    command = [sys.executable, "-c", script, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        assert alive(pid)
        parent.kill()
        parent.wait()
        until(lambda: not alive(pid))


def test_a_server_that_ends_at_its_start_says_why_in_one_line() -> None:
    server = EmbeddedRedis()
    try:
        with socket.create_server(("127.0.0.1", server.port)):
            with pytest.raises(ServerError, match=r"ended at its start.*in use") as error:
                server.start()
            assert "\n" not in str(error.value)
            assert server.pid is None
    finally:
        server.close()


def test_a_server_that_never_serves_is_not_left_running(monkeypatch: pytest.MonkeyPatch) -> None:
    pids: list[int | None] = []

    def says_nothing(server: Server) -> bool:
        pids.append(server.pid)
        return False

    monkeypatch.setattr(EmbeddedRedis, "start_seconds", 0.2)
    monkeypatch.setattr(EmbeddedRedis, "_serves", says_nothing)
    server = EmbeddedRedis()
    with pytest.raises(ServerError, match="did not serve at"), server:
        pass
    assert pids[0] is not None
    assert not alive(pids[0])


@pytest.mark.parametrize(
    "kind, remedy",
    [(LocalRedis, "apt-get install redis-server"), (ApacheKafka, "apt-get install openjdk-17")],
)
def test_a_missing_program_is_named_with_the_remedy(
    kind: type[Server], remedy: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ServerError, match=remedy) as error, kind():
        pass
    assert "\n" not in str(error.value)


def test_a_server_is_not_started_twice() -> None:
    with EmbeddedRedis() as server:
        pid = running_pid(server)
        with pytest.raises(ServerError, match="runs already"):
            server.start()
        assert running_pid(server) == pid
