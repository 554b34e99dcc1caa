"""A transactional request survives a broker that cannot be reached; kafka-python forgets it."""

from __future__ import annotations

from typing import Any

import pytest
from kafka.net.compat import KafkaNetClient
from kafka.producer.record_accumulator import RecordAccumulator
from kafka.producer.sender import Sender
from kafka.producer.transaction_manager import TransactionManager, TransactionState

from consumer.kafka.connections import Connections

NOBODY = "127.0.0.1:9"


def pending_after_a_failed_attempt(connections: type[Any]) -> list[str]:
    """The requests that a producer still has to send, once its coordinator was not reached."""
    client = connections(bootstrap_servers=[NOBODY], client_id="t")
    try:
        transactions = TransactionManager(transactional_id="t", metadata=client.cluster)
        accumulator = RecordAccumulator(transaction_manager=transactions)
        sender = Sender(
            client,
            client.cluster,
            accumulator,
            transaction_manager=transactions,
            request_timeout_ms=50,
        )
        transactions._current_state = TransactionState.IN_TRANSACTION
        transactions._transaction_started = True
        transactions._transaction_coordinator = "coordinator-1"
        transactions.begin_commit()
        sender._maybe_send_pending_request()
        return [type(one).__name__ for _, _, one in sorted(transactions._pending_requests)]
    finally:
        client.close()


def test_the_end_of_a_transaction_is_sent_again_when_its_coordinator_was_not_reached() -> None:
    assert pending_after_a_failed_attempt(Connections) == [
        "FindCoordinatorHandler",
        "EndTxnHandler",
    ]


def test_the_clients_own_connections_still_lose_it() -> None:
    """If this fails, the client was mended, and ours can go."""
    with pytest.raises(AssertionError):
        assert "EndTxnHandler" in pending_after_a_failed_attempt(KafkaNetClient)
