"""The at-risk rules, one file each.

A rule is one entry in the policy (its settings), one class of pure functions (when it raises,
when it clears, its evidence), and the bounded features of customer.py that it reads. Adding one
is a file here, a field of Rules and its line in `build`.
"""

from __future__ import annotations

from statemachine.rules.base import Bank, PolicySpan, Rule, RuleSettings, positive
from statemachine.rules.churn_score import ChurnScore, ChurnScoreSettings
from statemachine.rules.complaint import Complaint, ComplaintSettings
from statemachine.rules.onboarding import NotOnboarded, NotOnboardedSettings
from statemachine.rules.silence import Silence, SilenceSettings


class Rules(RuleSettings):
    """The policy's `rules`: an entry switches a rule on."""

    silence: SilenceSettings | None = None
    not_onboarded: NotOnboardedSettings | None = None
    complaint: ComplaintSettings | None = None
    churn_score: ChurnScoreSettings | None = None

    def build(self, bank: Bank) -> tuple[Rule, ...]:
        """The rules switched on, always in this order."""
        built: list[Rule] = []
        if self.silence is not None:
            built.append(Silence(self.silence, bank))
        if self.not_onboarded is not None:
            built.append(NotOnboarded(self.not_onboarded, bank))
        if self.complaint is not None:
            built.append(Complaint(self.complaint, bank))
        if self.churn_score is not None:
            built.append(ChurnScore(self.churn_score, bank))
        return tuple(built)

    def switched_off(self, bank: Bank) -> dict[str, Rule]:
        """The rules that are off, by name and with the usual settings: to end their reasons."""
        on = {rule.name for rule in self.build(bank)}
        usual = {name: getattr(self, name) or {} for name in type(self).model_fields}
        everything = type(self).model_validate(usual).build(bank)
        return {rule.name: rule for rule in everything if rule.name not in on}


__all__ = ["Bank", "PolicySpan", "Rule", "RuleSettings", "Rules", "positive"]
