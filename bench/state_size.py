"""What a customer costs in Redis: MEMORY USAGE over every key of a deployment, and where it goes.

    python -m bench.state_size --simulate 2000
    python -m bench.state_size --url redis://localhost:6379/0 --deployment live

The first fills a deployment of its own with a simulated bank at two years, measures it and removes
it again. The second measures what is there: it reads every key once, the large ones wholly, so on
a production server ask a replica. MEMORY USAGE counts what the allocator gave for a key (its name
and entry in the key space included), so the sum is what the deployment takes, less the server's
own few megabytes and fragmentation.
"""

from __future__ import annotations

import argparse
import os
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

import msgspec
import redis

from bench.state_fill import fill, fold
from operate.simulate import Plan
from store.keys import Keys
from store.rare import rare_name
from store.redis_keeper import open_keeper

PLACES = (
    *("head", "since", "effective_at", "changes", "reason_changes", "first_seen"),
    *("newcomer_since", "activation_days", "days", "first_day", "last_day", "bits", "last_at"),
    *("sign_at", "ring", "relationships", "timer", "seen", "sequences", "assets", "payroll"),
    "transfers",
)
"""The places of a row, in store/rows.py's order."""


@dataclass(frozen=True, slots=True)
class Kind:
    """The keys of one kind: how many, and how many bytes together."""

    keys: int
    bytes: int


@dataclass(frozen=True, slots=True)
class SizeReport:
    """What a deployment takes. Sizes in bytes."""

    customers: int
    timers: int
    kinds: dict[str, Kind]
    values: list[int] = field(repr=False)
    """The size of each customer's stored value, ascending."""
    places: dict[str, float] = field(repr=False)
    """Bytes per customer of each place of the row."""

    @property
    def bytes(self) -> int:
        """Of all keys together."""
        return sum(kind.bytes for kind in self.kinds.values())

    @property
    def per_customer(self) -> float:
        """Bytes of all keys, timers and partition records included, for each customer."""
        return self.bytes / max(self.customers, 1)

    def value_at(self, share: float) -> int:
        """The stored value's size that `share` (0 to 1) of the customers do not exceed."""
        if not self.values:
            return 0
        return self.values[min(len(self.values) - 1, int(share * len(self.values)))]

    @property
    def value_mean(self) -> float:
        """The mean size of a stored value."""
        return sum(self.values) / max(len(self.values), 1)


def measure(redis_url: str, deployment: str) -> SizeReport:
    """Measure a deployment; it may be at work meanwhile, and is then measured roughly."""
    found: dict[str, Counter[str]] = {}
    values: list[int] = []
    places: Counter[str] = Counter()
    timers = 0
    prefix = Keys(deployment).prefix
    with redis.Redis.from_url(redis_url, protocol=2) as client:
        # The client gives this method no types.
        ask: Callable[..., Any] = client.execute_command
        for key in sorted(set(client.scan_iter(f"{prefix}*", count=1_000))):
            kind = _kind(key.decode().removeprefix(prefix))
            counter = found.setdefault(kind, Counter())
            counter["keys"] += 1
            counter["bytes"] += ask("MEMORY", "USAGE", key, "SAMPLES", 0) or 0
            if kind == "customers":
                for stored in _values(ask, key):
                    values.append(len(stored))
                    places["(version and row)"] += 1
                    _add_places(places, stored)
            elif kind == "timer sets":
                timers += ask("ZCARD", key)
    return SizeReport(
        customers=len(values),
        timers=timers,
        kinds={kind: Kind(counter["keys"], counter["bytes"]) for kind, counter in found.items()},
        values=sorted(values),
        places={name: size / max(len(values), 1) for name, size in places.items()},
    )


def _kind(name: str) -> str:
    """The kind of a key, from its name without the prefix; docs/operating/state.md has them."""
    match name.split(":"):
        case [_, "partition"]:
            return "partitions"
        case [_, _, "customers", _]:
            return "customers"
        case [_, _, "due"]:
            return "timer index"
        case [_, _, "due", _, _]:
            return "timer sets"
        case _:
            return "unknown"


def _values(ask: Callable[..., Any], key: bytes) -> Iterator[bytes]:
    cursor = 0
    told: set[bytes] = set()
    while True:
        cursor, page = ask("HSCAN", key, cursor, "COUNT", 1_000)
        for customer_id, stored in page.items():
            if customer_id not in told:
                told.add(customer_id)
                yield stored
        if not int(cursor):
            return


def _add_places(places: Counter[str], stored: bytes) -> None:
    row = msgspec.msgpack.decode(stored[1:])
    places["(version and row)"] += len(stored) - 1
    rare = row[len(PLACES) :]
    named = [
        *zip(PLACES, row, strict=False),
        *zip(map(rare_name, rare[::2]), rare[1::2], strict=True),
    ]
    for name, place in named:
        size = len(msgspec.msgpack.encode(place))
        places[name] += size
        places["(version and row)"] -= size


def lines(report: SizeReport) -> Iterator[str]:
    """The report as text."""
    customers = max(report.customers, 1)
    yield f"customers          {report.customers:>10,}"
    yield f"timers             {report.timers:>10,}"
    yield f"bytes in all       {report.bytes:>10,}"
    yield f"bytes per customer {report.per_customer:>10.1f}"
    yield ""
    yield "of these, per customer                keys     bytes"
    for kind, size in sorted(report.kinds.items(), key=lambda entry: -entry[1].bytes):
        yield f"  {kind:<30}{size.keys:>10,}{size.bytes / customers:>10.1f}"
    yield ""
    points = ((0.5, "median"), (0.99, "p99"), (1.0, "largest"))
    sizes = ", ".join(f"{name} {report.value_at(share)}" for share, name in points)
    yield f"a customer's stored value: mean {report.value_mean:.1f}, {sizes} bytes"
    for name, share in sorted(report.places.items(), key=lambda entry: -entry[1]):
        yield f"  {name:<38}{share:>12.1f}"
    yield ""
    stored = report.kinds.get("customers", Kind(0, 0)).bytes / customers
    yield f"a field in a hash beside its value: {stored - report.value_mean:.1f} bytes"
    yield "  the id and its header, the header of the value, the entry (24), its share of the"
    yield "  table (8 to 16), what the allocator rounds up, and its share of the bucket's key"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.state_size", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--url", default="redis://localhost:6379/0", help="the Redis to measure")
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--deployment", help="the deployment's name")
    what.add_argument("--simulate", type=int, metavar="N", help="customers of a simulated bank")
    parser.add_argument("--days", type=int, default=730, help="of the simulation (730)")
    parser.add_argument("--partitions", type=int, default=4, help="to spread them over (4)")
    parser.add_argument("--expected", type=int, help="per partition (as many as there are)")
    options = parser.parse_args()
    report = measure(options.url, options.deployment) if options.deployment else _filled(options)
    if not report.customers:
        raise SystemExit(f"no customers of deployment {options.deployment!r} at {options.url}")
    print("\n".join(lines(report)))


def _filled(options: argparse.Namespace) -> SizeReport:
    """Measure a simulated bank, and leave nothing behind."""
    deployment = f"state-size-{os.getpid()}"
    expected = options.expected or -(-options.simulate // options.partitions)
    replay = fold(Plan(customers=options.simulate, days=options.days))
    with closing(open_keeper(options.url, deployment, expected_customers=expected)) as keeper:
        try:
            fill(keeper, replay, options.partitions)
            return measure(options.url, deployment)
        finally:
            keeper.forget(range(options.partitions))


if __name__ == "__main__":
    main()
