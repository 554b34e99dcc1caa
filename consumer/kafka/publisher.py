"""The publisher on Kafka: one transaction per batch, and a new producer after any doubt.

kafka-python's flush only logs failures, and its commit can report success falsely, so every
send's own result is checked, the producer's identity must be the same before and after, and the
worker reads the committed position back. After any failure the producer is thrown away: what it
holds would leak into its next transaction.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from kafka import OffsetAndMetadata, TopicPartition
from kafka.errors import FencedInstanceIdError, KafkaError

from consumer.kafka.clients import ANSWER_MS, KAFKA_PYTHON, Clients
from consumer.kafka.connections import Connections
from consumer.kafka.failures import ILL_CONFIGURED, superseded, translated
from consumer.kafka.source import KafkaSource
from consumer.partition import commit_metadata
from consumer.ports import InDoubt, OutRecord, PartitionCommit
from consumer.settings import Settings

_SEND_WAIT = 30.0
_EXIT_HUNG = 75
_MAX_REQUEST = 4_194_304


class KafkaPublisher:
    """Publishes batches under the worker's transactional id."""

    def __init__(
        self, settings: Settings, source: KafkaSource, clients: Clients = KAFKA_PYTHON
    ) -> None:
        self._settings = settings
        self._clients = clients
        self._source = source
        self._producer: Any = None

    def commit(
        self,
        generation: int,
        commits: Sequence[PartitionCommit],
        meanwhile: Callable[[], None],
    ) -> Mapping[int, int]:
        """Everything of the batch, or nothing: the journal offset per partition."""
        identity = self._source.identity
        if identity is None or identity.generation_id != generation:
            raise InDoubt(f"generation {generation} of the group is over")
        try:
            with self._watched():
                return self._commit(identity, commits, meanwhile)
        except FencedInstanceIdError:
            self._drop()
            if self._source.joined_anew(identity):
                raise InDoubt("this worker itself joined the group anew meanwhile") from None
            raise superseded(self._settings.worker_id) from None
        except ILL_CONFIGURED:
            self._drop()
            raise
        except (KafkaError, OSError) as error:
            self._drop()
            raise InDoubt(f"{type(error).__name__}: {error}") from error
        except BaseException:
            self._drop()
            raise

    def release(self, owner: str) -> None:
        """Initialising a transactional id ends what its last producer left open."""
        with translated(f"ending the transaction of {owner}"):
            if owner == self._settings.worker_id:
                self._drop()
                self._ready()
                return
            producer = self._make(owner)
            try:
                producer.init_transactions()
            finally:
                producer.close(timeout=1)

    def close(self) -> None:
        """Let go of the broker."""
        self._drop()

    def _commit(
        self, identity: Any, commits: Sequence[PartitionCommit], meanwhile: Callable[[], None]
    ) -> Mapping[int, int]:
        producer = self._ready()
        before = _identity(producer)
        producer.begin_transaction()
        sent = [self._send(producer, record) for commit in commits for record in commit.records]
        journals = {commit.partition: self._send(producer, commit.journal) for commit in commits}
        offsets = {
            TopicPartition(topic, commit.partition): OffsetAndMetadata(
                offset,
                commit_metadata(commit.batch, commit.nonce, self._settings.worker_id),
                -1,
            )
            for commit in commits
            for topic, offset in commit.offsets.items()
        }
        meanwhile()
        producer.send_offsets_to_transaction(offsets, identity)
        for future in sent:
            future.get(timeout=_SEND_WAIT)
        journal_offsets = {
            partition: future.get(timeout=_SEND_WAIT).offset
            for partition, future in journals.items()
        }
        producer.commit_transaction()
        after = _identity(producer)
        if after != before:
            raise InDoubt(f"the producer's identity changed from {before} to {after}")
        return journal_offsets

    def _send(self, producer: Any, record: OutRecord) -> Any:
        return producer.send(
            record.topic,
            key=record.key,
            value=record.value,
            headers=list(record.headers),
            partition=record.partition,
        )

    def _ready(self) -> Any:
        if self._producer is None:
            producer = self._make(self._settings.worker_id)
            producer.init_transactions()
            self._producer = producer
        return self._producer

    def _make(self, transactional_id: str) -> Any:
        transaction_ms = int(self._settings.transaction_timeout * 1000)
        return self._clients.producer(
            **self._settings.kafka(),
            client_id=transactional_id,
            transactional_id=f"{self._settings.group}-{transactional_id}",
            acks="all",
            batch_size=262_144,
            linger_ms=0,
            compression_type=None,
            max_request_size=_MAX_REQUEST,
            request_timeout_ms=max(transaction_ms // 4, 1_000),
            delivery_timeout_ms=max(transaction_ms * 3 // 4, 2_000),
            transaction_timeout_ms=transaction_ms,
            max_block_ms=ANSWER_MS,
            retry_backoff_ms=5,
            metrics_enabled=False,
            allow_auto_create_topics=False,
            kafka_client=Connections,
        )

    def _drop(self) -> None:
        producer, self._producer = self._producer, None
        if producer is not None:
            # It may raise before its sender stops; nothing of it is used any more.
            with suppress(KafkaError, RuntimeError):
                producer.close(timeout=1)

    @contextmanager
    def _watched(self) -> Iterator[None]:
        """The client waits for a commit without limit; a worker that hangs is better dead."""
        watchdog = threading.Timer(self._settings.commit_watchdog, self._hung)
        watchdog.daemon = True
        watchdog.start()
        try:
            yield
        finally:
            watchdog.cancel()

    def _hung(self) -> None:
        sys.stderr.write(
            f"tenure: a commit hung for {self._settings.commit_watchdog} s; stopping, the next"
            " start recovers\n"
        )
        sys.stderr.flush()
        os._exit(_EXIT_HUNG)


def _identity(producer: Any) -> object:
    """Producer id and epoch; the client tells them nowhere else."""
    return producer._transaction_manager.producer_id_and_epoch  # noqa: SLF001
