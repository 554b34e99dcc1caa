"""A producer's connections: a broker that cannot be reached is said to be so, not raised.

kafka-python 3.0.12's sender takes a transactional request off its queue, finds its coordinator,
and waits for the connection. Where that fails the client raises, though its caller expects False;
the sender catches it, looks for the coordinator again, and forgets the request. If it was the end
of a transaction, the commit waits for ever. It happens when a broker dies at the wrong moment.

Re-check on another client version: `kafka_client` is a setting, what it must be is not documented.
"""

from __future__ import annotations

from kafka.errors import KafkaError
from kafka.net.compat import KafkaNetClient


class Connections(KafkaNetClient):  # type: ignore[misc]  # kafka-python is untyped
    """The client's own, but for the answer that the sender expects."""

    def await_ready(self, node_id: object, timeout_ms: float = 30_000) -> bool:
        """Whether the broker can be reached within so long."""
        try:
            return bool(super().await_ready(node_id, timeout_ms=timeout_ms))
        except KafkaError:
            return False
