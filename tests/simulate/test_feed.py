"""What comes out of the feed as a whole."""

import time
from collections import Counter
from dataclasses import replace
from datetime import date
from hashlib import blake2b

import pytest

from operate.simulate import A_LITTLE, ACCOUNTS, TRANSACTIONS, FeedRecord, Plan, simulate
from operate.simulate.almanac import millis_of
from operate.simulate.kin import tie_of
from schemas.events import EVENTS
from tests.simulate.conftest import PLAN, Body

SMALL = Plan(customers=25, days=70, seed=7)


def test_the_same_plan_gives_the_same_bytes() -> None:
    assert list(simulate(SMALL)) == list(simulate(SMALL))


def test_another_seed_gives_another_bank() -> None:
    assert list(simulate(SMALL)) != list(simulate(replace(SMALL, seed=8)))


def test_a_plan_gives_these_very_bytes_on_every_machine_and_python() -> None:
    """Change the digest when lives are changed on purpose, and never for another reason."""
    digest = blake2b(digest_size=8)
    plan = Plan(customers=60, days=400, seed=7, dirt=A_LITTLE, watermarks="daily")
    for record in simulate(plan):
        digest.update(record.value)
    assert digest.hexdigest() == "07eb15024a554892"


def test_every_kind_of_event_is_valid(feed: list[FeedRecord], bodies: list[Body]) -> None:
    seen: Counter[str] = Counter()
    for record, body in zip(feed, bodies, strict=True):
        seen[body["type"]] += 1
        if seen[body["type"]] <= 300 or seen[body["type"]] % 50 == 0:
            EVENTS.validate_json(record.value)
    assert len(seen) >= 22


def test_the_feed_arrives_in_order_of_the_records_timestamps(feed: list[FeedRecord]) -> None:
    stamps = [record.timestamp_ms for record in feed]
    assert stamps == sorted(stamps)


def test_received_at_is_the_records_timestamp_and_follows_the_fact_within_minutes(
    feed: list[FeedRecord], bodies: list[Body]
) -> None:
    for record, body in zip(feed, bodies, strict=True):
        assert millis_of(body["received_at"]) == record.timestamp_ms
        delay = record.timestamp_ms - millis_of(body["occurred_at"])
        assert 1_000 <= delay <= 31 * 60_000


def test_each_customers_facts_arrive_in_the_order_in_which_they_happened(
    by_customer: dict[str, list[Body]],
) -> None:
    for facts in by_customer.values():
        moments = [fact["occurred_at"] for fact in facts]
        arrivals = [fact["received_at"] for fact in facts]
        assert moments == sorted(moments)
        assert len(set(arrivals)) == len(arrivals)


def test_the_key_is_the_customer_and_event_ids_are_unique_for_each(
    feed: list[FeedRecord], bodies: list[Body]
) -> None:
    ids = set()
    for record, body in zip(feed, bodies, strict=True):
        ids.add((body["source"], body["event_id"], body.get("customer_id")))
        if not record.to_every_partition:
            assert record.key == body["customer_id"].encode()
    assert len(ids) == len(bodies)


def test_postings_and_balances_go_to_one_topic_and_the_rest_to_the_other(
    feed: list[FeedRecord], bodies: list[Body]
) -> None:
    money = {"transaction.posted", "transaction.reversed", "balance.reported"}
    for record, body in zip(feed, bodies, strict=True):
        if record.key is not None:
            assert record.topic == (TRANSACTIONS if body["type"] in money else ACCOUNTS)


def test_other_topics_can_be_named_and_may_be_one() -> None:
    plan = replace(SMALL, accounts_topic="bank.all", transactions_topic="bank.all")
    records = list(simulate(plan))
    assert {record.topic for record in records} == {"bank.all"}
    assert sum(record.to_every_partition for record in records) == 1


def test_the_feed_ends_with_a_watermark_for_each_topic(
    feed: list[FeedRecord], bodies: list[Body]
) -> None:
    assert [record.to_every_partition for record in feed[-3:]] == [False, True, True]
    assert [body["topic"] for body in bodies[-2:]] == [ACCOUNTS, TRANSACTIONS]
    assert bodies[-1]["complete_through"] == "2025-12-31T00:00:00.000+08:00"
    assert all(record.key is None for record in feed[-2:])


def test_a_daily_watermark_promises_only_what_has_arrived() -> None:
    complete: dict[str, int] = {}
    days = 0
    for record in simulate(replace(SMALL, watermarks="daily")):
        event = EVENTS.validate_json(record.value)
        if event.type == "feed.watermark":
            complete[event.topic] = millis_of(event.complete_through.isoformat())
            assert complete[event.topic] < record.timestamp_ms
            days += 1
        else:
            assert event.occurred_at.timestamp() * 1000 >= complete.get(record.topic, 0)
    assert days == 2 * SMALL.days


def test_a_customers_life_does_not_depend_on_how_many_customers_there_are() -> None:
    few, many = simulate(SMALL), simulate(replace(SMALL, customers=60))
    keys = {f"C{number:06d}".encode() for number in range(1, SMALL.customers + 1)}
    mine = [record for record in few if record.key in keys]
    assert mine == [record for record in many if record.key in keys]


def test_a_life_is_the_same_where_a_plan_ends_between_two_who_share_an_account() -> None:
    roles = set()
    for number in range(1, 300, 2):
        tie = tie_of(SMALL.seed, number)
        if tie is not None and tie.role not in roles:
            roles.add(tie.role)
            key = f"C{number:06d}".encode()
            one, both = (replace(SMALL, customers=customers) for customers in (number, number + 1))
            mine = [record for record in simulate(one) if record.key == key]
            assert len(mine) > 10
            assert mine == [record for record in simulate(both) if record.key == key]
    assert roles == {"owner", "child"}


def test_a_longer_plan_begins_with_the_shorter_one() -> None:
    short = [record for record in simulate(SMALL) if not record.to_every_partition]
    longer = iter(simulate(replace(SMALL, days=SMALL.days + 40)))
    midnight = SMALL.end_ms
    for record in short:
        if record.timestamp_ms < midnight:
            assert record == next(longer)


def test_progress_is_told_after_each_simulated_day() -> None:
    told: list[int] = []
    assert sum(1 for _ in simulate(SMALL, told.append)) > 100
    assert told == list(range(1, SMALL.days + 1))


def test_the_start_and_the_length_of_the_plan_are_free() -> None:
    plan = Plan(customers=5, days=3, start=date(2031, 2, 27))
    first, *_, last = simulate(plan)
    assert b'"occurred_at":"2031-02-27T00:' in first.value
    assert b'"complete_through":"2031-03-02T00:00:00.000+08:00"' in last.value


@pytest.mark.parametrize(
    "customers,days,named", [(0, 1, "customers"), (1_000_000, 1, "customers"), (1, 0, "days")]
)
def test_a_plan_that_cannot_be_is_refused(customers: int, days: int, named: str) -> None:
    with pytest.raises(ValueError, match=named):
        Plan(customers, days)


def test_how_fast_the_feed_is_made_is_reported() -> None:
    begun = time.process_time()
    records = sum(1 for _ in simulate(replace(PLAN, customers=200)))
    seconds = time.process_time() - begun
    print(f"{records:,} records in {seconds:.1f} s of one core: {records / seconds:,.0f} a second")
    assert records > 30_000
