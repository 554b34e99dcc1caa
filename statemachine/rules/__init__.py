"""The at-risk rules, one file each.

A rule is one file here and one entry in the policy. The file holds its settings, and a class of
pure functions: when it raises, when it clears, its evidence (base.py says which), read from the
bounded features of customer.py. Every file here but base.py is one; its last line names its parts.
docs/domain/adding-a-rule.md goes through it step by step.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Any

from pydantic import create_model, model_serializer

from statemachine.rules.base import Bank, PolicySpan, Rule, RuleKind, RuleSettings, positive


def _kinds() -> dict[str, RuleKind]:
    names = sorted(module.name for module in iter_modules(__path__) if module.name != "base")
    found = (import_module(f"{__name__}.{name}").KIND for name in names)
    return {kind.rule.name: kind for kind in found}


KINDS: Mapping[str, RuleKind] = _kinds()
"""Every rule there is by its name, in the order of their files' names."""


class _Rules(RuleSettings):
    """The policy's `rules`: an entry switches a rule on."""

    def entry(self, name: str) -> RuleSettings | None:
        """The entry of a rule, if it is on."""
        found: RuleSettings | None = getattr(self, name)
        return found

    def build(self, bank: Bank) -> tuple[Rule, ...]:
        """The rules switched on, always in the same order."""
        on = ((kind, self.entry(name)) for name, kind in KINDS.items())
        return tuple(kind.rule(entry, bank) for kind, entry in on if entry is not None)

    def switched_off(self, bank: Bank) -> dict[str, Rule]:
        """The rules that are off, by name and with the usual settings: to end their reasons."""
        return {
            name: kind.rule(kind.settings(), bank)
            for name, kind in KINDS.items()
            if self.entry(name) is None
        }

    @model_serializer(mode="wrap")
    def _only_those_that_are_on(self, handler: Any) -> dict[str, Any]:
        # A rule that a later release brings, and that is off, must not change a policy's digest.
        return {name: entry for name, entry in handler(self).items() if entry is not None}


if TYPE_CHECKING:

    class Rules(_Rules):
        """The policy's `rules`, with one field for each rule."""

else:
    _fields = {name: (kind.settings | None, None) for name, kind in KINDS.items()}
    Rules = create_model("Rules", __base__=_Rules, **_fields)


__all__ = ["KINDS", "Bank", "PolicySpan", "Rule", "RuleSettings", "Rules", "positive"]
