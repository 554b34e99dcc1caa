"""The replay: one fold over lines, in order, with time as the lines tell it."""

import random
from collections.abc import Iterable
from datetime import datetime

import pytest

from consumer.decode import DEFAULT_LIMITS
from operate.lines import decode_lines, merge_files
from operate.replay import Replay, Replayed, replay
from schemas.base import to_millis
from schemas.outputs import Output
from statemachine.policy_file import default_policy
from tests.operate.logs import TOPICS, active, at, closing, event, moves, opened, paid, watermark

POLICY = default_policy()
ACTIVATED = [(None, "new", "progressed"), ("new", "active", "activated")]
WARNED = ("active", "at_risk", "warned")


def replayed(lines: Iterable[bytes], topics: tuple[str, ...] = TOPICS) -> Replayed:
    return replay(POLICY, topics, decode_lines(lines, "log", DEFAULT_LIMITS))


def by_customer(outputs: list[Output]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for output in outputs:
        found.setdefault(output.customer_id, []).append(output.id)
    return found


def test_an_account_and_three_days_of_use_make_a_customer_active() -> None:
    result = replayed(active())
    assert moves(result.outputs) == ACTIVATED
    assert result.customers["C1"].stage == "active"
    assert result.tally.events == 4


def test_silence_fires_when_a_watermark_of_every_topic_has_passed_it() -> None:
    result = replayed([*active(), *closing(96)])
    assert moves(result.outputs) == [*ACTIVATED, WARNED]
    assert result.outputs[-1].effective_at == "2025-04-04T16:00:00.000Z"


def test_a_watermark_of_one_topic_of_two_moves_nobody() -> None:
    assert moves(replayed([*active(), watermark(200, TOPICS[1])]).outputs) == ACTIVATED


def test_a_log_of_one_topic_needs_only_its_own_watermark() -> None:
    lines = [*active(), watermark(96, TOPICS[1])]
    assert moves(replayed(lines, (TOPICS[1],)).outputs) == [*ACTIVATED, WARNED]


def test_the_due_time_itself_is_in_time_for_the_sweep() -> None:
    def complete(through: str) -> list[bytes]:
        return [
            event("feed.watermark", 96, None, topic=topic, complete_through=through)
            for topic in TOPICS
        ]

    before = [*active(), *complete("2025-04-04T23:59:59.999+08:00")]
    just = [*active(), *complete("2025-04-05T00:00:00.000+08:00")]
    assert moves(replayed(before).outputs) == ACTIVATED
    assert moves(replayed(just).outputs) == [*ACTIVATED, WARNED]


def test_the_silent_are_noticed_while_others_speak_48_hours_later() -> None:
    early = [*active("C1"), *active("C2"), paid(96.4, "C2")]
    assert moves(replayed(early).outputs, "C1") == ACTIVATED
    assert moves(replayed([*early, paid(96.6, "C2")]).outputs, "C1") == [*ACTIVATED, WARNED]


def test_a_log_may_be_closed_by_hand() -> None:
    one = Replay(POLICY, TOPICS)
    list(one.run(decode_lines(active(), "log", DEFAULT_LIMITS)))
    through = to_millis(datetime.fromisoformat(at(300)))
    assert [output.effective_at[:10] for output in one.complete(through)] == [
        "2025-04-04",  # silence, 90 days after the last day of use
        "2025-07-03",  # lost, 180 days after it
    ]
    assert one.stages() == {"lost": 1}


def test_a_duplicate_is_counted_and_changes_nothing() -> None:
    lines = active()
    result = replayed([*lines, lines[1], *lines])
    assert result.tally.duplicates == 5
    assert moves(result.outputs) == ACTIVATED


def test_a_late_event_is_counted() -> None:
    result = replayed([*active(), paid(20), paid(17.9), paid(18.1)])
    assert result.tally.late == 1


def test_refused_lines_are_collected_and_the_good_ones_around_them_count() -> None:
    lines = active()
    bad = [b"not json", opened(2, currency="RMB"), paid(2, amount=12.5)]
    result = replayed([lines[0], *bad, *lines[1:]])
    assert [one.reason for one in result.refused] == [
        "not_json",
        "unknown_currency",
        "amount_not_text",
    ]
    assert [one.record.offset for one in result.refused] == [2, 3, 4]
    assert moves(result.outputs) == ACTIVATED


def test_an_event_dated_after_it_was_received_is_refused() -> None:
    result = replayed([opened(5, received_at=at(4))])
    assert [one.reason for one in result.refused] == ["future_date"]


def test_another_policy_than_the_replays_is_refused() -> None:
    lines = [event("policy.activated", 2, None)]
    assert [one.reason for one in replayed(lines).refused] == ["policy_not_in_force"]
    same = [event("policy.activated", 2, None, policy_digest=POLICY.digest)]
    assert replayed(same).refused == []


def test_an_erased_customer_is_forgotten_and_may_begin_anew() -> None:
    lines = [*active(), event("customer.erased", 6, "C1"), *closing(300)]
    result = replayed(lines)
    assert result.customers == {}
    assert moves(result.outputs) == ACTIVATED
    again = replayed([*lines[:-2], *active("C1", 10)])
    assert moves(again.outputs) == [*ACTIVATED, *ACTIVATED]


def test_files_are_merged_by_the_time_at_which_they_were_received() -> None:
    accounts = [opened(1), opened(5, "C2")]
    postings = [paid(2), paid(3), paid(4), paid(6, "C2")]
    merged = merge_files(
        [
            list(decode_lines(postings, "postings", DEFAULT_LIMITS)),
            list(decode_lines(accounts, "accounts", DEFAULT_LIMITS)),
        ]
    )
    places = [(item.record.topic, item.record.offset) for item in merged]
    assert places == [
        ("accounts", 1),
        ("postings", 1),
        ("postings", 2),
        ("postings", 3),
        ("accounts", 2),
        ("postings", 4),
    ]


def test_the_merge_keeps_each_files_own_order() -> None:
    late = [paid(9), b"not json", paid(3), paid(10)]
    merged = merge_files(
        [
            list(decode_lines(late, "late", DEFAULT_LIMITS)),
            list(decode_lines([paid(4)], "other", DEFAULT_LIMITS)),
        ]
    )
    places = [(item.record.topic, item.record.offset) for item in merged]
    assert places == [("other", 1), ("late", 1), ("late", 2), ("late", 3), ("late", 4)]


@pytest.mark.parametrize("seed", range(5))
def test_how_customers_are_interleaved_makes_no_difference_to_any_of_them(seed: int) -> None:
    """The law: one customer's outputs depend on their own events, while nobody is late."""
    dice = random.Random(seed)
    logs = {}
    for number in range(6):
        name, first = f"C{number}", dice.randrange(1, 200)
        days = sorted(dice.sample(range(1, 300), dice.randrange(0, 12)))
        logs[name] = [opened(first, name), *(paid(first + day, name) for day in days)]
    alone = {
        name: ids
        for name, log in logs.items()
        for name, ids in by_customer(replayed([*log, *closing(700)]).outputs).items()
    }
    items = [list(decode_lines(log, name, DEFAULT_LIMITS)) for name, log in logs.items()]
    end = decode_lines(closing(700), "end", DEFAULT_LIMITS)
    together = replay(POLICY, TOPICS, [*merge_files(items), *end])
    assert together.tally.late == 0
    assert by_customer(together.outputs) == alone


def test_postings_are_counted_per_source_without_duplicates() -> None:
    again = paid(2, source="cards", initiator="unknown")
    tally = replayed([opened(1), paid(2, source="core"), again, again]).tally
    assert tally.postings == {"core": 1, "cards": 1}
    assert tally.unknown_initiators == {"core": 0, "cards": 1}
