"""What a run is told in: counts by outcome and by reason."""

from __future__ import annotations

from collections import Counter

from consumer.rejection import REASONS

_DETAILS = (
    ("cases", "deployments, each a worker with a store of its own"),
    ("batches", "batches committed"),
    ("customers", "customers remembered at the end"),
    ("said", "stage and reason changes published"),
    ("held", "times a partition was held, and let go on"),
    ("recomputed", "customers recomputed under another policy"),
    ("recovered", "batches executed again on an empty store, to the same states"),
)
_OF_THE_ACCEPTED = ("postings", "short way", "duplicates", "late")


def table(counts: Counter[str]) -> str:
    """The counts as lines of text."""
    lines = [f"{counts['offered']:>11,} records offered"]
    inner = ", ".join(f"{name} {counts[name]:,}" for name in _OF_THE_ACCEPTED)
    lines.append(f"{counts['accepted']:>11,} accepted ({inner})")
    lines.append(f"{counts['dead-lettered']:>11,} dead-lettered")
    reasons = sorted(REASONS, key=lambda reason: -counts[f"reason {reason}"])
    lines += [f"{counts[f'reason {reason}']:>15,} {reason}" for reason in reasons]
    lines += [f"{counts[name]:>11,} {words}" for name, words in _DETAILS]
    equal = counts["offered"] == counts["accepted"] + counts["dead-lettered"]
    lines.append(
        f"{counts['accepted']:,} + {counts['dead-lettered']:,} = {counts['offered']:,}:"
        f" {'equal' if equal else 'NOT EQUAL'}"
    )
    return "\n".join(lines)
