from collections import Counter

import pytest

from store.keys import Keys, Layout
from tests.store.samples import DAY, NOON


def test_all_keys_of_a_partition_share_one_hash_tag() -> None:
    keys = Keys("bank-1")
    names = [
        keys.partition(3),
        keys.probe(3),
        keys.customers(3, "ab12", 7),
        keys.timer_index(3, "ab12"),
        keys.timer_set(3, "ab12", "20000:1"),
    ]
    assert len(set(names)) == len(names)
    assert all(name.startswith("tenure:bank-1:{3}:") for name in names)


@pytest.mark.parametrize("name", ["", "a b", "{1}", "a:b", "*", "-a", "x" * 65])
def test_a_deployment_name_that_would_confuse_keys_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="name for a deployment"):
        Keys(name)


@pytest.mark.parametrize("expected", [1, 500, 5_000, 100_000, 2_000_000])
def test_buckets_and_timer_sets_stay_small_at_the_expected_size(expected: int) -> None:
    layout = Layout.for_customers(expected)
    assert expected / layout.buckets <= 1_000
    timers_a_span = expected / 120 * layout.span_hours / 24
    assert timers_a_span / layout.splits <= 128 * 0.75


def test_customers_spread_evenly_over_buckets_and_splits() -> None:
    layout = Layout.for_customers(100_000)
    ids = [f"C{number:08d}" for number in range(100_000)]
    buckets = Counter(layout.bucket_of(customer_id) for customer_id in ids)
    sets = Counter(layout.timer_set_of(NOON, customer_id) for customer_id in ids)
    for counts, places in ((buckets, layout.buckets), (sets, layout.splits)):
        assert len(counts) == places
        assert max(counts.values()) < 1.25 * len(ids) / places


def test_where_a_customer_lies_never_changes() -> None:
    """Written out: a release that looked elsewhere would find nobody."""
    layout = Layout(buckets=128, span_hours=24, splits=17)
    assert layout.bucket_of("C00000001") == 16
    assert layout.bucket_of("客户-1") == 81
    assert layout.timer_set_of(NOON, "C00000001") == "20370:15"
    assert layout.timer_set_of(-1, "C00000001") == "-1:15"


def test_due_times_of_one_span_share_its_sets_and_those_of_the_next_do_not() -> None:
    layout = Layout(buckets=1, span_hours=48, splits=1)
    midnight = 20_000 * DAY
    assert layout.timer_set_of(midnight, "a") == layout.timer_set_of(midnight + 2 * DAY - 1, "b")
    assert layout.timer_set_of(midnight, "a") != layout.timer_set_of(midnight + 2 * DAY, "a")
    assert layout.timer_set_of(midnight, "a") != layout.timer_set_of(midnight - 1, "a")


def test_no_customers_at_all_are_no_expectation() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        Layout.for_customers(0)
