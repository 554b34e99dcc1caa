"""The redis-server that is installed on the machine."""

from operate.servers.process import program
from operate.servers.redis_server import RedisServer


class LocalRedis(RedisServer):
    """The redis-server on the path, as a process of our own."""

    name = "Redis"

    def _binary(self) -> str:
        return redis_server()


def redis_server() -> str:
    """Return the path of redis-server; raises ServerError with the remedy."""
    return program("redis-server", "on Debian: apt-get install redis-server")
