"""The move table, written out by hand from the domain; never from the product's own table.

One line per way to move. `way` is how the customer is lost by it. The guards: `lost by` is how
they had been lost, `active` whether they had been active since they last became new. The last
three columns say what of an event counts: whose doing it must be (initiator of a posting), as
what the customer stands to the account (role), and in which state the posting or account must be
(status). A dash: no such thing is asked.
"""

from __future__ import annotations

from dataclasses import dataclass

_TABLE = """
from      trigger               to        kind           way      lost by         active initiator role  status
(none)    interest_shown        potential entered        -        -               -      -         -     -
(none)    relationship_opened   new       progressed     -        -               -      -         owner -
(none)    adopted_as_new        new       adopted        -        -               -      -         owner open
(none)    adopted_as_active     active    adopted        -        -               -      -         owner open
(none)    adopted_as_at_risk    at_risk   adopted        -        -               -      -         owner open
(none)    adopted_as_lost       lost      adopted        closure  -               -      -         owner closed
potential relationship_opened   new       progressed     -        -               -      -         owner -
potential prospect_limit_passed lost      expired        expired  -               -      -         -     -
new       activation_met        active    activated      -        -               -      customer  owner posted
new       reason_raised         at_risk   warned         -        -               -      -         -     -
new       relationships_ended   lost      left           closure  -               -      -         owner -
active    reason_raised         at_risk   warned         -        -               -      -         -     -
active    relationships_ended   lost      left           closure  -               -      -         owner -
at_risk   reasons_cleared       active    recovered      -        -               yes    customer  owner posted
at_risk   activation_met        active    activated_late -        -               no     customer  owner posted
at_risk   relationships_ended   lost      left           closure  -               -      -         owner -
at_risk   lost_limit_passed     lost      left           silence  -               -      -         -     -
lost      relationship_opened   new       won_back       -        closure/silence -      -         owner -
lost      activation_met        active    won_back       -        silence         -      customer  owner posted
lost      interest_shown        potential progressed     -        expired         -      -         -     -
lost      relationship_opened   new       progressed     -        expired         -      -         owner -
(none)    died                  lost      left           deceased -               -      -         -     -
potential died                  lost      left           deceased -               -      -         -     -
new       died                  lost      left           deceased -               -      -         -     -
active    died                  lost      left           deceased -               -      -         -     -
at_risk   died                  lost      left           deceased -               -      -         -     -
lost      died                  lost      left           deceased closure/silence/expired - -      -     -
new       corrected_to_potential potential corrected     -        -               -      -         -     -
active    corrected_to_potential potential corrected     -        -               -      -         -     -
at_risk   corrected_to_potential potential corrected     -        -               -      -         -     -
new       corrected_to_closure  lost      corrected      closure  -               -      -         -     -
active    corrected_to_closure  lost      corrected      closure  -               -      -         -     -
at_risk   corrected_to_closure  lost      corrected      closure  -               -      -         -     -
new       corrected_to_expired  lost      corrected      expired  -               -      -         -     -
active    corrected_to_expired  lost      corrected      expired  -               -      -         -     -
at_risk   corrected_to_expired  lost      corrected      expired  -               -      -         -     -
new       corrected_to_silence  lost      corrected      silence  -               -      -         -     -
at_risk   corrected_to_silence  lost      corrected      silence  -               -      -         -     -
at_risk   corrected_to_new      new       corrected      -        -               -      -         -     -
at_risk   corrected_to_active   active    corrected      -        -               -      -         -     -
lost      corrected_to_new      new       corrected      -        closure/silence -      -         -     -
lost      corrected_to_active   active    corrected      -        closure/silence -      -         -     -
lost      corrected_to_at_risk  at_risk   corrected      -        closure/silence -      -         -     -
"""  # noqa: E501  # a table is read across


@dataclass(frozen=True)
class Row:
    """One line of the table above; None for a dash."""

    source: str | None
    trigger: str
    target: str
    kind: str
    way: str | None
    lost_by: frozenset[str] | None
    active: bool | None
    initiator: str | None
    role: str | None
    status: str | None

    def answers(self, lost_by: str | None, *, been_active: bool) -> bool:
        """Whether the guards let this customer through."""
        if self.lost_by is not None and lost_by not in self.lost_by:
            return False
        return self.active is None or self.active == been_active


def _row(line: str) -> Row:
    cells = [None if cell == "-" else cell for cell in line.split()]
    source, trigger, target, kind, way, lost_by, active, *asked = cells
    assert trigger is not None
    assert target is not None
    assert kind is not None
    return Row(
        None if source == "(none)" else source,
        trigger,
        target,
        kind,
        way,
        None if lost_by is None else frozenset(lost_by.split("/")),
        None if active is None else active == "yes",
        *asked,
    )


EXPECTED = tuple(_row(line) for line in _TABLE.strip().splitlines()[1:])


def expected_move(
    source: str | None, trigger: str, lost_by: str | None, *, been_active: bool
) -> Row | None:
    """The one row that answers, or None: nothing moves."""
    answers = [
        row
        for row in EXPECTED
        if (row.source, row.trigger) == (source, trigger)
        and row.answers(lost_by, been_active=been_active)
    ]
    assert len(answers) <= 1
    return answers[0] if answers else None
