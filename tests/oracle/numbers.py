"""The policy's numbers as the variables that the SQL asks for: none is written there."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from statemachine.calendar import Span
from statemachine.policy import Policy


def numbers_of(policy: Policy) -> dict[str, Any]:
    """Every number that a rule's SQL compares with, by the name it has there.

    Spans must be whole days, as they are in the shipped policy. Raises AttributeError for a rule
    that is switched off: the caller asks only for those that are on, with `RULES`.
    """
    found: dict[str, Any] = {
        "zone": policy.zone,
        "quiet_period": _days(policy.quiet_period),
        "maturity_grace": _days(policy.maturity_grace),
        "contractual": list(policy.families.contractual),
        "asset_products": list(policy.assets.products),
        "currency": policy.assets.currency,
        "onboarding_window": _days(policy.onboarding.window),
        "activation_days": policy.activation.own_activity_days,
        "activation_families": policy.activation.product_families,
        "activation_assets": policy.activation.assets_at_least,
    }
    for name in RULES:
        entry = policy.rules.entry(name)
        if entry is not None:
            found |= _of_rule(name, entry)
    return found


RULES = (
    "silence",
    "not_onboarded",
    "complaint",
    "churn_score",
    "decline",
    "run_off",
    "outflow",
    "payroll_lost",
    "product_end",
    "core_dormant",
)
"""Every rule that the oracle knows: all there are (test_oracle.py holds it against the product)."""


def _of_rule(name: str, entry: Any) -> dict[str, Any]:
    match name:
        case "silence":
            if entry.limit != "fixed":
                raise ValueError("the SQL states the fixed limit only")
            return {
                "silence_after": _days(entry.after),
                "silence_clears_after_days": entry.clears_after_days,
                "silence_clears_within_days": entry.clears_within_days,
            }
        case "complaint":
            return {
                "complaint_score_below": entry.score_below,
                "complaint_score_clears_after": _days(entry.score_clears_after),
            }
        case "churn_score":
            return {
                "churn_raise_at": Decimal(entry.raise_at),
                "churn_clear_below": Decimal(entry.clear_below),
            }
        case "decline":
            return {
                "decline_days": entry.recent_days,
                "decline_periods": entry.compared_periods,
                "decline_usual": entry.usual_at_least,
                "decline_raise": entry.raise_at_percent,
                "decline_clear": entry.clear_above_percent,
            }
        case "run_off":
            return {
                "run_off_days": entry.peak_within_days,
                "run_off_least": entry.peak_at_least,
                "run_off_raise": entry.raise_at_percent,
                "run_off_clear": entry.clear_above_percent,
            }
        case "outflow":
            return {
                "outflow_within": _days(entry.within),
                "outflow_percent": entry.percent_of_assets,
                "outflow_assets": entry.assets_at_least,
                "outflow_transfer": entry.transfer_at_least,
            }
        case "payroll_lost":
            return {
                "payroll_months": entry.months_running,
                "payroll_none_for": _days(entry.none_for),
            }
        case "product_end":
            return {
                "end_matured": list(entry.matured),
                "end_last_of_family": list(entry.last_of_family),
                "end_wears_off": _days(entry.wears_off_after),
            }
        case _:
            return {}


def _days(span: Span) -> int:
    if span.days is None:
        raise ValueError(f"'{span}' is not in days, and the SQL counts days only")
    return span.days
