"""What Apache Kafka and Tansu have in common."""

import struct

from operate.servers.process import Server, ask

# Metadata, version 1, about no topics: (length,) API key, version, correlation id, no client
# id, no topics. The answer begins: length, correlation id, number of brokers.
_METADATA_REQUEST = struct.pack(">ihhihi", 14, 3, 1, 1, -1, 0)


class KafkaServer(Server):
    """A Kafka broker, one node, without TLS or passwords."""

    @property
    def bootstrap(self) -> str:
        """For `bootstrap_servers` of a client: the same as `address`."""
        return self.address

    def _serves(self) -> bool:
        answer = ask(self.port, _METADATA_REQUEST, 12)
        if answer is None:
            return False
        _length, _correlation, brokers = struct.unpack(">iii", answer)
        return int(brokers) > 0
