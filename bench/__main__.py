"""`make bench`: the worker's events per second, as a ratio to the client's bare poll loop.

One run, one broker, one topic: first kafka-python polls the topics and does nothing, then the
worker consumes them exactly-once under the full default policy. Only the ratio means anything;
the figures depend on the machine and on what else it does.
"""

from __future__ import annotations

import json
import os
import sys
from contextlib import ExitStack

from bench.throughput import Measured, measure
from operate.servers import ApacheKafka, LocalRedis


def main() -> None:
    """Measure and print; the servers are started unless the environment names them."""
    events = int(os.environ.get("BENCH_EVENTS", "300000"))
    with ExitStack() as servers:
        kafka = os.environ.get("TENURE_TEST_KAFKA", "")
        redis = os.environ.get("TENURE_TEST_REDIS", "")
        if ":" not in kafka:
            kafka = servers.enter_context(ApacheKafka()).bootstrap
        if ":" not in redis:
            redis = servers.enter_context(LocalRedis()).url
        measured = measure(kafka, redis, events)
    report(measured)


def report(measured: Measured) -> None:
    """What was measured, for people and, as the last line, for scripts."""
    share = 100 * measured.changes / measured.events
    print(f"events                {measured.events:>12,}")
    print(f"changes               {measured.changes:>12,}  ({share:.1f} % of the events)")
    print(f"bare poll loop        {measured.bare:>12,.0f} events/s")
    print(f"worker, exactly-once  {measured.worker:>12,.0f} events/s")
    print(f"ratio                 {measured.ratio:>12.2f}")
    json.dump({"ratio": round(measured.ratio, 3), "events": measured.events}, sys.stdout)
    print()


if __name__ == "__main__":
    main()
