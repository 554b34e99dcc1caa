"""The move table: every way a customer can change stage, and nothing else that moves one.

Theory of operation. A customer is in exactly one of five stages, or in none before the bank has
placed them. The fold (fold.py) learns facts and then pulls a trigger; a row of MOVES says where
that trigger leads from the present stage, and what kind of move it is. A trigger without a row
for the present stage leads nowhere: nothing changes. One shared `transitions` machine is built
from the table, and so is the diagram in the docs; there is no second statement of it.

Two facts of the customer guard a row: the way they were lost (`lost_by`), and whether they have
been active since they last became new (`been_active`).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Literal, get_args

from transitions import Machine

from schemas.outputs import Kind, LostBy, Stage

Trigger = Literal[
    "interest_shown",
    "relationship_opened",
    "adopted_as_new",
    "adopted_as_active",
    "adopted_as_at_risk",
    "adopted_as_lost",
    "prospect_limit_passed",
    "activation_met",
    "reason_raised",
    "reasons_cleared",
    "relationships_ended",
    "lost_limit_passed",
    "died",
    "corrected_to_potential",
    "corrected_to_new",
    "corrected_to_active",
    "corrected_to_at_risk",
    "corrected_to_closure",
    "corrected_to_silence",
    "corrected_to_expired",
]

STAGES: tuple[Stage, ...] = get_args(Stage)
TRIGGERS: tuple[Trigger, ...] = get_args(Trigger)
UNKNOWN = "unknown"
"""The machine's name for a customer without a stage."""


@dataclass(frozen=True, slots=True)
class Move:
    """One row: `source` None is a customer not placed yet; a guard of None is not asked."""

    source: Stage | None
    trigger: Trigger
    target: Stage
    kind: Kind
    loses_by: LostBy | None = None
    """How the customer is lost by this move, when the target is `lost`."""
    if_lost_by: tuple[LostBy, ...] | None = None
    if_been_active: bool | None = None


_PRESENT: tuple[Stage, ...] = ("new", "active", "at_risk")

MOVES: tuple[Move, ...] = (
    # First sight: a prospect enters; a fresh first opening is progress; the rest is adopted.
    Move(None, "interest_shown", "potential", "entered"),
    Move(None, "relationship_opened", "new", "progressed"),
    Move(None, "adopted_as_new", "new", "adopted"),
    Move(None, "adopted_as_active", "active", "adopted"),
    Move(None, "adopted_as_at_risk", "at_risk", "adopted"),
    Move(None, "adopted_as_lost", "lost", "adopted", loses_by="closure"),
    # Potential: the first relationship, or the end of the bank's patience.
    Move("potential", "relationship_opened", "new", "progressed"),
    Move("potential", "prospect_limit_passed", "lost", "expired", loses_by="expired"),
    # New: activation, or a reason to worry (the onboarding window over is one).
    Move("new", "activation_met", "active", "activated"),
    Move("new", "reason_raised", "at_risk", "warned"),
    Move("new", "relationships_ended", "lost", "left", loses_by="closure"),
    # Active.
    Move("active", "reason_raised", "at_risk", "warned"),
    Move("active", "relationships_ended", "lost", "left", loses_by="closure"),
    # At risk: back when nothing is open any more, away by closing or by silence.
    Move("at_risk", "reasons_cleared", "active", "recovered", if_been_active=True),
    Move("at_risk", "activation_met", "active", "activated_late", if_been_active=False),
    Move("at_risk", "relationships_ended", "lost", "left", loses_by="closure"),
    Move("at_risk", "lost_limit_passed", "lost", "left", loses_by="silence"),
    # Lost: what brings a customer back depends on the way they went.
    Move("lost", "relationship_opened", "new", "won_back", if_lost_by=("closure", "silence")),
    Move("lost", "activation_met", "active", "won_back", if_lost_by=("silence",)),
    Move("lost", "interest_shown", "potential", "progressed", if_lost_by=("expired",)),
    Move("lost", "relationship_opened", "new", "progressed", if_lost_by=("expired",)),
    # Death ends every life, and is not left again.
    Move(None, "died", "lost", "left", loses_by="deceased"),
    Move("potential", "died", "lost", "left", loses_by="deceased"),
    Move("new", "died", "lost", "left", loses_by="deceased"),
    Move("active", "died", "lost", "left", loses_by="deceased"),
    Move("at_risk", "died", "lost", "left", loses_by="deceased"),
    Move(
        "lost",
        "died",
        "lost",
        "left",
        loses_by="deceased",
        if_lost_by=("closure", "silence", "expired"),
    ),
    # Corrected: what moved them was taken back, so they are where they would have been.
    *(Move(stage, "corrected_to_potential", "potential", "corrected") for stage in _PRESENT),
    *(Move(stage, "corrected_to_closure", "lost", "corrected", "closure") for stage in _PRESENT),
    *(Move(stage, "corrected_to_expired", "lost", "corrected", "expired") for stage in _PRESENT),
    Move("new", "corrected_to_silence", "lost", "corrected", loses_by="silence"),
    Move("at_risk", "corrected_to_silence", "lost", "corrected", loses_by="silence"),
    Move("at_risk", "corrected_to_new", "new", "corrected"),
    Move("at_risk", "corrected_to_active", "active", "corrected"),
    Move("lost", "corrected_to_new", "new", "corrected", if_lost_by=("closure", "silence")),
    Move("lost", "corrected_to_active", "active", "corrected", if_lost_by=("closure", "silence")),
    Move("lost", "corrected_to_at_risk", "at_risk", "corrected", if_lost_by=("closure", "silence")),
)


