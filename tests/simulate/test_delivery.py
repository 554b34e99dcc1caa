"""The feed in a file, and on a broker."""

import gzip
import json
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from kafka import KafkaConsumer, TopicPartition

from consumer.partitioner import partition_of
from operate.simulate import ONLY_THE_KEY, Dirt, FeedRecord, Plan, simulate, write_file
from operate.simulate.broker import produce, send
from tests.servers import KafkaUsed

PLAN = Plan(customers=20, days=60, seed=2, watermarks="daily")


def test_a_file_holds_one_event_a_line_in_arrival_order(tmp_path: Path) -> None:
    path = tmp_path / "feed.jsonl"
    written = write_file(path, simulate(PLAN))
    lines = path.read_bytes().splitlines()
    assert lines == [record.value for record in simulate(PLAN)]
    assert written.records == len(lines)
    assert written.topics.total() == len(lines)
    assert written.bytes == sum(map(len, lines))


def test_a_name_that_ends_in_gz_means_gzip_and_equal_feeds_are_equal_files(tmp_path: Path) -> None:
    first, second = tmp_path / "a.jsonl.gz", tmp_path / "b.jsonl.gz"
    write_file(first, simulate(PLAN))
    write_file(second, simulate(PLAN))
    assert first.read_bytes() == second.read_bytes()
    with gzip.open(first) as lines:
        assert json.loads(next(lines))["schema_version"] == 1


def test_a_file_leaves_out_what_only_its_key_makes_bad(tmp_path: Path) -> None:
    dirty = replace(PLAN, dirt=Dirt(malformed=0.2))
    counts = Counter(record.dirt for record in simulate(dirty))
    written = write_file(tmp_path / "feed.jsonl", simulate(dirty))
    assert written.dirt == Counter(
        {kind: n for kind, n in counts.items() if kind is not None and kind not in ONLY_THE_KEY}
    )


def place_of(key: bytes | None) -> int:
    """The partition of a key of three, as Kafka's own clients compute it."""
    return partition_of(key or b"", 3, "murmur2")


class Taken:
    """An answer that counts how often it was asked for."""

    def __init__(self, failure: Exception | None) -> None:
        self.failure = failure
        self.asked = 0

    def get(self, timeout: float | None = None) -> object:
        self.asked += 1
        if self.failure is not None:
            raise self.failure
        return timeout


class FakeProducer:
    """Keeps what is sent; refuses the record with this number."""

    def __init__(self, refuse: int = -1) -> None:
        self.sent: list[tuple[str, bytes | None, int, int]] = []
        self.answers: list[Taken] = []
        self.refuse = refuse

    def send(
        self,
        topic: str,
        value: bytes,
        key: bytes | None,
        headers: list[tuple[str, bytes]],
        partition: int,
        timestamp_ms: int,
    ) -> Taken:
        refused = len(self.sent) == self.refuse
        self.sent.append((topic, key, partition, timestamp_ms))
        self.answers.append(Taken(ConnectionError("gone") if refused else None))
        return self.answers[-1]


def test_watermarks_go_to_every_partition_and_customers_to_theirs() -> None:
    producer = FakeProducer()
    written = produce(producer, simulate(PLAN), partitions=3)
    for _, key, partition, _ in producer.sent:
        assert key is None or partition == place_of(key)
    marks = Counter((topic, at) for topic, key, _, at in producer.sent if key is None)
    assert set(marks.values()) == {3}
    assert len(producer.sent) == written.records + 2 * len(marks)


def test_sending_returns_only_when_every_record_was_acknowledged() -> None:
    producer = FakeProducer()
    produce(producer, simulate(PLAN), partitions=2, in_flight=10)
    assert [answer.asked for answer in producer.answers] == [1] * len(producer.answers)


def test_a_refused_record_is_an_error() -> None:
    with pytest.raises(ConnectionError, match="gone"):
        produce(FakeProducer(refuse=17), simulate(PLAN), partitions=2)


def test_what_is_sent_can_be_read_back_with_its_keys_and_times(kafka: KafkaUsed) -> None:
    topics = [kafka.create_topic(what, partitions=3) for what in ("accounts", "transactions")]
    plan = replace(PLAN, accounts_topic=topics[0], transactions_topic=topics[1])
    records = list(simulate(plan))
    written = send(kafka.bootstrap, records, 3, compression="gzip")
    assert written.records == len(records)
    expected: dict[tuple[str, int], list[tuple[bytes | None, bytes, int]]] = {}
    for record in records:
        for partition in range(3):
            if record.to_every_partition or partition == place_of(record.key):
                place = expected.setdefault((record.topic, partition), [])
                place.append((record.key, record.value, record.timestamp_ms))
    consumer = KafkaConsumer(bootstrap_servers=kafka.bootstrap, auto_offset_reset="earliest")
    try:
        for (topic, partition), wanted in expected.items():
            place = TopicPartition(topic, partition)
            consumer.assign([place])
            consumer.seek_to_beginning(place)
            found: list[tuple[bytes | None, bytes, int]] = []
            while len(found) < len(wanted):
                for batch in consumer.poll(timeout_ms=5_000).values():
                    found += [(r.key, r.value, r.timestamp) for r in batch]
            assert found == wanted
    finally:
        consumer.close()


def test_a_record_is_a_plain_value() -> None:
    record = FeedRecord("t", b"k", b"v", 1)
    assert record == ("t", b"k", b"v", 1, (), False, None)
