"""The world's failures: each is Unavailable with a remedy, and a call sent twice does no harm."""

import re
import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
import redis

from operate.servers import RedisServer
from store.port import Keeper, Unavailable
from store.redis_keeper import RedisKeeper, open_keeper
from tests.store.fakes import Cutter, answering, listening
from tests.store.samples import NOON, record
from tests.store.test_keepers_fence import everything
from tests.store.worker import Worker, due_at


@contextmanager
def keeper_on(port: int, deployment: str = "none", retries: int = 2) -> Iterator[RedisKeeper]:
    url = f"redis://127.0.0.1:{port}/0"
    with closing(open_keeper(url, deployment, timeout=2.0, retries=retries)) as keeper:
        yield keeper


@pytest.mark.parametrize(
    "reply, remedy",
    [
        ("-LOADING Redis is loading the dataset in memory", "wait"),
        ("-READONLY You can't write against a read only replica.", "point the URL at the primary"),
        ("-OOM command not allowed when used memory > 'maxmemory'.", "raise maxmemory"),
        ("-MISCONF Redis is configured to save RDB snapshots, but ...", "make room"),
        ("-NOREPLICAS Not enough good replicas to write.", "min-replicas-to-write"),
        ("-BUSY Redis is busy running a script.", "SLOWLOG"),
        ("-MASTERDOWN Link with MASTER is down", "failover"),
        ("-CLUSTERDOWN The cluster is down", "CLUSTER INFO"),
        ("-TRYAGAIN Multiple keys request during rehashing of slot", "wait"),
        ("-MOVED 3999 127.0.0.1:6381", "does not speak Redis Cluster yet"),
        ("-ASK 3999 127.0.0.1:6381", "does not speak Redis Cluster yet"),
        ("-ERR DB index is out of range", "name a database that it has"),
        ("HTTP/1.1 400 Bad Request", "is not Redis, or wants TLS"),
        ("\x15\x03\x01\x00\x02\x02\x16", "rediss:// is with TLS"),
        ("-NOAUTH Authentication required.", "user and password"),
        ("-NOPERM this user has no permissions to run the 'evalsha' command", "ACL"),
        ("-ERR max number of clients reached", "cannot be reached"),
        ("-ERR Error running script (call to f_1): @user_script: 3: -OOM no", "raise maxmemory"),
        ("-ERR Error running script: 3: The user executing the script can't run this", "ACL"),
    ],
)
def test_a_failure_of_the_server_is_unavailable_and_says_what_to_do(
    reply: str, remedy: str
) -> None:
    with listening(answering(reply)) as port, keeper_on(port, retries=0) as keeper:
        with pytest.raises(Unavailable, match=re.escape(f"127.0.0.1:{port}")) as caught:
            keeper.take(0, "worker")
        assert remedy in str(caught.value)


def test_a_reply_that_is_our_own_fault_is_not_the_worlds() -> None:
    reply = "-ERR unknown command 'EVALSHA'"
    with (
        listening(answering(reply)) as port,
        keeper_on(port) as keeper,
        pytest.raises(redis.ResponseError, match="unknown command"),
    ):
        keeper.take(0, "worker")


def test_no_server_is_unavailable_and_says_where() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with (
        keeper_on(port, retries=0) as keeper,
        pytest.raises(Unavailable, match=f"cannot be reached at 127.0.0.1:{port}.* start it"),
    ):
        keeper.look(0)


def test_a_server_that_does_not_answer_is_unavailable() -> None:
    def silent(connection: socket.socket) -> None:
        while connection.recv(4096):
            pass

    with listening(silent) as port:
        url = f"redis://127.0.0.1:{port}/0"
        with (
            closing(open_keeper(url, "none", timeout=0.05, retries=1)) as keeper,
            pytest.raises(Unavailable, match="does not answer in time"),
        ):
            keeper.look(0)