class StageMachine:
    """The one machine, shared by all customers: it is told where a customer is, and asked."""

    def __init__(self, moves: tuple[Move, ...] = MOVES) -> None:
        self.state: str = UNKNOWN
        self._lost_by: LostBy | None = None
        self._been_active = False
        self._fired: Move | None = None
        self._known = {(move.source, move.trigger) for move in moves}
        self._machine = Machine(
            model=self,
            states=[UNKNOWN, *STAGES],
            initial=UNKNOWN,
            auto_transitions=False,
            transitions=[
                {
                    "trigger": f"on_{move.trigger}",
                    "source": move.source or UNKNOWN,
                    "dest": move.target,
                    "conditions": partial(self._allowed, move),
                    "after": partial(self._note, move),
                }
                for move in moves
            ],
        )

    def move(
        self,
        stage: Stage | None,
        trigger: Trigger,
        *,
        lost_by: LostBy | None = None,
        been_active: bool = False,
    ) -> Move | None:
        """The row that `trigger` takes from `stage`, or None: nothing moves."""
        if (stage, trigger) not in self._known:
            return None
        self.state = stage or UNKNOWN
        self._lost_by = lost_by
        self._been_active = been_active
        self._fired = None
        self._machine.events[f"on_{trigger}"].trigger(self)
        return self._fired

    def _allowed(self, move: Move) -> bool:
        if move.if_lost_by is not None and self._lost_by not in move.if_lost_by:
            return False
        return move.if_been_active is None or move.if_been_active == self._been_active

    def _note(self, move: Move) -> None:
        self._fired = move


def diagram(moves: tuple[Move, ...] = MOVES) -> str:
    """The table as a Mermaid state diagram."""
    lines = ["stateDiagram-v2"]
    for move in moves:
        source = "[*]" if move.source is None else move.source
        guard = ""
        if move.if_lost_by is not None:
            guard = f" [by {' or '.join(move.if_lost_by)}]"
        elif move.if_been_active is not None:
            guard = " [been active]" if move.if_been_active else " [never active]"
        way = f" ({move.loses_by})" if move.loses_by else ""
        trigger = move.trigger.replace("_", " ")
        lines.append(f"    {source} --> {move.target}: {move.kind}{way} / {trigger}{guard}")
    return "\n".join(lines) + "\n"
