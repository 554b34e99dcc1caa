"""From a fetched batch to records in one pass: the client's own unpacking, without its detours.

kafka-python makes three objects for each record and steps through it number by number, which is
most of what reading costs (84 % of its poll loop). This does the same in one pass and makes the
worker's own record. What it reads of a batch (transactions, control batches, compression, the
checksum) it leaves to the client's code; a test holds both against each other on any records.

Re-check on another client version: `PartitionRecords` is not the client's public interface.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kafka.consumer.fetcher import Fetcher
from kafka.errors import CorruptRecordError
from kafka.protocol.consumer import IsolationLevel
from kafka.record.util import decode_varint

from consumer.records import InputRecord


def unpack_quickly(consumer: Any) -> None:
    """Let a consumer give InputRecord in place of its own records, from its next fetch on."""
    consumer._fetcher.PartitionRecords = QuickRecords  # noqa: SLF001


class QuickRecords(Fetcher.PartitionRecords):  # type: ignore[misc]  # kafka-python is untyped
    """What was fetched of one partition."""

    def _unpack_records(self, tp: Any, records: Any, *_: object) -> Iterator[InputRecord]:
        last = None
        while (batch := records.next_batch()) is not None:
            last = batch
            if self.check_crcs and not batch.validate_crc():
                raise CorruptRecordError(f"{tp}: the batch at {batch.base_offset} is damaged")
            if batch.magic != 2:
                raise CorruptRecordError(
                    f"{tp}: a batch of format {batch.magic}, before Kafka 0.11"
                )
            self.leader_epoch = batch.leader_epoch
            if self._is_left_out(batch):
                self.next_fetch_offset = batch.next_offset
                continue
            for record in _records_of(batch, tp):
                self.next_fetch_offset = record.offset + 1
                yield record
        if last is not None:
            # Also where the last records of a batch were removed by compaction.
            self.next_fetch_offset = last.next_offset
        self.drain()

    def _is_left_out(self, batch: Any) -> bool:
        """Whether nothing of the batch is given: a marker, or a transaction that was aborted."""
        if self.isolation_level == IsolationLevel.READ_COMMITTED and batch.has_producer_id():
            self._consume_aborted_transactions_up_to(batch.last_offset)
            if self._contains_abort_marker(batch):
                self.aborted_producer_ids.discard(batch.producer_id)
            elif self._is_batch_aborted(batch):
                return True
        return bool(batch.is_control_batch)


def _records_of(batch: Any, tp: Any) -> Iterator[InputRecord]:
    """The records of one batch (record format 2, KIP-98)."""
    batch._maybe_uncompress()  # noqa: SLF001
    buffer, at = bytes(batch._buffer), batch._pos  # noqa: SLF001
    topic, partition = tp.topic, tp.partition
    base, first = batch.base_offset, batch.first_timestamp
    appended = batch.max_timestamp if batch.timestamp_type == batch.LOG_APPEND_TIME else None
    try:
        for _ in range(batch.records_count):
            length, at = decode_varint(buffer, at)
            end = at + length
            delta, at = decode_varint(buffer, at + 1)  # after one byte of attributes
            offset, at = decode_varint(buffer, at)
            key: bytes | None = None
            size, at = decode_varint(buffer, at)
            if size >= 0:
                key, at = buffer[at : at + size], at + size
            value: bytes | None = None
            size, at = decode_varint(buffer, at)
            if size >= 0:
                value, at = buffer[at : at + size], at + size
            headers: Any = ()
            if buffer[at]:
                headers, at = _headers(buffer, at)
            else:
                at += 1
            if at != end:
                raise CorruptRecordError(f"{tp}: a record of {length} bytes ends elsewhere")
            yield InputRecord(
                topic,
                partition,
                base + offset,
                first + delta if appended is None else appended,
                key,
                value,
                headers,
            )
    except (ValueError, IndexError) as error:
        raise CorruptRecordError(f"{tp}: no record at byte {at}: {error}") from error
    if at != len(buffer):
        raise CorruptRecordError(f"{tp}: {len(buffer) - at} bytes after the last record")


def _headers(buffer: bytes, at: int) -> tuple[list[tuple[str, bytes | None]], int]:
    count, at = decode_varint(buffer, at)
    if count < 0:
        raise ValueError("a negative number of headers")
    headers: list[tuple[str, bytes | None]] = []
    for _ in range(count):
        size, at = decode_varint(buffer, at)
        if size < 0:
            raise ValueError("a header without a name")
        name, at = buffer[at : at + size].decode(), at + size
        size, at = decode_varint(buffer, at)
        if size < 0:
            headers.append((name, None))
        else:
            headers.append((name, buffer[at : at + size]))
            at += size
    return headers, at
