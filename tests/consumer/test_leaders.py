"""Told by a broker that it leads no more, a consumer asks who does; kafka-python never would."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from kafka import TopicPartition
from kafka.cluster import ClusterMetadata
from kafka.consumer.fetcher import Fetcher
from kafka.protocol.consumer import ListOffsetsResponse

from consumer.kafka.leaders import ask_for_leaders

NO_ERROR, NOT_LEADER = 0, 6
PLACE = TopicPartition("journal", 1)


def fetcher() -> Any:
    made = Fetcher.__new__(Fetcher)
    made._manager = SimpleNamespace(cluster=ClusterMetadata())
    made._manager.cluster._need_update = False
    return made


def answer(error: int) -> Any:
    topic = ListOffsetsResponse.ListOffsetsTopicResponse
    partition = topic.ListOffsetsPartitionResponse(
        partition_index=1, error_code=error, timestamp=-1, offset=7, leader_epoch=3
    )
    return ListOffsetsResponse[5](
        throttle_time_ms=0, topics=[topic(name="journal", partitions=[partition])]
    )


def test_a_broker_that_leads_no_more_is_not_only_asked_again() -> None:
    asked = fetcher()
    ask_for_leaders(asked)
    assert asked._handle_list_offsets_response(answer(NOT_LEADER)) == ({}, {PLACE})
    assert asked._manager.cluster.need_update


def test_a_broker_that_leads_is_believed() -> None:
    asked = fetcher()
    ask_for_leaders(asked)
    offsets, again = asked._handle_list_offsets_response(answer(NO_ERROR))
    assert (offsets[PLACE].offset, again) == (7, set())
    assert not asked._manager.cluster.need_update


def test_the_client_itself_still_does_not_ask() -> None:
    """If this fails, the client was mended, and our consumer can go."""
    asked = fetcher()
    asked._handle_list_offsets_response(answer(NOT_LEADER))
    assert not asked._manager.cluster.need_update
