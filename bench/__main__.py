"""`make bench`: the worker's events per second, as a ratio to the client's bare poll loop.

One run, one broker, one topic. In each round kafka-python first polls the topic and does nothing,
as it comes and once more with the worker's fetch settings; then a worker consumes it exactly-once
under the full default policy. Only the ratios mean anything; the figures depend on the machine and
on what else it does, and so the median of the rounds counts.
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
    rounds = int(os.environ.get("BENCH_ROUNDS", "5"))
    with ExitStack() as servers:
        kafka = os.environ.get("TENURE_TEST_KAFKA", "")
        redis = os.environ.get("TENURE_TEST_REDIS", "")
        if ":" not in kafka:
            kafka = servers.enter_context(ApacheKafka()).bootstrap
        if ":" not in redis:
            redis = servers.enter_context(LocalRedis()).url
        measured = measure(kafka, redis, events, rounds)
    report(measured)


def report(measured: Measured) -> None:
    """What was measured, for people and, as the last line, for scripts."""
    share = 100 * measured.changes / measured.events
    print(f"events   {measured.events:,}")
    print(f"changes  {measured.changes:,} ({share:.1f} % of the events)")
    print("round  bare poll loop  tuned as the worker's  worker, exactly-once  events/s")
    for number, one in enumerate(measured.rounds, 1):
        print(f"{number:>5}  {one.bare:>14,.0f}  {one.tuned:>21,.0f}  {one.worker:>20,.0f}")
    print(f"median ratio to the bare loop   {measured.ratio:.2f}")
    print(f"median ratio to the tuned loop  {measured.ratio_to_tuned:.2f}")
    ratios = {"ratio": measured.ratio, "ratio_to_tuned": measured.ratio_to_tuned}
    rounded = {name: round(ratio, 3) for name, ratio in ratios.items()}
    json.dump({**rounded, "events": measured.events}, sys.stdout)
    print()


if __name__ == "__main__":
    main()
