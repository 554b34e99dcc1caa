"""What redis-server and valkey-server have in common."""

from abc import abstractmethod
from collections.abc import Sequence
from pathlib import Path

from operate.servers.process import HOST, Server, ask


class RedisServer(Server):
    """A Redis without passwords, that refuses writes when full rather than forget keys.

    `append_only` keeps its data over `kill` and `restart`, up to the last second of writes
    (the log is flushed every second, as in production); without it a restart begins empty.
    """

    start_seconds = 10

    def __init__(self, *, folder: Path | None = None, append_only: bool = False) -> None:
        super().__init__(folder=folder)
        self.append_only = append_only

    @property
    def url(self) -> str:
        """For `redis.Redis.from_url`."""
        return f"redis://{self.address}/0"

    @abstractmethod
    def _binary(self) -> str:
        """The full path of the server's program; raises ServerError if it is missing."""

    def _command(self) -> Sequence[str]:
        return [
            self._binary(),
            *("--bind", HOST),
            *("--port", str(self.port)),
            *("--dir", str(self.folder)),
            *("--save", ""),
            *("--appendonly", "yes" if self.append_only else "no"),
            *("--appendfsync", "everysec"),
            *("--maxmemory-policy", "noeviction"),
        ]

    def _serves(self) -> bool:
        # While it still reads its log it answers -LOADING.
        return ask(self.port, b"PING\r\n", len(b"+PONG")) == b"+PONG"
