"""What anybody may do to a deployment on Redis without owning a partition: look, and remove."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from statemachine.customer import Customer
from store.codec import Codec, decode_record
from store.keys import Keys, Layout
from store.port import PartitionRecord
from store.redis_client import Client

_PAGE = 500


@dataclass(frozen=True, slots=True)
class Live:
    """The live namespace of a partition, and its layout."""

    namespace: str
    layout: Layout

    @staticmethod
    def of(stored: list[bytes]) -> Live:
        """From the fields namespace, buckets, span_hours and splits of the partition's hash."""
        namespace, *layout = stored
        return Live(namespace.decode(), Layout(*map(int, layout)))


class RedisReader:
    """Reads of one deployment.

    Nothing is held still for them: a long one may see half of one batch and half of the next.
    """

    def __init__(self, client: Client, keys: Keys) -> None:
        self._client = client
        self._keys = keys
        self._codec = Codec()

    def look(self, partition: int) -> tuple[str | None, PartitionRecord | None]:
        """The owner's worker id and the record. Raises Unavailable, StateTooNew."""
        key = self._keys.partition(partition)
        owner, record = self._client.command("HMGET", key, "owner", "record")
        return (
            None if owner is None else owner.decode(),
            None if record is None else decode_record(record),
        )

    def find(self, partition: int, customer_id: str) -> Customer | None:
        """One customer's state, None if there is none. Raises Unavailable, StateTooNew."""
        live = self._read_live(partition)
        if live is None:
            return None
        key = self._keys.customers(partition, live.namespace, live.layout.bucket_of(customer_id))
        stored = self._client.command("HGET", key, customer_id)
        return None if stored is None else self._codec.decode(stored)

    def everybody(self, partition: int) -> Iterator[tuple[str, Customer]]:
        """All customers, each once; one that comes or goes meanwhile may be missed.

        Raises Unavailable, StateTooNew.
        """
        live = self._read_live(partition)
        if live is None:
            return
        for bucket in range(live.layout.buckets):
            key = self._keys.customers(partition, live.namespace, bucket)
            told: set[bytes] = set()  # a scan may repeat itself while the hash grows
            for customer_id, stored in self._scan_hash(key):
                if customer_id not in told:
                    told.add(customer_id)
                    yield customer_id.decode(), self._codec.decode(stored)

    def timers(self, partition: int) -> Iterator[tuple[int, str]]:
        """All timer entries, in no order over all. Raises Unavailable."""
        live = self._read_live(partition)
        if live is None:
            return
        index = self._keys.timer_index(partition, live.namespace)
        for timer_set in self._client.command("ZRANGE", index, 0, -1):
            key = self._keys.timer_set(partition, live.namespace, timer_set.decode())
            found = iter(self._client.command("ZRANGE", key, 0, -1, "WITHSCORES"))
            for customer_id, due in zip(found, found, strict=True):
                yield int(float(due)), customer_id.decode()

    def accept_bad(self, partition: int) -> None:
        """An operator lets a held partition go on. Raises Unavailable."""
        self._client.command("HSET", self._keys.partition(partition), "accepted_bad", "1")

    def forget(self, partitions: Iterable[int]) -> None:
        """Remove everything of these partitions, all namespaces included. Raises Unavailable.

        The partition's hash goes first: from then on its owner is refused, and whoever takes it
        begins under a new namespace, so that nothing left by a crash half-way is ever read.
        """
        for partition in partitions:
            self._client.command("DEL", self._keys.partition(partition))
            cursor: int | bytes = 0
            while True:
                pattern = f"{self._keys.all_of(partition)}*"
                cursor, keys = self._client.command(
                    "SCAN", cursor, "MATCH", pattern, "COUNT", _PAGE
                )
                if keys:
                    self._client.command("UNLINK", *keys)
                if not int(cursor):
                    break

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _read_live(self, partition: int) -> Live | None:
        stored = self._client.command(
            *("HMGET", self._keys.partition(partition)),
            *("namespace", "buckets", "span_hours", "splits"),
        )
        return None if stored[0] is None else Live.of(stored)

    def _scan_hash(self, key: str) -> Iterator[tuple[bytes, bytes]]:
        cursor: int | bytes = 0
        while True:
            cursor, found = self._client.command("HSCAN", key, cursor, "COUNT", _PAGE)
            yield from found.items()
            if not int(cursor):
                break
