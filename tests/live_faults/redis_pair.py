"""A Redis primary with a replica, and what can happen to them.

Both append to a log that is flushed every second. The workers reach the primary through the
proxy, under an address that a failover moves; the replica follows through the proxy too, so that
it can be made to lag.
"""

from __future__ import annotations

import resource
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import redis

from operate.servers import LocalRedis, ServerError
from operate.servers.process import HOST, program
from tests.live_faults.proxy import Proxy

_PATIENCE = 40.0
_NO_LIMIT = resource.RLIM_INFINITY


class RedisPair:
    """`primary` and `replica` change places with each failover."""

    def __init__(self, folder: Path, proxy: Proxy) -> None:
        self.primary = LocalRedis(folder=folder / "redis-1", append_only=True)
        self.replica = LocalRedis(folder=folder / "redis-2", append_only=True)
        self.route = proxy.route(self.primary.port)
        self._following = proxy.route(self.primary.port)

    @property
    def url(self) -> str:
        """The workers' URL: whoever is primary, through the proxy."""
        return f"redis://{self.route.address}/0"

    def start(self) -> None:
        """Start both; return once the replica follows."""
        for server in (self.primary, self.replica):
            server.start()
            _told(server, "CONFIG", "SET", "repl-diskless-sync-delay", "0")
        self._follow()

    def close(self) -> None:
        """Kill both."""
        self.primary.kill()
        self.replica.kill()

    def kill(self, dice: Random) -> str:
        """Kill the primary and start it again without the last writes of its log.

        A killed process loses nothing that it handed to the system; a machine that loses its
        power loses what was not flushed yet. So up to a second of the log is cut off.
        """
        before = self._log_size()
        time.sleep(1)
        self.primary.kill()
        after = self._log_size()
        lost = dice.randint(0, max(0, after - before))
        log = self._log()
        with log.open("r+b") as file:
            file.truncate(after - lost)
        time.sleep(dice.uniform(0.2, 2))
        lost += self._started_or_repaired()
        _told(self.primary, "CONFIG", "SET", "repl-diskless-sync-delay", "0")
        # The replica holds what the primary has forgotten: it begins anew.
        self._following.cut()
        self._await_replica()
        return f"{lost:,} bytes of its log lost"

    def fail_over(self, dice: Random) -> str:
        """The primary dies while its replica lags; the replica takes its place and address."""
        lag = dice.uniform(0.3, 2)
        self._following.stall()
        time.sleep(lag)
        self.primary.kill()
        self.route.refuse()
        self._following.refuse()
        time.sleep(dice.uniform(0.5, 3))  # a sentinel makes up its mind
        self.primary, self.replica = self.replica, self.primary
        _told(self.primary, "REPLICAOF", "NO", "ONE")
        self.route.point_to(self.primary.port)
        self.route.flow()
        # Whoever follows gets everything anew; its own log may not even be readable (see below).
        shutil.rmtree(self.replica.folder / "appendonlydir", ignore_errors=True)
        self.replica.start()
        _told(self.replica, "CONFIG", "SET", "repl-diskless-sync-delay", "0")
        self._following.point_to(self.primary.port)
        self._following.flow()
        self._follow()
        return f"the last {lag:.1f} s of writes lost"

    def fill_disk(self, dice: Random) -> str:
        """The primary's log cannot grow for a while, as on a full disk; then there is room."""
        room, seconds = dice.randint(0, 4_096), dice.uniform(2, 6)
        pid = self.primary.pid
        assert pid is not None
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (self._log_size() + room, _NO_LIMIT))
        try:
            _until(
                "Redis notices that its disk is full",
                lambda: _info(self.primary, "aof_last_write_status") == "err",
            )
            time.sleep(seconds)
        finally:
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (_NO_LIMIT, _NO_LIMIT))
        _until(
            "Redis notices that there is room again",
            lambda: _info(self.primary, "aof_last_write_status") == "ok",
        )
        return f"writes refused for {seconds:.1f} s"

    def _started_or_repaired(self) -> int:
        """Start the primary; how many bytes of its log had to be given up for that.

        Redis 7.0 leaves a hole in its log where a write was short because the disk was full, if
        that log was begun when it became a replica (its file is not open for appending). It then
        refuses to start, and names the program with which an operator would cut the log there.
        """
        try:
            self.primary.start()
        except ServerError as error:
            if "redis-check-aof --fix" not in str(error):
                raise
        else:
            return 0
        before = self._log_size()
        check = program("redis-check-aof", "it comes with redis-server")
        subprocess.run(
            [check, "--fix", str(self._log())],
            input=b"y\n",
            check=True,
            timeout=30,
            capture_output=True,
        )
        self.primary.start()
        return before - self._log_size()

    def _follow(self) -> None:
        _told(self.replica, "REPLICAOF", HOST, str(self._following.port))
        self._await_replica()

    def _await_replica(self) -> None:
        _until(
            "the replica follows",
            lambda: _info(self.replica, "master_link_status", "replication") == "up",
        )

    def _log(self) -> Path:
        """The file to which the primary appends now."""
        logs = (self.primary.folder / "appendonlydir").glob("*.incr.aof")
        return max(logs, key=lambda log: int(log.name.split(".")[-3]))

    def _log_size(self) -> int:
        return self._log().stat().st_size


def _told(server: LocalRedis, *command: str) -> Any:
    with redis.Redis.from_url(server.url, socket_timeout=5) as client:
        return client.execute_command(*command)


def _info(server: LocalRedis, name: str, section: str = "persistence") -> str:
    return str(_told(server, "INFO", section)[name])


def _until(what: str, holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _PATIENCE
    while not holds():
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {_PATIENCE:g} s in vain: {what}")
        time.sleep(0.1)
