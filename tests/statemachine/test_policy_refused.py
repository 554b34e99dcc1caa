"""A policy with a contradiction is refused with the line and the reason."""

from typing import Any

import pytest
import yaml

from statemachine.policy_file import PolicyError, default_policy_text, read_policy
from statemachine.rules.silence import SilenceSettings

DEFAULT = default_policy_text()


def refused(text: str) -> list[str]:
    with pytest.raises(PolicyError) as error:
        read_policy(text, "bank.yaml")
    return str(error.value).splitlines()


def line_of(text: str, part: str) -> int:
    (number,) = [n for n, line in enumerate(text.splitlines(), start=1) if part in line]
    return number


def with_value(place: str, value: str) -> tuple[str, int]:
    """The shipped file with another value in one place, and the line of it."""
    node: Any = yaml.compose(DEFAULT, Loader=yaml.SafeLoader)
    for name in place.split("."):
        (node,) = [inner for key, inner in node.value if key.value == name]
    begin, end = node.start_mark, node.end_mark
    return DEFAULT[: begin.index] + value + DEFAULT[end.index :], begin.line + 1


@pytest.mark.parametrize(
    "place, value, reason",
    [
        ("lost.after_silence", "60 days", "'60 days' comes before at-risk: silence is raised"),
        ("lost.after_silence", "89 days", "make lost.after_silence as long, or longer"),
        ("lost.after_silence", "2159 hours", "'2159 hours' comes before at-risk"),
        ("rules.silence.after", "-90 days", "'-90 days' is not a span of time"),
        ("rules.silence.after", "0 days", "must be longer than nothing"),
        ("rules.silence.after", "90", "such as '90 days' or '48 hours'"),
        ("rules.silence.after", "9999999 days", "longer than a hundred years"),
        ("onboarding.window", "0 hours", "must be longer than nothing"),
        ("prospects.limit", "0 seconds", "must be longer than nothing"),
        ("rules.complaint.score_clears_after", "0 days", "must be longer than nothing"),
        ("quiet_period", "a month", "is not a span of time"),
        ("stream.allowed_lateness", "2 days", "must be an exact duration: write it in hours"),
        ("activation.own_activity_days", "0", "greater than or equal to 1"),
        ("activation.own_activity_days", "2.5", "valid integer"),
        ("activation.own_activity_days", "'3'", "valid integer"),
        ("activation.own_activity_days", "yes", "valid integer"),
        ("version", "0", "greater than or equal to 1"),
        ("zone", "Asia/Shanghigh", "is not an IANA time zone, such as 'Asia/Shanghai'"),
        ("live_from", "2024-01-01T00:00:00", "'2024-01-01 00:00:00' is not a time with an offset"),
        ("live_from", "'2024-01-01T00:00:00'", "such as 2025-01-01T00:00:00+08:00"),
        ("live_from", "2024-01-01", "'2024-01-01' is not a time with an offset, such as"),
        ("live_from", "soon", "'soon' is not a time with an offset, such as 2025-01-01T00:00:00+"),
        ("live_from", "2025", "'2025' is not a time with an offset"),
        ("live_from", "yes", "'True' is not a time with an offset"),
        ("live_from", "0001-01-01T00:00:00+08:00", "is not a time with an offset"),
        ("rules.churn_score.raise_at", "0.8", "expected a decimal string from 0 to 1"),
        ("rules.churn_score.raise_at", "80%", "expected a decimal string from 0 to 1"),
        ("rules.complaint.score_below", "11", "less than or equal to 10"),
        ("rules.silence.limit", "own_rythm", "'fixed' or 'own_rhythm'"),
        ("rules.silence.clears_after_days", "3", "1 or 2"),
        ("rules.silence.own_rhythm.at_most_days", "99999", "less than or equal to 3650"),
        ("memory.event_ids", "1000", "less than or equal to 64"),
    ],
)
def test_a_value_is_refused_by_line_place_and_reason(place: str, value: str, reason: str) -> None:
    text, line = with_value(place, value)
    (message,) = refused(text)
    assert message.startswith(f"bank.yaml, line {line}: {place}: ")
    assert reason in message


@pytest.mark.parametrize(
    "was, written, place, reason",
    [
        ("not_onboarded: {}", "not_on_board: {}", "rules.not_on_board", "unknown rule; see"),
        ("not_onboarded: {}", "not_onboarded: {a: 1}", "rules.not_onboarded.a", "unknown setting"),
        ("maturity_grace:", "maturity_grase:", "maturity_grase", "unknown setting; see 'tenure"),
        ("[loan,", "[yacht,", "families.contractual.0", "Input should be 'current_account'"),
    ],
)
def test_a_name_is_refused_by_line_place_and_reason(
    was: str, written: str, place: str, reason: str
) -> None:
    text = DEFAULT.replace(was, written)
    messages = refused(text)
    assert f"bank.yaml, line {line_of(text, written)}: {place}: {reason}" in messages[-1]


