"""A partition that was paused with records in the client's hand is read on when it is resumed.

Found by the demo: kafka-python 3.0.12 parks such records and may never take them up again.
"""

import time

from kafka import KafkaProducer

from consumer.kafka.history import KafkaHistory
from consumer.kafka.source import KafkaSource
from consumer.kafka.topics import create_topics
from consumer.settings import InputTopic, Settings
from tests.servers import KafkaUsed, unique

RECORDS = 30
_DEADLINE = 60.0


def settings_on(kafka: KafkaUsed) -> Settings:
    return Settings(
        kafka_bootstrap_servers=kafka.bootstrap,
        kafka_embedded=True,  # whatever it is: generation 0 will do
        input_topics=(InputTopic(name=unique("a")), InputTopic(name=unique("b"))),
        journal_topic=unique("journal"),
        stage_changes_topic=unique("stage-changes"),
        stages_topic=unique("stages"),
        dead_letters_topic=unique("dead-letters"),
        policies_topic=unique("policies"),
        deployment=unique("resumed"),
        worker_id="one",
        session_timeout=6,
    )


def test_a_resumed_partition_is_read_to_its_end(kafka: KafkaUsed) -> None:
    settings = settings_on(kafka)
    create_topics(settings, 1, 1)
    producer = KafkaProducer(bootstrap_servers=kafka.bootstrap)
    for topic in settings.topics:
        for number in range(RECORDS):
            producer.send(topic, str(number).encode(), partition=0)
    producer.flush()
    producer.close()
    source = KafkaSource(settings, KafkaHistory(settings))
    read = dict.fromkeys(settings.topics, 0)
    deadline = time.monotonic() + _DEADLINE

    def poll(limit: int) -> str | None:
        """Read once; the topic that records came from."""
        assert time.monotonic() < deadline, f"stuck at {read}"
        runs = source.poll(0.1, limit)
        for run in runs:
            read[run[0].topic] += len(run)
        return runs[0][0].topic if runs else None

    try:
        while not ((given := source.assignment()) and given.partitions):
            assert poll(1) is None
        source.start(0, dict.fromkeys(settings.topics, 0))
        # A few records of the first topic that answers; the rest stays in the client's hand.
        while (begun := poll(3)) is None:
            pass
        other = next(topic for topic in settings.topics if topic != begun)
        source.pause(begun, 0)
        while read[other] < RECORDS:
            poll(3)
        source.resume(begun, 0)
        while read[begun] < RECORDS:
            poll(3)
    finally:
        source.close()
    assert read == dict.fromkeys(settings.topics, RECORDS)
