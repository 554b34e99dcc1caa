"""How common each fate is: in the existing book, among newcomers, and of every 75 customers.

The shares are higher than a quiet bank's, see fates.py.
"""

from __future__ import annotations

from operate.simulate import drifting, fates, newcomers
from operate.simulate.fates import Fate

OLD: tuple[tuple[float, Fate], ...] = (
    (0.350, fates.steady),
    (0.050, fates.quiet),
    (0.020, fates.restless),
    (0.050, fates.fader),
    (0.045, fates.mover),
    (0.030, fates.unhappy),
    (0.040, fates.closer),
    (0.025, fates.late_closer),
    (0.050, fates.returner),
    (0.025, fates.reopener),
    (0.025, fates.died),
    (0.010, fates.held),
    (0.045, fates.asleep),
    (0.035, drifting.payroll_changer),
    (0.030, drifting.drainer),
    (0.025, drifting.runner),
    (0.020, drifting.rate_hunter),
    (0.035, drifting.drifter),
    (0.030, drifting.seasonal),
    (0.015, drifting.repayer),
    (0.025, drifting.saver),
    (0.020, drifting.frozen),
)
"""Fates of the existing book."""

YOUNG: tuple[tuple[float, Fate], ...] = (
    (0.390, fates.steady),
    (0.110, newcomers.never),
    (0.080, newcomers.late),
    (0.050, newcomers.regret),
    (0.040, newcomers.early_complaint),
    (0.040, fates.quiet),
    (0.030, fates.fader),
    (0.050, fates.mover),
    (0.030, fates.unhappy),
    (0.040, fates.closer),
    (0.010, fates.late_closer),
    (0.040, fates.returner),
    (0.030, fates.reopener),
    (0.010, fates.died),
    (0.020, drifting.drifter),
    (0.020, drifting.seasonal),
    (0.010, drifting.frozen),
)
"""Fates of newcomers."""

IN_TURN: tuple[Fate, ...] = (newcomers.died_early, fates.died_long_gone)
"""Rare fates that come in their turn, so that a few hundred customers already show them."""


def in_turn(number: int) -> Fate | None:
    """The fate of IN_TURN that is customer `number`'s, if any."""
    if number % 75 != 61:
        return None
    return IN_TURN[number // 75 % len(IN_TURN)]
