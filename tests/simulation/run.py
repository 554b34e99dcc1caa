"""One seed, and a failing one made smaller."""

from __future__ import annotations

from tests.simulation.oracle import check
from tests.simulation.scenario import Scenario, scenario
from tests.simulation.world import World


def run(of: Scenario) -> World:
    """Run a scenario and hold it against the oracle. Raises whatever is wrong."""
    world = World(of)
    world.run()
    check(world)
    return world


def failure(of: Scenario) -> str | None:
    """What is wrong with a scenario, in a line; None if nothing is."""
    try:
        run(of)
    except Exception as wrong:  # noqa: BLE001 - whatever it is, it is what was looked for
        return f"{type(wrong).__name__}: {str(wrong).splitlines()[0] if str(wrong) else ''}"
    return None


def smaller(of: Scenario) -> Scenario:
    """A scenario that fails still, with as few faults and events as can be left out of it."""
    size = max(len(of.log), len(of.faults))
    while size:
        for kind in ("faults", "events"):
            begin = 0
            while begin < len(of.faults if kind == "faults" else of.log):
                part, none = range(begin, begin + size), range(0)
                less = of.without(*((part, none) if kind == "faults" else (none, part)))
                if failure(less) is not None:
                    of = less
                else:
                    begin += size
        size //= 2
    return of


def seed_failure(seed: int) -> tuple[int, str | None]:
    """The seed, and what is wrong with it."""
    return seed, failure(scenario(seed))
