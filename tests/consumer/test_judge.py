"""What is judged of a record beyond its bytes: its partition and its topic."""

from __future__ import annotations

import json

from consumer.decode import Decoded
from consumer.execute import Rules
from consumer.judge import Judge
from consumer.partitioner import partition_of
from consumer.records import InputRecord
from consumer.rejection import Rejected
from schemas.examples import example
from statemachine.policy_file import default_policy

COUNT = 8
JUDGE = Judge(Rules(default_policy(), COUNT, "murmur2"), 1_000_000)
STAMP = 1_800_000_000_000


def told(type_name: str, partition: int, topic: str = "tenure.accounts") -> InputRecord:
    event = example(type_name)
    key = str(event["customer_id"]).encode() if type_name != "feed.watermark" else None
    return InputRecord(topic, partition, 7, STAMP, key, json.dumps(event).encode())


def home() -> int:
    key = str(example("account.opened")["customer_id"]).encode()
    return partition_of(key, COUNT, "murmur2")


def test_a_customer_on_their_own_partition_is_let_through() -> None:
    assert isinstance(JUDGE(told("account.opened", home())), Decoded)


def test_a_customer_on_another_partition_is_refused_naming_both_every_time() -> None:
    elsewhere = (home() + 1) % COUNT
    for _ in range(2):
        judged = JUDGE(told("account.opened", elsewhere))
        assert isinstance(judged, Rejected)
        assert judged.reason == "wrong_partition"
        assert f"partition {elsewhere}" in judged.detail
        assert f"puts it on {home()}" in judged.detail


def test_a_watermark_speaks_for_its_own_topic_only() -> None:
    named = str(example("feed.watermark")["topic"])
    assert isinstance(JUDGE(told("feed.watermark", 3, named)), Decoded)
    judged = JUDGE(told("feed.watermark", 3, "another.topic"))
    assert isinstance(judged, Rejected)
    assert judged.reason == "wrong_topic"
    assert named in judged.detail
