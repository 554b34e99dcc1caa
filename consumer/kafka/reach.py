"""Whether anybody listens at the broker's address: asked before a client is made.

kafka-python looks for a broker for half a minute before it says that there is none. A connection
attempt says so at once.
"""

from __future__ import annotations

import socket

from consumer.ports import Unavailable
from consumer.settings import Settings

_SECONDS = 2.0
_PORT = 9092


def reach(settings: Settings) -> None:
    """Return if one of the bootstrap servers takes a connection; raise Unavailable otherwise."""
    for address in settings.kafka_bootstrap_servers.split(","):
        host, port = _parts(address.strip())
        try:
            socket.create_connection((host, port), timeout=_SECONDS).close()
        except OSError:
            continue
        return
    raise Unavailable(
        f"Kafka cannot be reached at {settings.kafka_bootstrap_servers}: start it, or correct"
        " TENURE_KAFKA_BOOTSTRAP_SERVERS"
    )


def _parts(address: str) -> tuple[str, int]:
    """Host and port of 'host', 'host:9092' or '[::1]:9092'."""
    host, colon, port = address.rpartition(":")
    if not colon or not port.isdecimal():
        return address.strip("[]"), _PORT
    return host.strip("[]"), int(port)
