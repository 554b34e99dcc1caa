"""What the simulation says of who really left, against what its feed shows."""

import json
from collections import Counter
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

from operate.simulate import Plan, truth, write_truth
from operate.simulate.almanac import day_of
from operate.simulate.casting import cast, confess
from operate.simulate.people import be_born, live
from operate.simulate.script import Absence
from tests.simulate.conftest import PLAN, Body, is_own

DAYS = [day_of(PLAN.start, number) for number in range(PLAN.days)]
Line = dict[str, str | None]


def lines() -> list[Line]:
    return list(truth(PLAN))


def test_nobody_acts_between_leaving_and_returning(by_customer: dict[str, list[Body]]) -> None:
    for line in lines():
        left, back = str(line["left_at"]), line["returned_at"] or "9999"
        for fact in by_customer[str(line["customer_id"])]:
            if is_own(fact):
                assert not left <= fact["occurred_at"] < back, (line, fact)


def test_the_truth_holds_for_every_combination_of_entry_and_fate() -> None:
    """Rare combinations are sought out among many scripts, and only those lives are lived."""
    chosen: Counter[tuple[object, ...]] = Counter()
    kinds = set()
    for number in range(1, 8_000):
        script = cast(21, number)
        combination = (script.entry, script.dies is None, *map(_shape, script.absences))
        chosen[combination] += 1
        if chosen[combination] > 2:
            continue
        life = be_born(21, number, PLAN.start)
        told = [fact.body for day in DAYS for fact in live(life, day)]
        kinds |= {fact["type"] for fact in told}
        for line in confess(script, PLAN.start, PLAN.days):
            left, back = str(line["left_at"]), line["returned_at"] or "9999"
            own = [str(fact["occurred_at"]) for fact in told if is_own(fact)]
            assert not any(left <= moment < back for moment in own), (line, script)
            assert back == "9999" or any(moment[:10] == back[:10] for moment in own)
    assert len(chosen) > 70
    assert len(kinds) >= 20


def _shape(absence: Absence) -> tuple[object, ...]:
    """What is typical of an absence, without its times."""
    flags = (absence.at < 0, absence.back is None, absence.closes is None, absence.held)
    return (absence.why, absence.how, absence.by, *flags)


def test_whoever_returned_acted_on_that_day(by_customer: dict[str, list[Body]]) -> None:
    returned = [line for line in lines() if line["returned_at"] is not None]
    assert len(returned) >= 10
    for line in returned:
        day = str(line["returned_at"])[:10]
        facts = by_customer[str(line["customer_id"])]
        assert any(is_own(fact) and fact["occurred_at"][:10] == day for fact in facts)


def test_whoever_closed_has_a_closing_in_the_feed_at_that_moment(
    by_customer: dict[str, list[Body]],
) -> None:
    closed = [line for line in lines() if line["closed_at"] and line["left_at"] > "2024"]  # type: ignore[operator]
    assert len(closed) >= 10
    for line in closed:
        facts = by_customer[str(line["customer_id"])]
        moments = [fact["occurred_at"] for fact in facts if fact["type"] == "account.closed"]
        assert line["closed_at"] in moments


def test_the_dead_are_reported_dead_days_later(by_customer: dict[str, list[Body]]) -> None:
    died = [line for line in lines() if line["why"] == "died"]
    heard = 0
    for line in died:
        for fact in by_customer[str(line["customer_id"])]:
            if fact["type"] == "customer.status-changed" and fact["status"] == "deceased":
                assert fact["occurred_at"] > str(line["died_at"])
                heard += 1
    assert len(died) - 2 <= heard <= len(died)


def test_people_leave_for_every_reason_and_in_every_way() -> None:
    reasons = Counter((line["why"], line["how"]) for line in truth(replace(PLAN, customers=1500)))
    assert set(reasons) == {
        ("moved_bank", "silent"),
        ("moved_bank", "closed"),
        ("dissatisfied", "silent"),
        ("dissatisfied", "closed"),
        ("silent_drift", "silent"),
        ("died", "died"),
    }
    assert min(reasons.values()) >= 5


def test_a_long_quiet_is_not_always_a_leaving(by_customer: dict[str, list[Body]]) -> None:
    """Somebody silent for more than 90 days and back, of whom the truth says nothing."""
    leavers = {line["customer_id"] for line in lines()}
    quiet = 0
    for customer, facts in by_customer.items():
        days = sorted({fact["occurred_at"][:10] for fact in facts if is_own(fact)})
        gaps = [_days(day) - _days(before) for before, day in pairwise(days)]
        if customer not in leavers and gaps and max(gaps) > 90:
            quiet += 1
    assert quiet >= 8


def test_the_truth_ends_where_the_plan_ends() -> None:
    short = Plan(customers=300, days=200, seed=PLAN.seed)
    for line in truth(short):
        assert str(line["left_at"]) < "2024-07-19"
        assert (line["returned_at"] or "") < "2024-07-19"


def test_the_truth_is_written_as_json_lines(tmp_path: Path) -> None:
    path = tmp_path / "truth.jsonl"
    count = write_truth(path, truth(PLAN))
    written = [json.loads(line) for line in path.read_text().splitlines()]
    assert written == lines()
    assert count == len(written)


def _days(day: str) -> int:
    year, month, of_month = map(int, day.split("-"))
    return year * 372 + month * 31 + of_month
