"""`tenure send`: one event onto an input topic."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

import typer
from kafka import KafkaProducer

from consumer.decode import decode
from consumer.kafka.failures import translated
from consumer.partitioner import partition_of
from consumer.records import InputRecord
from consumer.rejection import Rejected
from consumer.settings import Settings
from operate.commands.options import Config, Json, Kafka, examples
from operate.events import assignments, default_topic, known_type, make_event, moment
from operate.exits import Ended, Exit
from operate.given import settings_of
from operate.log import open_log
from operate.terminal import out, say, say_json
from schemas.base import to_millis
from schemas.events import CanonicalEvent, CustomerEvent, FeedWatermark, PolicyActivated

_ANSWER_SECONDS = 30

EPILOG = examples(
    "tenure send account.opened --customer C000123",
    "tenure send transaction.posted --customer C000123 --field amount=12.50",
    "tenure send feedback.received --customer C000123 --field kind=score --field score=2",
    "tenure send feed.watermark --field complete_through=2026-01-01T00:00:00+08:00",
)


def send(
    kind: Annotated[
        str, typer.Argument(metavar="TYPE", help="An event type; `tenure example` lists them.")
    ],
    customer: Annotated[
        str | None, typer.Option("--customer", "-c", metavar="ID", help="Whom it is about.")
    ] = None,
    field: Annotated[
        list[str] | None,
        typer.Option(
            "--field",
            "-f",
            metavar="NAME=VALUE",
            help="Another value for a field; an empty one leaves it out. May be repeated.",
        ),
    ] = None,
    at: Annotated[
        str | None,
        typer.Option(
            metavar="TIME",
            show_default="now",
            help="When it occurred (RFC 3339 with offset); the record is stamped alike.",
        ),
    ] = None,
    topic: Annotated[
        str | None, typer.Option(metavar="TOPIC", help="The input topic, if not the usual one.")
    ] = None,
    config: Config = None,
    kafka: Kafka = None,
    as_json: Json = False,
) -> None:
    """Send one valid event: the example of its type, dated now, with your fields in it.

    Checked as a worker checks it before it is sent, under the customer's key, to the partition
    where the customer belongs. The event id is a new one. Prints where it landed; `tenure watch`
    shows what follows. Control events have no key; a watermark goes to every partition.
    """
    settings = settings_of(config, kafka_bootstrap_servers=kafka)
    time = moment(at)
    event, value = make_event(known_type(kind), customer, assignments(field or []), time)
    target = topic or _topic_of(event, settings)
    if target not in settings.topics:
        raise Ended(
            Exit.USAGE, f"'{target}' is not an input topic; they are {', '.join(settings.topics)}"
        )
    key = event.customer_id.encode() if isinstance(event, CustomerEvent) else None
    places = _places(settings, target, event)
    with translated("sending"), _producer(settings) as producer:
        for place in places:
            record = InputRecord(target, place, 0, to_millis(time), key, value)
            landed = _send(producer, record)
            if as_json:
                say_json({**landed, "event": json.loads(value)})
            else:
                where = "{topic} partition {partition} offset {offset}".format(**landed)
                say(out(), f"{event.type} {event.event_id} landed on {where}")


def _topic_of(event: CanonicalEvent, settings: Settings) -> str:
    if isinstance(event, FeedWatermark):
        return event.topic
    return default_topic(event.type, settings.topics)


def _places(settings: Settings, topic: str, event: CanonicalEvent) -> list[int]:
    """The partitions that the event goes to."""
    # Asked as a reader: some brokers make a topic for a producer that only asks.
    with open_log(settings) as log:
        count = len(log.partitions(topic))
    if not count:
        raise Ended(Exit.REFUSED, f"topic {topic} does not exist; run: tenure topics create")
    if isinstance(event, FeedWatermark | PolicyActivated):
        return list(range(count))
    return [partition_of(event.customer_id.encode(), count, settings.partitioner)]


def _send(producer: Any, record: InputRecord) -> dict[str, str | int]:
    """Check it as a worker will, send it, and tell where it landed."""
    judged = decode(record)
    if isinstance(judged, Rejected):
        raise Ended(Exit.USAGE, f"{judged.reason}: {judged.detail}. {judged.remedy}")
    landed = producer.send(
        record.topic,
        key=record.key,
        value=record.value,
        partition=record.partition,
        timestamp_ms=record.timestamp_ms,
    ).get(timeout=_ANSWER_SECONDS)
    return {"topic": record.topic, "partition": record.partition, "offset": landed.offset}


@contextmanager
def _producer(settings: Settings) -> Iterator[Any]:
    producer = KafkaProducer(
        **settings.kafka(),
        client_id="tenure-send",
        acks="all",
        metrics_enabled=False,
        allow_auto_create_topics=False,
        max_block_ms=10_000,
    )
    try:
        yield producer
    finally:
        producer.close(timeout=5)
