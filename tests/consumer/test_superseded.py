"""Whoever is told that its place was taken asks first whether it took that place itself."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from kafka.errors import FencedInstanceIdError

from consumer.kafka.clients import Clients
from consumer.kafka.publisher import KafkaPublisher
from consumer.kafka.source import KafkaSource
from consumer.ports import InDoubt, Superseded
from consumer.settings import Settings

GENERATION = 3


def member(member_id: str) -> Any:
    return SimpleNamespace(generation_id=GENERATION, member_id=member_id)


class Fenced:
    """A producer whose offsets are refused: another member has this instance's place."""

    _transaction_manager = SimpleNamespace(producer_id_and_epoch=(1, 1))

    def __init__(self, **_: object) -> None: ...
    def init_transactions(self) -> None: ...
    def begin_transaction(self) -> None: ...
    def close(self, timeout: float) -> None: ...

    def send_offsets_to_transaction(self, *_: object) -> None:
        raise FencedInstanceIdError


def commit_as_of(identity: str, *, now: str) -> None:
    source = KafkaSource.__new__(KafkaSource)
    source.identity = member(identity)
    source._consumer = SimpleNamespace(group_metadata=lambda: member(now))
    settings = Settings(worker_id="w1")
    publisher = KafkaPublisher(settings, source, Clients(producer=Fenced))
    publisher.commit(GENERATION, [], lambda: None)


def test_a_place_that_another_process_took_is_given_up() -> None:
    with pytest.raises(Superseded, match="w1"):
        commit_as_of("w1-first", now="w1-first")


@pytest.mark.parametrize("now", ["w1-second", ""])
def test_a_place_that_this_worker_took_anew_is_a_doubt(now: str) -> None:
    with pytest.raises(InDoubt, match="anew"):
        commit_as_of("w1-first", now=now)
