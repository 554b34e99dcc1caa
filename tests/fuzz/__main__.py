"""Offer fuzzed records: `python -m tests.fuzz --records 1000000 --seed 1`.

The exit code is 0 if each was accepted or dead-lettered and nothing else was wrong. A case that
fails is made smaller, printed and saved; `--case FILE` runs it again.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from tests.fuzz.cases import Case
from tests.fuzz.report import table
from tests.fuzz.run import Failed, fuzz
from tests.fuzz.saved import load, save
from tests.fuzz.smaller import failure, smaller

_SHOWN = 600
"""Characters of a record, or of what is wrong, that are printed; the file has all."""


def main() -> int:
    """Exit code 0 if all is well."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz")
    parser.add_argument("--records", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--case", type=Path, help="a saved case, instead of new ones")
    parser.add_argument("--save-to", type=Path, default=Path("fuzz-failure.json"))
    given = parser.parse_args()
    if given.case is not None:
        wrong = failure(load(given.case))
        print(wrong or "all well")
        return 0 if wrong is None else 1
    print(f"{given.records:,} records from seed {given.seed}", flush=True)
    begun = time.monotonic()
    try:
        counts = fuzz(given.records, given.seed, lambda text: print(text, flush=True))
    except Failed as failed:
        print(f"a case fails: {_cut(str(failed))}", flush=True)
        print(f"again: make fuzz RECORDS={given.records} SEED={given.seed}; made smaller:")
        return _report(failed.case, given.save_to)
    spent = time.monotonic() - begun
    print(table(counts))
    print(f"all well, {spent:.0f} s, {counts['offered'] / spent:,.0f} records a second")
    return 0


def _report(case: Case, path: Path) -> int:
    save(case, path)
    small = smaller(case)
    save(small, path)
    print(f"  {_cut(failure(small) or '')}\n  {small.setup}")
    for record in small.records:
        print(f"  {_cut(str(record))}")
    print(f"saved; run it again with: make fuzz CASE={path}")
    return 1


def _cut(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."


if __name__ == "__main__":
    sys.exit(main())