@pytest.mark.parametrize(
    "place, value, shown_at, reason",
    [
        (
            "rules.churn_score.clear_below",
            '"0.9"',
            "  churn_score:",
            "rules.churn_score: clear_below 0.9 is above raise_at 0.8",
        ),
        (
            "rules.silence.own_rhythm.at_least_days",
            "200",
            "    own_rhythm:",
            "rules.silence.own_rhythm: at_least_days 200 is above at_most_days 180",
        ),
        (
            "families.transactional",
            "[current_account, savings_account, card, payment, loan]",
            "families:",
            "families: loan cannot belong to both families",
        ),
        (
            "families.transactional",
            "[current_account, savings_account, card]",
            "families:",
            "families: payment must belong to one of the families",
        ),
    ],
)
def test_two_settings_that_contradict_each_other_are_refused_where_they_stand(
    place: str, value: str, shown_at: str, reason: str
) -> None:
    text, _ = with_value(place, value)
    assert refused(text) == [f"bank.yaml, line {text.splitlines().index(shown_at) + 1}: {reason}"]


def test_lost_before_at_risk_counts_the_longest_limit_that_anybody_can_have() -> None:
    text = DEFAULT.replace("limit: fixed", "limit: own_rhythm")
    (message,) = refused(text.replace("after_silence: 180 days", "after_silence: 179 days"))
    assert "lost.after_silence: '179 days' comes before at-risk" in message
    assert "'180 days'; make lost.after_silence as long" in message


@pytest.mark.parametrize("as_long", ["90 days", "2160 hours"])
def test_lost_may_be_as_long_as_the_longest_limit(as_long: str) -> None:
    read_policy(with_value("lost.after_silence", as_long)[0], "x")


def test_one_word_switches_the_shipped_policy_to_the_own_rhythm() -> None:
    text = DEFAULT.replace("limit: fixed", "limit: own_rhythm")
    assert len(text.split()) == len(DEFAULT.split())
    policy = read_policy(text, "x")
    silence = policy.rules.entry("silence")
    assert isinstance(silence, SilenceSettings)
    assert silence.limit == "own_rhythm"
    assert policy.lost.after_silence == silence.longest()


def test_without_the_silence_rule_nothing_comes_before_anything() -> None:
    begin = DEFAULT.index("  # Nothing done by the customer")
    end = DEFAULT.index("  # The onboarding window is over and")
    text = DEFAULT[:begin] + DEFAULT[end:]
    read_policy(text.replace("after_silence: 180 days", "after_silence: 60 days"), "x")


def test_every_mistake_is_named_at_once() -> None:
    text = DEFAULT.replace("version: 1", "version: 0").replace("zone: Asia/", "zone: Asien/")
    assert len(refused(text)) == 2


@pytest.mark.parametrize("extra", ["version: 2\n", "rules: {}\n"])
def test_a_setting_written_twice_is_refused(extra: str) -> None:
    lines = len(DEFAULT.splitlines())
    name = extra.split(":", maxsplit=1)[0]
    assert refused(DEFAULT + extra) == [f"bank.yaml, line {lines + 1}: '{name}' is written twice"]


def test_a_setting_written_twice_further_in_is_refused_too() -> None:
    text = DEFAULT.replace("    after: 90 days", "    after: 90 days\n    after: 91 days")
    assert refused(text) == [
        f"bank.yaml, line {line_of(text, 'after: 91 days')}: 'after' is written twice"
    ]


def test_a_rule_with_nothing_behind_its_name_is_refused_because_nobody_knows_what_it_says() -> None:
    text = DEFAULT.replace("not_onboarded: {}", "not_onboarded:")
    (message,) = refused(text)
    assert message.startswith(f"bank.yaml, line {line_of(text, 'not_onboarded:')}: ")
    assert "rules.not_onboarded: is it on or off?" in message
    off = read_policy(DEFAULT.replace("not_onboarded: {}", "not_onboarded: null"), "x")
    assert off.rules.entry("not_onboarded") is None


@pytest.mark.parametrize(
    "text, reason",
    [
        ("version: 1\n  zone: [", "bank.yaml, line 2: this is not YAML"),
        ("version: 1\n\tzone: UTC\n", "bank.yaml, line 2: this is not YAML"),
        ("version: 1\n---\nversion: 2\n", "bank.yaml, line 2: this is not YAML"),
        ("version: \x07", "bank.yaml: this is not YAML"),
        ("", "bank.yaml: a policy is a list of settings"),
        ("- version: 1\n", "bank.yaml: a policy is a list of settings"),
        ("just words", "bank.yaml: a policy is a list of settings"),
        (
            "version: &a\n  b: *a\n",
            "bank.yaml, line 2: '*a' stands for something written elsewhere",
        ),
        ("[" * 3000 + "]" * 3000, "bank.yaml: this is not a policy: it is nested too deep"),
        ("name: nobody\n", "bank.yaml, line 1: version: Field required"),
        (
            "version: 1\nlive_from: 2024-13-01\n",
            "bank.yaml, line 2: '2024-13-01' is on no calendar or clock",
        ),
        ("a: [2024-02-30]\n", "bank.yaml, line 1: '2024-02-30' is on no calendar or clock"),
    ],
)
def test_what_is_no_policy_at_all_is_refused_in_a_line(text: str, reason: str) -> None:
    (message,) = refused(text)
    assert message.startswith(reason)
