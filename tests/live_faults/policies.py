"""Policies for a run: the shipped one with other numbers, version after version."""

from __future__ import annotations

from pathlib import Path

from statemachine.policy import Policy
from statemachine.policy_file import default_policy_text, read_policy

_AFTER = (90, 60, 75, 120)
"""Days of silence after which a customer is at risk, in turn: each change moves many of them."""


def write_policy(folder: Path, version: int) -> Path:
    """Write the policy of a version, and return its file."""
    text = default_policy_text()
    days = _AFTER[version % len(_AFTER)]
    for old, new in (
        ("version: 1\n", f"version: {version}\n"),
        ("    after: 90 days\n", f"    after: {days} days\n"),
    ):
        if text.count(old) != 1:
            raise ValueError(f"the shipped policy has no line {old.strip()!r}, or several")
        text = text.replace(old, new)
    file = folder / f"policy-{version}.yaml"
    file.write_text(text)
    return file


def policy_in(file: Path) -> Policy:
    """The policy of a file."""
    return read_policy(file.read_text(), file.name)
