"""The world's failures: each is Unavailable with a remedy, and a call sent twice does no harm."""

import re
import select
import shutil
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import redis

from operate.servers import EmbeddedRedis, LocalRedis, RedisServer
from store.port import Keeper, Unavailable
from store.redis_keeper import RedisKeeper, open_keeper
from tests.store.samples import NOON, record
from tests.store.test_keepers_fence import everything
from tests.store.worker import Worker, due_at


@contextmanager
def listening(serve: Callable[[socket.socket], None]) -> Iterator[int]:
    """A server on a port of its own: `serve` gets each connection on a thread of its own."""
    threads: list[threading.Thread] = []
    connections: list[socket.socket] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve_one(connection: socket.socket) -> None:
            with connection, suppress(OSError):
                serve(connection)

        def accept() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                connections.append(connection)
                threads.append(threading.Thread(target=serve_one, args=(connection,)))
                threads[-1].start()

        accepting = threading.Thread(target=accept)
        accepting.start()
        try:
            yield server.getsockname()[1]
        finally:
            server.shutdown(socket.SHUT_RDWR)
            for connection in connections:
                with suppress(OSError):  # its thread may have closed it
                    connection.shutdown(socket.SHUT_RDWR)
            accepting.join()
            for thread in threads:
                thread.join()


@contextmanager
def keeper_on(port: int, deployment: str = "none", retries: int = 2) -> Iterator[RedisKeeper]:
    url = f"redis://127.0.0.1:{port}/0"
    with closing(open_keeper(url, deployment, timeout=2.0, retries=retries)) as keeper:
        yield keeper


def answering(reply: str) -> Callable[[socket.socket], None]:
    """Serves connections that answer every command with one reply."""

    def serve(connection: socket.socket) -> None:
        while received := connection.recv(1 << 20):
            # One reply for each command: each begins with an array header.
            commands = len(re.findall(rb"(?:^|\r\n)\*\d+\r\n", received))
            connection.sendall(f"{reply}\r\n".encode() * commands)

    return serve


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


def test_tls_files_for_a_url_without_tls_are_refused() -> None:
    with pytest.raises(ValueError, match="rediss://"):
        open_keeper("redis://localhost/0", "none", ssl_ca_certs="ca.pem")
    with closing(open_keeper("rediss://localhost/0", "none", ssl_ca_certs="ca.pem")):
        pass


class Cutter:
    """Stands before Redis and, when told to, lets a script through and cuts off its reply."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._server = (parts.hostname or "", parts.port or 6379)
        self.cuts = 0

    def serve(self, connection: socket.socket) -> None:
        cutting = False
        with socket.create_connection(self._server) as server:
            while True:
                readable, _, _ = select.select([connection, server], [], [])
                for source in readable:
                    received = source.recv(1 << 20)
                    if not received:
                        return
                    if source is connection:
                        cutting = cutting or (self.cuts > 0 and b"EVALSHA" in received)
                        server.sendall(received)
                    elif cutting:
                        self.cuts -= 1
                        return
                    else:
                        connection.sendall(received)


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


@pytest.fixture
def own_redis() -> Iterator[RedisServer]:
    """A server that the test may reconfigure."""
    server: RedisServer = LocalRedis() if shutil.which("redis-server") else EmbeddedRedis()
    with server:
        yield server


@pytest.fixture
def own_keeper(own_redis: RedisServer) -> Iterator[RedisKeeper]:
    with closing(open_keeper(own_redis.url, "own")) as keeper:
        yield keeper


@pytest.fixture
def own_raw(own_redis: RedisServer) -> Iterator[redis.Redis]:
    with redis.Redis.from_url(own_redis.url, protocol=2) as client:
        yield client


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


PAGE = Path(__file__).parents[2] / "docs" / "operating" / "state.md"
(RIGHTS,) = re.findall(
    r"^ACL SETUSER tenure on >PASSWORD ~tenure:live:\* (.*)$", PAGE.read_text(), re.MULTILINE
)


def as_user(server: RedisServer, rights: str) -> Iterator[RedisKeeper]:
    with redis.Redis.from_url(server.url, protocol=2) as raw:
        raw.execute_command("ACL", "SETUSER", "tenure", "reset", "on", ">secret", *rights.split())
    url = server.url.replace("redis://", "redis://tenure:secret@")
    with closing(open_keeper(url, "own", retries=0)) as keeper:
        yield keeper


def test_the_rights_that_the_documentation_names_are_enough(own_redis: RedisServer) -> None:
    for keeper in as_user(own_redis, f"~tenure:own:* {RIGHTS}"):
        worker = Worker(keeper)
        worker.write({"a": due_at(NOON), "b": due_at(NOON)})
        worker.write({"a": None, "b": due_at(NOON + 1)})
        assert worker.load("b", until=NOON + 1).due == [(NOON + 1, "b")]
        keeper.page(0, worker.token, worker.at, 0)
        everything(keeper)
        keeper.accept_bad(0)
        assert keeper.check_server() == []
        keeper.forget([0])


@pytest.mark.parametrize("missing", ["hdel", "zadd", "zrem", "zrange", "zscore", "type", "hset"])
def test_a_user_without_a_right_that_a_write_needs_cannot_even_take(
    own_redis: RedisServer, missing: str
) -> None:
    """Otherwise a write would stop in the middle, at the first batch that needs the right."""
    rights = f"~tenure:own:* {RIGHTS} -{missing}"
    for keeper in as_user(own_redis, rights):
        with pytest.raises(Unavailable, match="ACL"):
            keeper.take(0, "worker")
        assert keeper.look(0) == (None, None)


def test_a_wrong_password_is_unavailable(own_redis: RedisServer) -> None:
    url = own_redis.url.replace("redis://", "redis://:wrong@")
    with (
        closing(open_keeper(url, "own", retries=0)) as keeper,
        pytest.raises(Unavailable, match="user and password"),
    ):
        keeper.take(0, "worker")


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


def test_both_keepers_are_keepers(own_keeper: RedisKeeper) -> None:
    keeper: Keeper = own_keeper
    assert keeper.look(0) == (None, None)
