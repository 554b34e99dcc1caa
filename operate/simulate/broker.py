"""The feed as a producer's records, each on the partition of its customer.

The producer of history sets every record's timestamp: topics must keep it
(message.timestamp.type=CreateTime) and must not delete what is old (retention.ms=-1).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from typing import Any, Literal, Protocol

from kafka import KafkaProducer

from consumer.partitioner import Partitioner, partition_of
from operate.simulate.files import Written
from operate.simulate.records import FeedRecord

_ANSWER_SECONDS = 60.0


class _Answer(Protocol):
    def get(self, timeout: float | None = None) -> object: ...


class Producer(Protocol):
    """The part of a Kafka producer that the feed needs."""

    def send(
        self,
        topic: str,
        value: bytes,
        key: bytes | None,
        headers: list[tuple[str, bytes]],
        partition: int,
        timestamp_ms: int,
    ) -> _Answer:
        """Hand one record over; the answer's get() raises if it was not taken."""
        ...


def produce(
    producer: Producer,
    records: Iterable[FeedRecord],
    partitions: int,
    *,
    partitioner: Partitioner = "murmur2",
    in_flight: int = 20_000,
) -> Written:
    """Send the records in order through a producer; returns when every one was acknowledged.

    Watermarks go to every partition; a record without a key goes to partition 0. At most
    `in_flight` records wait for their acknowledgement, because the client itself never pushes
    back. Raises the client's error for the first record that was refused.
    """
    written = Written()
    waiting: deque[_Answer] = deque()
    places: dict[bytes, int] = {}
    for record in records:
        key = record.key or b""
        place = places.get(key)
        if place is None:
            place = places[key] = partition_of(key, partitions, partitioner) if key else 0
        for partition in range(partitions) if record.to_every_partition else (place,):
            answer = producer.send(
                record.topic,
                value=record.value,
                key=record.key,
                headers=list(record.headers),
                partition=partition,
                timestamp_ms=record.timestamp_ms,
            )
            waiting.append(answer)
        written.count(record)
        while len(waiting) > in_flight:
            waiting.popleft().get(timeout=_ANSWER_SECONDS)
    while waiting:
        waiting.popleft().get(timeout=_ANSWER_SECONDS)
    return written


def send(
    bootstrap: str,
    records: Iterable[FeedRecord],
    partitions: int,
    *,
    partitioner: Partitioner = "murmur2",
    compression: Literal["lz4", "gzip", "snappy", "zstd"] | None = None,
    client_settings: Mapping[str, Any] | None = None,
) -> Written:
    """Send the feed to a broker whose topics exist with this many partitions each.

    `client_settings` (TLS, SASL, ...) go to the producer as they are. Compressions other than
    gzip need their package installed. Raises the client's KafkaError.
    """
    producer = KafkaProducer(
        **{
            "bootstrap_servers": bootstrap.split(","),
            "client_id": "tenure-simulate",
            "acks": "all",
            "compression_type": compression,
            "linger_ms": 20,
            "batch_size": 256 * 1024,
            "metrics_enabled": False,
            **(client_settings or {}),
        }
    )
    try:
        return produce(producer, records, partitions, partitioner=partitioner)
    finally:
        producer.close(timeout=10)
