import json
import random
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from pydantic import BaseModel

from statemachine.policy import Policy
from statemachine.policy_file import default_policy, default_policy_text, read_policy
from statemachine.rules import Rules

DEFAULT = default_policy()
VALUES = json.loads(DEFAULT.canonical())
Path = tuple[str, ...]

OTHER: dict[Path, Any] = {
    ("zone",): "Europe/Prague",
    ("live_from",): "2024-01-01T00:00:00Z",
    ("prospects", "limit"): "30 days",
    ("growing_sequences",): ["core"],
    ("rules", "silence", "limit"): "own_rhythm",
    ("rules", "silence", "clears_after_days"): 1,
    ("rules", "churn_score", "raise_at"): "0.9",
    ("rules", "churn_score", "clear_below"): "0.5",
    ("rules", "not_onboarded"): None,
    ("rules", "core_dormant"): None,
    ("rules", "decline", "recent_days"): 30,
    ("rules", "decline", "compared_periods"): 2,
    ("rules", "product_end", "matured"): ["wealth"],
    ("rules", "product_end", "last_of_family"): ["card"],
    ("assets", "products"): ["wealth"],
    ("assets", "currency"): "CZK",
    ("assets", "rates"): {"USD": {"2024-01-01": "7.1"}},
}
"""Another valid value for what is neither a number, a span nor a list of product types."""


def leaves(values: Any, path: Path = ()) -> Iterator[Path]:
    if isinstance(values, dict) and values:
        for name, value in values.items():
            yield from leaves(value, (*path, name))
    elif path[:1] != ("families",):
        yield path


LEAVES = list(leaves(VALUES))


def changed(path: Path, value: Any) -> dict[str, Any]:
    values: dict[str, Any] = json.loads(DEFAULT.canonical())
    inner = values
    for name in path[:-1]:
        inner = inner[name]
    inner[path[-1]] = value
    return values


def other(path: Path) -> Any:
    if path in OTHER:
        return OTHER[path]
    value = VALUES
    for name in path:
        value = value[name]
    if isinstance(value, int):
        return value + 1
    number, _, unit = str(value).partition(" ")
    return f"{int(number) + 1} {unit}" if number.isdigit() else f"{value} "


# The digest.


@pytest.mark.parametrize("path", LEAVES, ids=".".join)
def test_the_digest_depends_on_every_value(path: Path) -> None:
    policy = Policy.model_validate(changed(path, other(path)))
    assert policy.digest != DEFAULT.digest


def test_the_digest_depends_on_the_family_of_every_product() -> None:
    digests = set()
    for family, rest in (("transactional", "contractual"), ("contractual", "transactional")):
        for product in VALUES["families"][family]:
            values = json.loads(DEFAULT.canonical())
            values["families"][family].remove(product)
            values["families"][rest].append(product)
            digests.add(Policy.model_validate(values).digest)
    assert len(digests) == 9
    assert DEFAULT.digest not in digests


def test_the_digest_depends_on_whether_each_rule_is_on() -> None:
    digests = {
        Policy.model_validate(changed(("rules", rule), None)).digest for rule in VALUES["rules"]
    }
    assert len(digests | {DEFAULT.digest}) == len(VALUES["rules"]) + 1


def shuffled(value: Any, chance: random.Random) -> Any:
    """The same with the keys of every mapping and the items of every list in another order."""
    if isinstance(value, dict):
        names = list(value)
        chance.shuffle(names)
        return {name: shuffled(value[name], chance) for name in names}
    return chance.sample(value, len(value)) if isinstance(value, list) else value


@pytest.mark.parametrize("seed", range(5))
def test_the_digest_does_not_depend_on_order_comments_or_style(seed: int) -> None:
    chance = random.Random(seed)
    values = shuffled(yaml.safe_load(default_policy_text()), chance)
    for style in (None, True, False):
        text = yaml.safe_dump(values, sort_keys=False, default_flow_style=style, width=40)
        policy = read_policy(f"# {seed}\n{text}", "another file")
        assert policy == DEFAULT
        assert policy.digest == DEFAULT.digest


@pytest.mark.parametrize(
    "written, same",
    [
        ({"live_from": "2024-01-01T00:00:00+08:00"}, {"live_from": "2023-12-31T16:00:00Z"}),
        ({"quiet_period": "24 hours"}, {"quiet_period": "1440 minutes"}),
        ({"maturity_grace": "1 day"}, {"maturity_grace": "1 days"}),
        ({"growing_sequences": ["a", "b"]}, {"growing_sequences": ["b", "a", "b"]}),
        (
            {"rules": {"churn_score": {"raise_at": "0.80"}}},
            {"rules": {"churn_score": {"raise_at": "0.8"}}},
        ),
    ],
)
def test_equal_values_have_one_digest_however_they_are_written(
    written: dict[str, Any], same: dict[str, Any]
) -> None:
    one = Policy.model_validate({"version": 1, **written})
    two = Policy.model_validate({"version": 1, **same})
    assert one.digest == two.digest


