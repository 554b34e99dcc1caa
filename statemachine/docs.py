"""The page on stages: the move table and its diagram, as Markdown.

`python -m statemachine.docs > docs/stages.md` writes it; a test keeps it fresh. There is no second
statement of the table: what stands here in words are names, never rows.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping

from schemas.outputs import LostBy, Stage
from statemachine.stages import MOVES, Move, Trigger, diagram

STAGE_NAMES: Mapping[Stage, tuple[str, str]] = {
    "potential": ("潜在客户", "knows the bank and has no relationship with it yet"),
    "new": ("新客户", "has a first relationship and is learning to use it"),
    "active": ("活跃客户", "uses the bank"),
    "at_risk": (
        "流失风险客户",
        "is leaving: at least one reason stands open, or never became active",
    ),
    "lost": ("流失客户", "no longer uses the bank"),
}
"""Each stage's Chinese name, and who is in it."""

TRIGGER_WORDS: Mapping[Trigger, str] = {
    "interest_shown": "registered as a prospect, or showed interest",
    "relationship_opened": "an account or product came into force",
    "adopted_as_new": "first seen, with an account opened inside the onboarding window",
    "adopted_as_active": "first seen, with an account in force",
    "adopted_as_at_risk": "first seen, with an account in force and a reason to worry",
    "adopted_as_lost": "first seen, with the last account closed",
    "prospect_limit_passed": "the prospect limit passed (off unless the policy sets one)",
    "activation_met": "the activation rule is met",
    "reason_raised": "an at-risk reason is raised",
    "reasons_cleared": "the last open reason cleared",
    "relationships_ended": "the last account or product ended",
    "lost_limit_passed": "no sign of life for too long, long enough at risk, nothing protects",
    "died": "the customer died",
    "corrected_to_potential": "the core took the only opening back; before it they were none",
    "corrected_to_new": "late evidence, or a closing undone: nothing stands against them",
    "corrected_to_active": "late evidence, or a closing undone: nothing stands against them",
    "corrected_to_at_risk": "late evidence, or a closing undone: a reason stands all the same",
    "corrected_to_closure": "the core took an opening back, and the others had ended before",
    "corrected_to_silence": "the core took the opening back that had won them back",
    "corrected_to_expired": "the core took the only opening back of a prospect given up before",
}
"""What pulls each trigger, in words."""

WAY_WORDS: Mapping[LostBy, str] = {
    "closure": "by closure: nothing is in force any more",
    "silence": "by silence: something is in force, and nobody uses it",
    "expired": "a prospect who was given up",
    "deceased": "the customer died; nothing follows",
}
"""What each way of being lost means."""

_INTRODUCTION = """\
A customer is in exactly one stage, or in none before the bank has placed them. The rows below are
the only moves there are: a fact that is in no row for a customer's stage moves nobody. Each change
is published with its kind, so that backward moves count like forward ones. The kind `corrected`
counts in no rate: what had moved the customer was taken back, or never was.
Why each decision is as it is: [domain/decisions.md](domain/decisions.md).\
"""


def stages_page(moves: tuple[Move, ...] = MOVES) -> str:
    """The whole page."""
    parts = [
        "# Stages, and every way to move between them",
        "<!-- Made by `python -m statemachine.docs`; edit statemachine/stages.py or docs.py. -->",
        _INTRODUCTION,
        "## The stages",
        table(
            ("stage", "中文", "who"),
            [(f"`{stage}`", name, who) for stage, (name, who) in STAGE_NAMES.items()],
        ),
        "`lost` says how:",
        table(("lost by", "meaning"), [(f"`{way}`", words) for way, words in WAY_WORDS.items()]),
        "## The moves",
        table(("from", "when", "to", "kind"), [_row(move) for move in moves]),
        "## The diagram",
        f"```mermaid\n{diagram(moves)}```",
    ]
    return "\n\n".join(parts) + "\n"


def _row(move: Move) -> tuple[str, ...]:
    source = "(none)" if move.source is None else f"`{move.source}`"
    if move.if_lost_by is not None:
        source += f" by {' or '.join(move.if_lost_by)}"
    if move.if_been_active is not None:
        source += ", was active before" if move.if_been_active else ", never active"
    target = f"`{move.target}`" + (f" by {move.loses_by}" if move.loses_by else "")
    return source, TRIGGER_WORDS[move.trigger], target, f"`{move.kind}`"


def table(header: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    """A Markdown table."""
    lines = [header, tuple("---" for _ in header), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


if __name__ == "__main__":
    sys.stdout.write(stages_page())
