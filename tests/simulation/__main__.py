"""Run seeds: `python -m tests.simulation --seeds 2000 --first 1`.

The first seed that fails is printed with what is wrong, then made smaller; the exit code is 1.
"""

from __future__ import annotations

import argparse
import sys
import time
from concurrent.futures import ProcessPoolExecutor

from tests.simulation.run import failure, seed_failure, smaller
from tests.simulation.scenario import scenario


def main() -> int:
    """Exit code 0 if every seed is well."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation")
    parser.add_argument("--seeds", type=int, default=2_000)
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--processes", type=int, default=2)
    given = parser.parse_args()
    begun = time.monotonic()
    seeds = range(given.first, given.first + given.seeds)
    with ProcessPoolExecutor(given.processes) as pool:
        for count, (seed, wrong) in enumerate(pool.map(seed_failure, seeds, chunksize=20), 1):
            if wrong is not None:
                pool.shutdown(wait=False, cancel_futures=True)
                return _report(seed, wrong)
            if count % 500 == 0:
                print(f"{count:,} seeds well, {time.monotonic() - begun:.0f} s", flush=True)
    spent = time.monotonic() - begun
    print(f"{given.seeds:,} seeds from {given.first}: all well, {spent:.0f} s")
    return 0


def _report(seed: int, wrong: str) -> int:
    print(f"seed {seed} fails: {wrong}", flush=True)
    print(f"again: make simulate-faults SEEDS=1 FIRST_SEED={seed}; made smaller:", flush=True)
    small = smaller(scenario(seed))
    print(f"  {failure(small)}")
    print(f"  partitions {small.partitions}, workers {small.workers}, {small.settings}")
    for fault in small.faults:
        print(f"  {fault}")
    for event, timestamp in small.log:
        print(f"  {timestamp} {event}")
    return 1


if __name__ == "__main__":
    sys.exit(main())
