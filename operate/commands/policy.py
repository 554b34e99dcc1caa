"""`tenure policy`: what decides, checked and shown."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from operate.commands.options import Json, examples
from operate.given import policy_in
from operate.terminal import err, out, say, say_json
from statemachine.policy import Policy
from statemachine.policy_file import default_policy, default_policy_text

app = typer.Typer(no_args_is_help=True, help="Check or show a policy: every number that decides.")

File = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A policy, in YAML.")]


@app.command(
    epilog=examples(
        "tenure policy show > my-policy.yaml   # begin with the shipped one",
        "tenure policy check my-policy.yaml",
    )
)
def check(file: File, as_json: Json = False) -> None:
    """Check a policy file: its spelling, its numbers, and that they do not contradict each other.

    Prints the digest, by which every decision names the policy that made it. Two files with equal
    values have an equal digest. A file that is not a policy is refused with line and reason.
    """
    policy = policy_in(file)
    if not policy.active_rules:
        say(
            err(),
            "tenure: note: no rule is switched on: under this policy nobody becomes at risk, and so"
            " nobody is lost by silence; only whoever is at risk already and was never active"
            " stays so",
        )
    if as_json:
        say_json({"file": str(file), **_facts(policy)})
        return
    for name, value in _facts(policy).items():
        shown = ", ".join(value) if isinstance(value, list) else value
        say(out(), f"{name:8} {shown}")


@app.command(epilog=examples("tenure policy show > my-policy.yaml", "tenure policy show --digest"))
def show(
    digest: Annotated[
        bool, typer.Option("--digest", help="Only the digest, by which decisions name it.")
    ] = False,
) -> None:
    """Print the shipped policy with its comments: the one in force where no other is named."""
    if digest:
        say(out(), default_policy().digest)
        return
    out().file.write(default_policy_text())


def _facts(policy: Policy) -> dict[str, str | int | list[str]]:
    return {
        "name": policy.name,
        "version": policy.version,
        "digest": policy.digest,
        "zone": policy.zone,
        "rules": [rule.name for rule in policy.active_rules],
    }
