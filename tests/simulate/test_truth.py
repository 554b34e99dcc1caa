"""What the simulation says of who really left, against what its feed shows."""

import json
from collections import Counter
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import get_args

from operate.simulate import Plan, truth, write_truth
from operate.simulate.casting import cast
from operate.simulate.confession import Line, confess
from operate.simulate.script import Absence, Why
from tests.simulate.conftest import PLAN, Body, is_own
from tests.simulate.somebody import SEED, lived


def lines() -> list[Line]:
    """Of those who really left."""
    return [line for line in truth(PLAN) if line["left_at"] is not None]


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
        script = cast(SEED, number)
        combination = (script.entry, script.dies is None, *map(_shape, script.absences))
        chosen[combination] += 1
        if chosen[combination] > 2:
            continue
        told = lived(script)
        kinds |= {fact["type"] for fact in told}
        own = [str(fact["occurred_at"]) for fact in told if is_own(fact)]
        for line in confess(script, PLAN.start, PLAN.days):
            if line["left_at"] is None:
                continue
            left, back = line["left_at"], line["returned_at"] or "9999"
            assert not any(left <= moment < back for moment in own), (line, script)
            assert back == "9999" or any(moment[:10] == back[:10] for moment in own)
    assert len(chosen) > 90
    assert len(kinds) >= 22


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
    closed = [line for line in lines() if line["closed_at"] and str(line["left_at"]) > "2024"]
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
    ways = Counter((line["why"], line["how"]) for line in truth(replace(PLAN, customers=1500)))
    wanted = {
        ("moved_bank", "silent"),
        ("moved_bank", "closed"),
        ("moved_bank", "undone"),
        ("dissatisfied", "silent"),
        ("dissatisfied", "closed"),
        ("silent_drift", "silent"),
        ("silent_drift", "leaving"),
        ("moved_payroll", "silent"),
        ("moved_payroll", "leaving"),
        ("moved_payroll", "turned_back"),
        ("matured", "silent"),
        ("matured", "matured"),
        ("died", "died"),
    }
    assert min(ways[one] for one in wanted) >= 2
    assert {why for why, _ in ways} == set(get_args(Why))


def test_a_leaving_begins_before_the_last_act_or_with_it(
    by_customer: dict[str, list[Body]],
) -> None:
    """And it begins with something that the bank can see."""
    slow = [line for line in lines() if str(line["began_at"])[:10] < str(line["left_at"])[:10]]
    assert all(str(line["began_at"]) <= str(line["left_at"]) for line in lines())
    assert len(slow) > 30
    moved = 0
    for line in truth(PLAN):
        if line["why"] == "moved_payroll":
            began, back = str(line["began_at"]), line["returned_at"] or "9999"
            facts = by_customer[str(line["customer_id"])]
            paid = [fact["occurred_at"] for fact in facts if fact.get("purpose") == "salary"]
            assert not any(began <= moment < back for moment in paid)
            moved += bool(paid)
    assert moved >= 3


def test_whoever_is_leaving_and_has_not_left_still_acts(
    by_customer: dict[str, list[Body]],
) -> None:
    leaning = [line for line in truth(PLAN) if line["left_at"] is None]
    assert {line["how"] for line in leaning} == {"leaving", "turned_back"}
    for line in leaning:
        facts = by_customer[str(line["customer_id"])]
        assert any(is_own(fact) and fact["occurred_at"] > str(line["began_at"]) for fact in facts)


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
        assert str(line["began_at"]) < "2024-07-19"
        assert (line["left_at"] or "") < "2024-07-19"
        assert (line["returned_at"] or "") < "2024-07-19"


def test_the_truth_is_written_as_json_lines(tmp_path: Path) -> None:
    path = tmp_path / "truth.jsonl"
    count = write_truth(path, truth(PLAN))
    written = [json.loads(line) for line in path.read_text().splitlines()]
    assert written == list(truth(PLAN))
    assert count == len(written)


def _days(day: str) -> int:
    year, month, of_month = map(int, day.split("-"))
    return year * 372 + month * 31 + of_month
