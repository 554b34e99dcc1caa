import subprocess
import sys
from collections.abc import Callable

import pytest
import redis

from bench.state_fill import fill, fold
from bench.state_size import PLACES, lines, measure
from operate.simulate import Plan
from statemachine.rules import Rules
from store.rare import rare_name
from store.redis_keeper import RedisKeeper
from store.rows import to_row
from tests.store.samples import DAY, FULL, NOON, TYPICAL
from tests.store.worker import Worker, due_at


def test_a_deployment_is_measured_key_by_key(
    redis_url: str, deployment: str, open_redis: Callable[..., RedisKeeper]
) -> None:
    keeper = open_redis(expected_customers=3_000)
    people = {f"C{n:07d}": due_at(NOON + n % 180 * DAY) for n in range(3_000)}
    Worker(keeper, 1).write(people)
    Worker(keeper, 2).write({"odd": FULL})
    report = measure(redis_url, deployment)
    assert report.customers == 3_001
    assert report.timers == 3_001
    assert set(report.kinds) == {"partitions", "customers", "timer index", "timer sets"}
    assert report.kinds["partitions"].keys == 2
    assert report.kinds["customers"].keys == 5
    assert sum(report.places.values()) == pytest.approx(report.value_mean)
    assert report.value_mean < report.per_customer < 400
    assert report.value_at(0.5) <= report.value_at(0.99) <= report.value_at(1)
    assert f"{report.per_customer:.1f}" in "\n".join(lines(report))


@pytest.mark.slow
def test_a_simulated_customer_at_two_years_costs_400_bytes_or_less(
    redis_url: str, deployment: str, open_redis: Callable[..., RedisKeeper]
) -> None:
    """All shipped rules on, everything counted; about as many to a partition as in the demo."""
    replay = fold(Plan(customers=480, days=730))
    assert {rule.name for rule in replay.policy.active_rules} == set(Rules.model_fields)
    fill(open_redis(expected_customers=480), replay, 1)
    report = measure(redis_url, deployment)
    assert report.customers == len(replay.customers) == 480
    assert report.timers == sum(one.timer is not None for one in replay.customers.values())
    assert report.per_customer <= 400
    assert report.value_at(0.99) <= 1_024


def test_places_are_those_of_a_row() -> None:
    row = to_row(FULL)
    assert row[PLACES.index("seen")] == FULL.seen
    assert row[PLACES.index("transfers")] == FULL.transfers
    rare = dict(zip(map(rare_name, row[len(PLACES) :: 2]), row[len(PLACES) + 1 :: 2], strict=True))
    assert rare["minor_until"] == FULL.minor_until
    assert len(to_row(TYPICAL)) == PLACES.index("seen") + 1


def test_the_command_fills_measures_and_leaves_nothing_behind(
    redis_url: str, raw: redis.Redis
) -> None:
    command = [sys.executable, "-m", "bench.state_size", "--url", redis_url]
    command += ["--simulate", "30", "--days", "60", "--partitions", "2"]
    found = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "bytes per customer" in found.stdout
    assert list(raw.scan_iter("tenure:state-size-*", count=10_000)) == []


def test_the_command_measures_and_says_when_there_is_nobody(
    redis_url: str, deployment: str, open_redis: Callable[..., RedisKeeper]
) -> None:
    command = [sys.executable, "-m", "bench.state_size"]
    command += ["--url", redis_url, "--deployment", deployment]
    nobody = subprocess.run(command, capture_output=True, text=True, check=False)
    assert nobody.returncode == 1
    assert f"no customers of deployment '{deployment}'" in nobody.stderr
    Worker(open_redis()).write({"a": TYPICAL})
    found = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "bytes per customer" in found.stdout
