"""A policy file: YAML in, a validated policy out, or the line and the reason why not."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

import yaml
from pydantic import ValidationError

from statemachine.policy import Policy


class PolicyError(Exception):
    """The file is not a policy. The message names file, line, reason and remedy, one per line."""


def default_policy_text() -> str:
    """The shipped policy, with its comments."""
    return files("statemachine").joinpath("default_policy.yaml").read_text(encoding="utf-8")


def default_policy() -> Policy:
    """The shipped policy."""
    return read_policy(default_policy_text(), "the default policy")


def read_policy(text: str, name: str) -> Policy:
    """The policy in `text`; `name` is what messages call it. Raises PolicyError."""
    root, values = _parsed(text, name)
    if not isinstance(values, dict):
        raise PolicyError(f"{name}: a policy is a list of settings; see 'tenure policy show'")
    doubled = _doubled(root)
    if doubled is not None:
        raise PolicyError(f"{name}, line {doubled[0]}: '{doubled[1]}' is written twice")
    bare = _bare_rule(root)
    if bare is not None:
        raise PolicyError(
            f"{name}, line {bare[0]}: rules.{bare[1]}: is it on or off? Write '{bare[1]}: {{}}' for"
            " the usual settings, or remove the line to switch the rule off"
        )
    try:
        return Policy.model_validate(values)
    except ValidationError as error:
        raise PolicyError(
            "\n".join(_explain(name, root, problem) for problem in error.errors())
        ) from None


def _parsed(text: str, name: str) -> tuple[yaml.Node | None, Any]:
    try:
        for event in yaml.parse(text, Loader=yaml.SafeLoader):
            if isinstance(event, yaml.AliasEvent):
                # A value that is a part of itself could not even be printed.
                raise PolicyError(
                    f"{name}{_at(event.start_mark)}: '*{event.anchor}' stands for something"
                    " written elsewhere: write it out"
                )
        root = yaml.compose(text, Loader=yaml.SafeLoader)
        impossible = _impossible_time(root)
        if impossible is not None:
            raise PolicyError(
                f"{name}, line {impossible[0]}: '{impossible[1]}' is on no calendar or clock"
            )
        return root, yaml.safe_load(text)
    except yaml.YAMLError as error:
        problem = getattr(error, "problem", None) or " ".join(str(error).split())
        place = _at(getattr(error, "problem_mark", None))
        raise PolicyError(f"{name}{place}: this is not YAML: {problem}") from None
    except RecursionError:
        raise PolicyError(f"{name}: this is not a policy: it is nested too deep") from None


def _at(mark: Any) -> str:
    return "" if mark is None else f", line {mark.line + 1}"


def _explain(name: str, root: yaml.Node | None, problem: Any) -> str:
    place = tuple(str(part) for part in problem["loc"])
    message = problem["msg"].removeprefix("Value error, ")
    if problem["type"] == "extra_forbidden":
        known = "unknown rule" if place[:-1] == ("rules",) else "unknown setting"
        message = f"{known}; see 'tenure policy show' for the ones there are"
    elif problem["type"] == "value_error" and not place:
        # A contradiction names its place first: 'lost.after_silence ...'.
        place = tuple(message.split(" ", 1)[0].split("."))
    line = _line(root, place)
    where = ".".join(place) or "the policy"
    if message.startswith(where):
        message = message.removeprefix(where).lstrip()
    return f"{name}, line {line}: {where}: {message}"


def _line(node: yaml.Node | None, place: tuple[str, ...]) -> int:
    """The line of the deepest part of `place` that the file has."""
    line = 1
    for part in place:
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                if key.value == part:
                    line, node = key.start_mark.line + 1, value
                    break
            else:
                return line
        elif isinstance(node, yaml.SequenceNode) and part.isdigit():
            node = node.value[int(part)]
            line = node.start_mark.line + 1
        else:
            return line
    return line


def _impossible_time(node: yaml.Node | None) -> tuple[int, str] | None:
    """The first value that is written as a time, and is none: YAML itself would stumble over it."""
    if isinstance(node, yaml.ScalarNode) and node.tag == "tag:yaml.org,2002:timestamp":
        try:
            yaml.safe_load(node.value)
        except (ValueError, OverflowError):
            return node.start_mark.line + 1, node.value
    parts: list[yaml.Node] = []
    if isinstance(node, yaml.MappingNode):
        parts = [part for entry in node.value for part in entry]
    elif isinstance(node, yaml.SequenceNode):
        parts = node.value
    return next((found for part in parts if (found := _impossible_time(part))), None)


def _bare_rule(root: yaml.Node | None) -> tuple[int, str] | None:
    """The first rule with nothing behind its name, which YAML would silently read as off."""
    for section, rules in root.value if isinstance(root, yaml.MappingNode) else ():
        if section.value == "rules" and isinstance(rules, yaml.MappingNode):
            for rule, settings in rules.value:
                if settings.value == "":
                    return rule.start_mark.line + 1, rule.value
    return None


def _doubled(node: yaml.Node | None) -> tuple[int, str] | None:
    """The first key that a mapping has twice: YAML would silently take the later one."""
    if not isinstance(node, yaml.MappingNode):
        return None
    seen = set()
    for key, value in node.value:
        if key.value in seen:
            return key.start_mark.line + 1, key.value
        seen.add(key.value)
        below = _doubled(value)
        if below is not None:
            return below
    return None