def test_opening_a_keeper_connects_to_nothing() -> None:
    with closing(open_keeper("redis://nowhere.invalid:1/0", "none")) as keeper:
        assert isinstance(keeper, RedisKeeper)


@pytest.mark.parametrize("url", ["http://localhost", "localhost:6379"])
def test_a_url_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="scheme"):
        open_keeper(url, "none")


@pytest.mark.parametrize(
    "url, says",
    [
        ("redis://localhost/0?foo=bar", "its option 'foo' is not known: leave it out"),
        ("redis://localhost/0?ssl_cert_reqs=none", "'ssl_cert_reqs' is not known: begin the URL"),
        ("rediss://localhost/0?ssl_cert_reqs=maybe", "Requirements Flag: maybe"),
        ("redis://localhost/0?socket_timeout=long", "'socket_timeout'"),
        ("redis://localhost/0?decode_responses=true", "'decode_responses' is not yours to set"),
        ("redis://localhost/0?protocol=3", "'protocol' is not yours to set"),
        ("redis://user:hush/hush@localhost/0", "its port is not a number; in a user or password"),
    ],
)
def test_a_url_with_options_that_cannot_be_is_refused_when_it_is_opened(
    url: str, says: str
) -> None:
    with pytest.raises(ValueError, match=re.escape(says)) as caught:
        open_keeper(url, "none")
    assert "hush" not in str(caught.value)


def test_tls_files_for_a_url_without_tls_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "ca.pem"
    file.touch()
    with pytest.raises(ValueError, match="rediss://"):
        open_keeper("redis://localhost/0", "none", ssl_ca_certs=file)
    with closing(open_keeper("rediss://localhost/0", "none", ssl_ca_certs=file)):
        pass


@pytest.mark.parametrize("name", ["ssl_ca_certs", "ssl_certfile", "ssl_keyfile"])
def test_a_tls_file_that_does_not_exist_is_named(name: str, tmp_path: Path) -> None:
    file = tmp_path / "no-such.pem"
    says = re.escape(f"{name} names {file}, which does not exist")
    with pytest.raises(ValueError, match=says):
        open_keeper(f"rediss://localhost/0?{name}={file}", "none")
    files: dict[str, Any] = {name: file}
    with pytest.raises(ValueError, match=says):
        open_keeper("rediss://localhost/0", "none", **files)


def test_a_call_sent_twice_by_the_client_does_no_harm(redis_url: str, deployment: str) -> None:
    """The client repeats a script whose reply was lost, without telling anybody."""
    cutter = Cutter(redis_url)
    with listening(cutter.serve) as port, keeper_on(port, deployment) as keeper:
        Worker(keeper, name="old").write({"a": due_at(NOON)})
        cutter.cuts = 1
        worker = Worker(keeper, name="new")
        assert cutter.cuts == 0
        assert worker.previous_owner == "old"
        cutter.cuts = 1
        assert worker.write({"a": due_at(NOON + 1), "b": due_at(NOON)}) == "already_written"
        assert cutter.cuts == 0
        cutter.cuts = 1
        assert worker.load("a").customers == {"a": due_at(NOON + 1)}
        assert sorted(keeper.timers(0)) == [(NOON, "b"), (NOON + 1, "a")]


def test_retries_end(redis_url: str, deployment: str) -> None:
    cutter = Cutter(redis_url)
    with listening(cutter.serve) as port, keeper_on(port, deployment, retries=1) as keeper:
        worker = Worker(keeper)
        cutter.cuts = 2
        with pytest.raises(Unavailable):
            worker.load("a")
        assert worker.load("a").customers == {}


