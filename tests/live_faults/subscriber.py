"""The subscriber's own check, change by change while the run goes on.

It knows nothing of what should have been decided. It holds every customer's changes against what
the contract promises to each subscriber: every kind is numbered from 1 without a gap, no id comes
twice, and time does not go back.
"""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

_SHOWN = 10


@dataclass
class Subscriber:
    """Give it the changes in the order in which they are read."""

    changes: int = 0
    lost: int = 0
    """Numbers that were passed over and did not come later."""
    doubled: int = 0
    """Ids, or numbers, that came again."""
    reordered: int = 0
    """Changes that came after a later one."""
    examples: list[str] = field(default_factory=list)
    _ids: set[str] = field(default_factory=set)
    _next: dict[tuple[str, str], int] = field(default_factory=lambda: defaultdict(lambda: 1))
    _missing: dict[tuple[str, str], set[int]] = field(default_factory=lambda: defaultdict(set))
    _effective: dict[str, datetime] = field(default_factory=dict)

    def see(self, value: bytes) -> None:
        """One change, as published."""
        told: dict[str, Any] = json.loads(value)
        customer, kind, number = told["customer_id"], told["type"], told["sequence"]
        self.changes += 1
        stream = (customer, kind)
        expected = self._next[stream]
        if told["id"] in self._ids:
            self.doubled += 1
            self._note("doubled", told)
            return
        self._ids.add(told["id"])
        if number in self._missing[stream]:
            self._missing[stream].discard(number)
            self.lost -= 1
            self.reordered += 1
            self._note("reordered", told)
        elif number < expected:
            self.doubled += 1
            self._note("doubled", told)
        else:
            if number > expected:
                self.lost += number - expected
                self._missing[stream].update(range(expected, number))
                self._note(f"{expected} to {number - 1} lost before", told)
            self._next[stream] = number + 1
            self._in_time(customer, told)

    def _in_time(self, customer: str, told: dict[str, Any]) -> None:
        effective = datetime.fromisoformat(told["effective_at"])
        if effective < self._effective.get(customer, effective):
            self.reordered += 1
            self._note("earlier than the one before", told)
        self._effective[customer] = effective

    def _note(self, what: str, told: dict[str, Any]) -> None:
        if len(self.examples) < _SHOWN:
            self.examples.append(
                f"{what}: {told['type']} {told['sequence']} of {told['customer_id']}"
            )
