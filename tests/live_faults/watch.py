"""A read_committed subscriber on the brokers themselves, in a thread: changes and journal."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError

from schemas.outputs import JournalRecord
from tests.live_faults.progress import Progress
from tests.live_faults.subscriber import Subscriber


class Watch:
    """Follows both topics from their beginning until it is closed."""

    def __init__(self, bootstrap: str, changes: str, journal: str, partitions: int) -> None:
        self.subscriber = Subscriber()
        self.progress = Progress(partitions)
        self.failure: BaseException | None = None
        self._bootstrap = bootstrap
        self._topics: dict[str, Callable[[Any], None]] = {
            changes: self._change,
            journal: self._batch,
        }
        self._partitions = partitions
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watch", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def close(self) -> None:
        """Stop; what was read so far stays."""
        self._stop.set()
        self._thread.join(30)

    def _run(self) -> None:
        consumer = KafkaConsumer(
            bootstrap_servers=self._bootstrap.split(","),
            client_id="subscriber",
            group_id=None,
            isolation_level="read_committed",
            auto_offset_reset="none",
            enable_auto_commit=False,
            fetch_max_wait_ms=100,
            request_timeout_ms=10_000,
            reconnect_backoff_max_ms=1_000,
            metadata_max_age_ms=5_000,
            metrics_enabled=False,
        )
        try:
            places = [
                TopicPartition(topic, number)
                for topic in self._topics
                for number in range(self._partitions)
            ]
            consumer.assign(places)
            for place in places:
                consumer.seek(place, 0)
            while not self._stop.is_set():
                self._poll(consumer)
        except BaseException as failure:  # noqa: BLE001 - the run raises it
            self.failure = failure
        finally:
            consumer.close(autocommit=False)

    def _poll(self, consumer: Any) -> None:
        try:
            found = consumer.poll(timeout_ms=100)
        except KafkaError as error:
            if not getattr(error, "retriable", False):
                raise
            return
        for place, records in found.items():
            for record in records:
                self._topics[place.topic](record)

    def _change(self, record: Any) -> None:
        self.subscriber.see(record.value)

    def _batch(self, record: Any) -> None:
        journal = JournalRecord.model_validate_json(record.value)
        self.progress.batch(journal, record.timestamp / 1000)
