"""Hold the product against the oracle: `python -m tests.oracle --customers 10000 --seeds 1,2,3`.

For each seed a clean feed is simulated, folded by the product and judged by the SQL; a table says
rule by rule what is the same. The exit code is 1 if a difference is not explained (explain.py).
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from time import monotonic

from operate.simulate import Plan
from statemachine.policy import Policy
from statemachine.policy_file import default_policy
from tests.oracle.compare import Compared, compare, table
from tests.oracle.explain import Explained, explain
from tests.oracle.feed import Folded, days_of, fold, oracle_over, write_parts
from tests.oracle.numbers import RULES

_PER_PART = 500
"""Customers folded by one process at a time: what is said of more would fill its memory."""
_SHOWN = 5


def main() -> int:
    """Exit code 0 if every difference is explained."""
    parser = argparse.ArgumentParser(prog="python -m tests.oracle")
    parser.add_argument("--customers", type=int, default=1_000)
    parser.add_argument("--days", type=int, default=1_095)
    parser.add_argument("--seeds", default="1", help="such as 1,2,3")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--folder", type=Path, help="where feeds are written (default: a new one)")
    given = parser.parse_args()
    policy = default_policy()
    plans = [Plan(given.customers, given.days, int(seed)) for seed in given.seeds.split(",")]
    with tempfile.TemporaryDirectory() as temporary, ProcessPoolExecutor(given.processes) as pool:
        folder = given.folder or Path(temporary)
        folders = [folder / f"seed-{plan.seed}" for plan in plans]
        list(pool.map(_simulate, plans, folders))
        found = [_seed_is_well(policy, *one, pool) for one in zip(plans, folders, strict=True)]
    return 0 if all(found) else 1


def _simulate(plan: Plan, folder: Path) -> None:
    if not folder.exists():
        write_parts(plan, folder, -(-plan.customers // _PER_PART))


def _fold(policy: str, file: Path) -> Folded:
    return fold(Policy.from_canonical(policy), file)


def _seed_is_well(policy: Policy, plan: Plan, folder: Path, pool: ProcessPoolExecutor) -> bool:
    begun = monotonic()
    told = Folded()
    # As text: a policy that has been used holds what no other process can be given.
    for one in pool.map(partial(_fold, policy.canonical()), sorted(folder.glob("*.jsonl"))):
        told.add(one)
    oracle = oracle_over(policy, folder, told, *days_of(plan))
    compared = compare(RULES, told.reasons, oracle.reasons())
    print(
        f"\nseed {plan.seed}: {plan.customers:,} customers, {plan.days:,} days,"
        f" {monotonic() - begun:.0f} s\n{table(compared)}"
    )
    return _report(explain(policy, folder, compared, *days_of(plan)), compared)


def _report(explained: Explained, compared: list[Compared]) -> bool:
    for one in compared:
        for reason, count in explained.counts(one.rule):
            print(f"{one.rule}: {count} explained: {reason}")
        left = explained.left(one.rule)
        for difference in left[:_SHOWN]:
            print(f"  {difference}")
        if len(left) > _SHOWN:
            print(f"  and {len(left) - _SHOWN} more of {one.rule}")
    sys.stdout.flush()
    return not explained.any_left


if __name__ == "__main__":
    sys.exit(main())