def test_a_day_is_not_twenty_four_hours() -> None:
    day = Policy.model_validate({"version": 1, "quiet_period": "1 day"})
    hours = Policy.model_validate({"version": 1, "quiet_period": "24 hours"})
    assert day.digest != hours.digest


def test_the_digest_is_stable_from_release_to_release() -> None:
    policy = Policy.model_validate({"version": 1, "name": "pinned"})
    assert policy.digest == PINNED


# A new setting changes every bank's digest with the release: the changelog has to say so.
PINNED = "240af3eeb92d9ef08c1d38df5b0da05a"


def test_the_canonical_form_is_a_round_trip() -> None:
    again = Policy.from_canonical(DEFAULT.canonical())
    assert again == DEFAULT
    assert again.canonical() == DEFAULT.canonical()
    assert again.digest == DEFAULT.digest


@pytest.mark.parametrize("path", LEAVES, ids=".".join)
def test_every_policy_survives_its_canonical_form(path: Path) -> None:
    values = changed(path, other(path))
    values["lost"]["after_silence"] = "400 days"
    policy = Policy.model_validate(values)
    assert Policy.from_canonical(policy.canonical()).digest == policy.digest


def test_a_policy_cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="frozen"):
        setattr(DEFAULT, "version", 2)  # noqa: B010  # a type checker knows it already


# The shipped file.


def test_the_shipped_file_says_what_the_model_assumes() -> None:
    """Every section and rule left out means what the file shows; a rule left out is off."""
    written = yaml.safe_load(default_policy_text())
    for name in Policy.model_fields:
        if name not in ("version", "name", "rules"):
            assert getattr(Policy(version=1), name) == getattr(DEFAULT, name), name
    for rule in Rules.model_fields:
        usual = Rules.model_validate({rule: {}})
        assert usual.entry(rule) == DEFAULT.rules.entry(rule), rule
    assert set(written) == set(Policy.model_fields)


def settings(model: type[BaseModel], path: Path = ()) -> Iterator[Path]:
    for name, field in model.model_fields.items():
        inner = [
            part
            for part in (field.annotation, *getattr(field.annotation, "__args__", ()))
            if isinstance(part, type) and issubclass(part, BaseModel)
        ]
        if inner and inner[0].model_fields:
            yield from settings(inner[0], (*path, name))
        else:
            yield (*path, name)


@pytest.mark.parametrize("path", list(settings(Policy)), ids=".".join)
def test_every_setting_is_in_the_shipped_file(path: Path) -> None:
    written = yaml.safe_load(default_policy_text())
    for name in path:
        assert name in written
        written = written[name]


def test_every_setting_of_the_shipped_file_has_a_comment_above_it_or_its_section() -> None:
    lines = default_policy_text().splitlines()
    for number, line in enumerate(lines):
        key = line.split(":")[0]
        if line and not line.startswith((" ", "#")) and key not in ("version", "name"):
            inside = lines[number + 1 : number + 2]
            above = lines[number - 1].startswith("#")
            assert above or inside[0].strip().startswith("#"), line


def test_the_file_s_examples_of_bankers_numbers_are_those_of_the_domain() -> None:
    values = json.loads(default_policy().canonical())
    rules = values["rules"]
    assert rules["silence"]["after"] == "90 days"
    assert rules["silence"]["clears_within_days"] == 60
    assert values["lost"]["after_silence"] == "180 days"
    assert values["lost"]["at_least_at_risk"] == "30 days"
    assert values["lost"]["protected_by_assets"] == 10_000
    assert values["onboarding"]["window"] == "90 days"
    assert values["quiet_period"] == "30 days"
    assert values["adoption"]["older_than"] == "30 days"
    assert values["activation"] == {
        "own_activity_days": 3,
        "assets_at_least": 10_000,
        "product_families": 2,
    }
    assert values["prospects"]["limit"] is None
    assert values["zone"] == "Asia/Shanghai"
    assert rules["churn_score"] == {"raise_at": "0.8", "clear_below": "0.6"}
    assert rules["complaint"]["score_clears_after"] == "60 days"
    assert values["stream"]["allowed_lateness"] == "48 hours"
    rhythm = rules["silence"]["own_rhythm"]
    assert (rhythm["at_least_days"], rhythm["at_most_days"]) == (45, 180)
    decline = rules["decline"]
    assert (decline["raise_at_percent"], decline["clear_above_percent"]) == (40, 60)
    assert (decline["recent_days"], decline["usual_at_least"]) == (60, 6)
    run_off = rules["run_off"]
    assert (run_off["raise_at_percent"], run_off["clear_above_percent"]) == (30, 60)
    assert (run_off["peak_within_days"], run_off["peak_at_least"]) == (90, 50_000)
    assert rules["payroll_lost"] == {"months_running": 3, "none_for": "45 days"}
