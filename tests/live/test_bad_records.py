"""Bad records on real servers: to the dead letters as they came, and nothing else is touched."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from consumer.decode import decode
from consumer.records import InputRecord
from consumer.rejection import REASONS, ReasonCode
from operate.replay import replay
from schemas.cloudevents import to_record
from schemas.headers import dead_letter_of
from statemachine.policy_file import default_policy
from tests.consumer.bad_records import BAD
from tests.consumer.decoding import CUSTOMER, STAMP, record, told, written
from tests.live.harness import PARTITIONS, Deployment, deployed, until
from tests.live.reference import check
from tests.servers import KafkaUsed, RedisUsed

HOUR = 3_600_000
SENDABLE = [bad for bad in BAD if 0 <= bad.record.timestamp_ms <= STAMP + HOUR]
"""The broker itself refuses a timestamp of -1, and one that lies in the future."""


def _mixed(deployment: Deployment) -> Iterator[tuple[InputRecord, ReasonCode | None]]:
    """A good record before, between and after all bad ones; None: it is good."""
    place = deployment.place(CUSTOMER.decode())
    other = (place + 1) % PARTITIONS
    watermark = written("feed.watermark", topic=deployment.accounts)
    policy = written("policy.activated", policy_digest="0" * 32)
    elsewhere = written("transaction.posted", event_id="elsewhere", posting_id="elsewhere")
    for number, bad in enumerate(SENDABLE):
        yield _at(deployment, _good(number), place), None
        yield _at(deployment, bad.record, place), bad.reason
    yield _at(deployment, record(elsewhere), other), "wrong_partition"
    yield _at(deployment, record(watermark, None), place), "wrong_topic"
    yield _at(deployment, record(policy, None), place), "policy_not_in_force"
    yield _at(deployment, _good(len(SENDABLE)), place), None


def _good(number: int) -> InputRecord:
    return told("transaction.posted", event_id=f"good-{number}", posting_id=f"good-{number}")


def _at(deployment: Deployment, it: InputRecord, place: int) -> InputRecord:
    """The record on the topic of postings, on a partition of this deployment."""
    topic = deployment.transactions
    return InputRecord(topic, place, 0, it.timestamp_ms, it.key, it.value, it.headers)


def test_every_bad_record_is_a_dead_letter_and_the_good_ones_around_it_are_unharmed(
    real_kafka: KafkaUsed, real_redis: RedisUsed, tmp_path: Path
) -> None:
    with deployed(real_kafka, real_redis.url, tmp_path) as deployment:
        sent = list(_mixed(deployment))
        bad = [(it, reason) for it, reason in sent if reason is not None]
        assert len(bad) > 80
        assert {reason for _, reason in bad} == set(REASONS) - {"invalid_timestamp"}
        deployment.send_raw(it for it, _ in sent)
        deployment.worker("w1")
        deployment.settle()
        inputs = deployment.records()
        letters = {_coordinates(letter): letter for letter in _letters(deployment)}
        assert len(letters) == len(bad) == len(_letters(deployment))
        for place in range(PARTITIONS):
            of_place = [(it, reason) for it, reason in sent if it.partition == place]
            came = inputs[place][deployment.transactions]
            for (it, reason), record_ in zip(of_place, came, strict=True):
                coordinates = (record_.topic, record_.partition, record_.offset)
                assert (coordinates in letters) == (reason is not None)
                if reason is not None:
                    _is_the_letter_of(letters[coordinates], it, reason)
        expected = check(deployment, default_policy())
        assert len(expected.refused) == len(bad)
        good = [decode(it) for it, reason in sent if reason is None]
        alone = replay(default_policy(), deployment.settings.topics, good)
        assert not alone.refused
        assert alone.outputs
        for customer_id, said in expected.said.items():
            ours = [one for one in alone.outputs if one.customer_id == customer_id]
            assert said == [to_record(one, "tests").value for one in ours]


def _letters(deployment: Deployment) -> list[Any]:
    return deployment.published(deployment.settings.dead_letters_topic)


def _coordinates(letter: Any) -> tuple[str, int, int]:
    told_of = dead_letter_of(letter.headers)
    return told_of.topic, told_of.partition, told_of.offset


def _is_the_letter_of(letter: Any, it: InputRecord, reason: ReasonCode) -> None:
    """Key, value and headers are those that came; the rest says what a feed's team must know."""
    about = dead_letter_of(letter.headers)
    assert (letter.key, letter.value) == (it.key, it.value)
    assert list(letter.headers[: len(it.headers)]) == list(it.headers)
    assert (about.reason, about.timestamp) == (reason, it.timestamp_ms)
    assert about.detail
    assert about.remedy


def test_a_feed_gone_wholly_bad_holds_its_partition_only_and_loses_nothing(
    real_kafka: KafkaUsed, real_redis: RedisUsed, tmp_path: Path
) -> None:
    with deployed(real_kafka, real_redis.url, tmp_path) as deployment:
        place = deployment.place("cust-7781")
        others = [number for number in range(PARTITIONS) if number != place]
        bad = [_at(deployment, record(b"<Document/>"), place)] * 400
        deployment.send_raw([*bad, _at(deployment, _good(1), place)])
        names = [_somebody_on(deployment, number) for number in others]
        worker = deployment.worker("w1")
        until("the partition is held", lambda: bool(worker.lines("partition held")))
        # While it is held, the others go on, records that come only now included.
        deployment.send_raw(_at(deployment, _of(name), deployment.place(name)) for name in names)
        until("the others go on", lambda: deployment.is_settled(others))
        for name in names:
            assert deployment.keeper.find(deployment.place(name), name) is not None
        held = len(_letters(deployment))
        assert 100 <= held < 400
        assert deployment.keeper.find(place, "cust-7781") is None
        told_of = worker.lines("partition held")[0]
        assert told_of["partition"] == place
        assert f"'tenure accept-bad {place}'" in told_of["remedy"]
        deployment.keeper.accept_bad(place)
        deployment.settle()
        assert len({_coordinates(letter) for letter in _letters(deployment)}) == 400
        assert len(_letters(deployment)) == 400
        assert deployment.keeper.find(place, "cust-7781") is not None


def _somebody_on(deployment: Deployment, place: int) -> str:
    return next(n for n in (f"cust-{i}" for i in range(100)) if deployment.place(n) == place)


def _of(name: str) -> InputRecord:
    value = written("account.opened", customer_id=name, event_id=f"opened-{name}")
    return record(value, name.encode())