def test_a_full_server_refuses_the_whole_write(
    own_keeper: RedisKeeper, own_raw: redis.Redis
) -> None:
    worker = Worker(own_keeper)
    worker.write({"a": due_at(NOON), "b": due_at(NOON)})
    before = everything(own_keeper)
    own_raw.config_set("maxmemory", "1")
    changes = {"c": due_at(NOON + 1), "a": due_at(None, 2)}
    with pytest.raises(Unavailable, match="raise maxmemory"):
        worker.write(changes)
    assert everything(own_keeper) == before
    own_raw.config_set("maxmemory", "0")
    assert worker.write(changes) == "written"


def test_a_batch_that_only_removes_is_whole_also_on_a_full_server(
    own_keeper: RedisKeeper, own_raw: redis.Redis
) -> None:
    """Removals are allowed there and come first; what follows them must not be refused."""
    worker = Worker(own_keeper)
    worker.write({"a": due_at(NOON), "b": due_at(NOON)})
    own_raw.config_set("maxmemory", "1")
    before = everything(own_keeper)
    try:
        outcome = worker.write({"a": None})
    except Unavailable:
        assert everything(own_keeper) == before
    else:
        assert outcome == "written"
        assert own_keeper.look(0)[1] == record(2)
    own_raw.config_set("maxmemory", "0")


def test_scripts_unknown_to_a_restarted_server_are_sent_again(
    own_keeper: RedisKeeper, own_raw: redis.Redis
) -> None:
    worker = Worker(own_keeper)
    worker.write({"a": due_at(NOON)})
    own_raw.script_flush()
    assert worker.load("a", until=NOON).due == [(NOON, "a")]
    own_raw.script_flush()
    assert worker.write({"a": due_at(None)}) == "written"


def test_a_replica_is_refused_with_a_pointer_to_the_primary(
    own_keeper: RedisKeeper, own_raw: redis.Redis
) -> None:
    worker = Worker(own_keeper)
    worker.write({"a": due_at(NOON)})
    own_raw.replicaof("127.0.0.1", "1")
    with pytest.raises(Unavailable, match="primary"):
        worker.write({"a": due_at(None)})
    own_raw.replicaof("no", "one")
    assert worker.load("a", until=NOON).due == [(NOON, "a")]


def test_a_killed_server_is_unavailable_and_a_new_empty_one_is_noticed(
    own_redis: RedisServer, own_keeper: RedisKeeper
) -> None:
    worker = Worker(own_keeper)
    worker.write({"a": due_at(NOON)})
    own_redis.kill()
    with pytest.raises(Unavailable, match="cannot be reached"):
        worker.load("a")
    own_redis.restart()
    again = Worker(own_keeper)
    assert again.previous_owner is None
    assert again.load("a").customers == {}


def test_a_server_that_may_forget_customers_is_a_problem(
    own_keeper: RedisKeeper, own_raw: redis.Redis
) -> None:
    assert own_keeper.check_server() == []
    own_raw.config_set("maxmemory-policy", "allkeys-lru")
    (problem,) = own_keeper.check_server()
    assert "maxmemory-policy noeviction" in problem


def test_a_server_that_is_too_old_is_a_problem() -> None:
    info = "redis_version:5.0.14\r\nmaxmemory_policy:noeviction"
    reply = f"${len(info)}\r\n{info}"
    with listening(answering(reply)) as port, keeper_on(port) as keeper:
        (problem,) = keeper.check_server()
    assert "5.0.14" in problem
    assert "6.2" in problem


def test_a_node_of_a_cluster_is_a_problem() -> None:
    info = "redis_version:7.0.15\r\nmaxmemory_policy:noeviction\r\ncluster_enabled:1"
    with listening(answering(f"${len(info)}\r\n{info}")) as port, keeper_on(port) as keeper:
        (problem,) = keeper.check_server()
    assert f"127.0.0.1:{port} is a node of a cluster" in problem
    assert "point the URL at a single primary" in problem
    assert "or at a proxy" in problem


def test_both_keepers_are_keepers(own_keeper: RedisKeeper) -> None:
    keeper: Keeper = own_keeper
    assert keeper.look(0) == (None, None)
