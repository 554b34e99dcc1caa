"""docs/real-logs.md: the figures of both real logs, by `python -m tests.real_logs.report`.

The page's words are its own; what stands between two marks is written here, from the replay and
the raw files. test_report.py fails when the page does not say what the logs say now.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from schemas.outputs import RiskReasonsChanged, StageChanged
from statemachine.stages import STAGES
from tests.real_logs import figures
from tests.real_logs.logs import RealLog, the_berka_log, the_cdnow_log
from tests.real_logs.reference import Told

PAGE = Path(__file__).resolve().parents[2] / "docs" / "real-logs.md"
_BLOCK = re.compile(r"(<!-- figures: ([a-z-]+) -->\n).*?(<!-- end -->)", re.DOTALL)


def page(text: str, berka: RealLog, cdnow: RealLog) -> str:
    """The page with every marked block written anew."""
    blocks = {
        "berka-stages": stage_table(berka.told),
        "berka-flows": flow_matrix(berka.told),
        "berka-silences": silence_table(figures.berka(berka)),
        "berka-pauses": pause_table(figures.pauses(berka)),
        "cdnow-stages": stage_table(cdnow.told),
        "cdnow-flows": flow_matrix(cdnow.told),
        "cdnow-silences": silence_table(figures.cdnow(cdnow)),
        "cdnow-pauses": pause_table(figures.pauses(cdnow)),
    }
    return _BLOCK.sub(lambda found: f"{found[1]}\n{blocks[found[2]]}\n{found[3]}", text)


def stage_table(told: Told) -> str:
    """How many customers end in each stage, and how many reasons stand open there."""
    stages = Counter(customer.stage for customer in told.states.values())
    reasons = Counter(
        (customer.stage, rule) for customer in told.states.values() for rule in customer.reasons
    )
    total = sum(count for stage, count in stages.items() if stage is not None)
    rows: list[tuple[str, ...]] = []
    for stage in STAGES:
        opened = [f"{rule} {_n(n)}" for (at, rule), n in sorted(reasons.items()) if at == stage]
        share = f"{100 * stages[stage] / total:.1f} %"
        rows.append((stage, _n(stages[stage]), share, ", ".join(opened)))
    rows.append(("all customers", _n(total), "", ""))
    return _table(("stage at the end", "customers", "share", "open reasons"), rows)


def flow_matrix(told: Told) -> str:
    """Every move of the log: from by to, with its kind."""
    moves: Counter[tuple[str, str, str]] = Counter()
    beside = 0
    for output in _outputs(told):
        match output:
            case StageChanged():
                moves[output.from_stage or "(none)", output.to_stage, output.kind] += 1
            case RiskReasonsChanged():
                beside += 1
    rows = []
    for source in ("(none)", *STAGES):
        cells = [
            ", ".join(
                f"{kind} {_n(count)}"
                for (begin, end, kind), count in sorted(moves.items())
                if (begin, end) == (source, target)
            )
            for target in STAGES
        ]
        rows.append((source, *cells))
    table = _table(("from \\ to", *STAGES), rows)
    return (
        f"{table}\n{_n(moves.total())} stage changes, and {_n(beside)} changes of the open reasons"
        " within a stage.\n"
    )


def silence_table(counted: Sequence[figures.Counted]) -> str:
    """The silences found, by what was taken for activity."""
    rows = [
        (
            one.activity,
            _n(one.postings),
            _n(one.raised),
            _n(one.customers),
            _n(one.ended_by_return),
            _n(one.ended_by_loss),
            _n(one.standing),
        )
        for one in counted
    ]
    return _table(
        (
            "taken for activity",
            "postings",
            "silences",
            "customers",
            "ended by a return",
            "ended by loss",
            "stand at the end",
        ),
        rows,
    )


def pause_table(pauses: figures.Pauses) -> str:
    """How the pauses in the raw file become the silences that were raised."""
    rows = [
        ("pauses of 90 days or more that ended", _n(pauses.of_90_ended)),
        ("... of exactly 90 days, so in time", f"-{_n(pauses.of_90_exactly)}"),
        ("pauses of 90 days or more still open at the end", f"+{_n(pauses.of_90_open)}"),
        ("... that fell into a silence that stood already", f"-{_n(pauses.in_a_silence)}"),
        ("... of customers lost and not yet won back", f"-{_n(pauses.while_lost)}"),
        ("**silences raised**", f"**{_n(pauses.raised)}**"),
    ]
    return _table(("from the raw file", "number"), rows)


def _outputs(told: Told) -> Iterator[StageChanged | RiskReasonsChanged]:
    for outputs in told.outputs.values():
        yield from outputs


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [header, ["---", *["--:"] * (len(header) - 1)], *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _n(number: int) -> str:
    return f"{number:,}"


def main() -> None:
    """Write the page."""
    text = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(page(text, the_berka_log(), the_cdnow_log()), encoding="utf-8")
    print(f"wrote {PAGE}")


if __name__ == "__main__":
    main()
