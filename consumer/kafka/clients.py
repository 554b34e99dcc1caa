"""The Kafka client that the worker speaks through: kafka-python, or something that behaves as it.

The simulated cluster (consumer/simulated/) puts its own clients in this place, so that what is
tested there is the code that runs in a bank, and only the broker is not one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from kafka import KafkaProducer

from consumer.kafka.leaders import Consumer

ANSWER_MS: Final = 10_000
"""Milliseconds after which a question that Kafka does not answer is given up: it is away, and that
is said. The client's default is 30,000, and it waits as long when it finds nobody to ask."""


@dataclass(frozen=True, slots=True)
class Clients:
    """How consumers and producers are made; both take kafka-python's own keyword arguments."""

    consumer: Callable[..., Any] = Consumer
    producer: Callable[..., Any] = KafkaProducer


KAFKA_PYTHON = Clients()
