"""The published contracts: fresh, deterministic, and true by validators that are not ours."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel
from referencing import Registry, Resource

from schemas.asyncapi import asyncapi
from schemas.events import EVENTS
from schemas.examples import example, type_names
from schemas.generate import CONTRACTS, contract_files, main, stale_files, write_files
from schemas.headers import Provenance, to_headers
from schemas.json_schema import UNION, json_schemas
from schemas.outputs import DeadLetter
from schemas.plain_yaml import plain_yaml
from tests.schemas.samples import (
    CURRENT_STAGE,
    JOURNAL_RECORD,
    RISK_REASONS_CHANGED,
    STAGE_CHANGED,
)

SCHEMAS = json_schemas()
FILES: Registry[Any] = Registry().with_resources(
    [(f"{name}.json", Resource.from_contents(schema)) for name, schema in SCHEMAS.items()]
)


def validator(name: str) -> jsonschema.Draft202012Validator:
    schema = {key: value for key, value in SCHEMAS[name].items() if key != "$id"}
    return jsonschema.Draft202012Validator(
        schema, registry=FILES, format_checker=jsonschema.FormatChecker(["date"])
    )


def test_the_published_contracts_are_what_the_models_say() -> None:
    assert stale_files(CONTRACTS) == [], "run: python -m schemas.generate"


def test_the_check_says_nothing_of_fresh_files(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--check"]) == 0
    assert capsys.readouterr().out == ""


def test_stale_missing_and_forgotten_files_are_found_and_put_right(tmp_path: Path) -> None:
    assert len(write_files(tmp_path)) == len(contract_files())
    (tmp_path / "asyncapi.yaml").write_text("old")
    (tmp_path / "json-schema" / "account.closed.json").unlink()
    (tmp_path / "json-schema" / "account.exploded.json").write_text("{}")
    stale = [
        "asyncapi.yaml",
        "json-schema/account.closed.json",
        "json-schema/account.exploded.json",
    ]
    assert stale_files(tmp_path) == stale
    assert write_files(tmp_path) == stale
    assert stale_files(tmp_path) == []


def test_an_unknown_option_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--chekc"]) == 2
    assert "usage" in capsys.readouterr().err


@pytest.mark.parametrize("name", SCHEMAS)
def test_every_json_schema_is_one(name: str) -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMAS[name])
    assert list(references(SCHEMAS[name], name)) == []


def references(node: Any, name: str) -> Iterator[str]:
    """What the schema refers to and nobody defines."""
    if isinstance(node, dict):
        target = node.get("$ref")
        if isinstance(target, str) and target.startswith("#/$defs/"):
            if target.removeprefix("#/$defs/") not in SCHEMAS[name]["$defs"]:
                yield target
        elif isinstance(target, str) and target.removesuffix(".json") not in SCHEMAS:
            yield target
    for below in (
        node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    ):
        yield from references(below, name)


@pytest.mark.parametrize("name", type_names())
def test_every_example_is_valid_by_its_schema_and_by_no_other_event_type(name: str) -> None:
    validator(name).validate(example(name))
    validator(UNION).validate(example(name))


@pytest.mark.parametrize(
    "name, changes",
    [
        ("transaction.posted", {"amount": 12.5}),
        ("transaction.posted", {"currency": "RMB"}),
        ("transaction.posted", {"customer_id": "two words"}),
        ("transaction.posted", {"schema_version": 2}),
        ("transaction.posted", {"type": "transaction.pested"}),
        ("balance.reported", {"as_of": "20178"}),
        ("feedback.received", {"kind": "score"}),
        ("customer.status-changed", {"until": None}),
        ("customer.attribute-set", {"value": "C6"}),
        ("account.snapshot", {"currency": ...}),
        ("product.subscribed", {"currency": ...}),
        ("transaction.reversed", {"currency": ...}),
    ],
)
def test_what_the_models_refuse_the_schemas_refuse_too(
    name: str, changes: dict[str, object]
) -> None:
    changed = {**example(name), **changes}
    bad = {key: value for key, value in changed.items() if value is not ...}
    assert not validator(name).is_valid(bad)
    assert not validator(UNION).is_valid(bad)
    with pytest.raises(ValueError, match="validation error"):
        EVENTS.validate_json(json.dumps(bad))


@pytest.mark.parametrize(
    "name, output",
    [
        ("customer.stage-changed", STAGE_CHANGED),
        ("customer.risk-reasons-changed", RISK_REASONS_CHANGED),
        ("customer.current-stage", CURRENT_STAGE),
        ("tenure.batch-committed", JOURNAL_RECORD),
    ],
)
def test_every_output_is_valid_by_its_schema_and_every_field_is_promised(
    name: str, output: BaseModel
) -> None:
    written = json.loads(output.model_dump_json(by_alias=True))
    validator(name).validate(written)
    assert set(SCHEMAS[name]["required"]) == set(written)


def test_headers_are_valid_by_their_schemas() -> None:
    letter = DeadLetter(
        reason="r", detail="d", remedy="m", topic="t", partition=0, offset=5, timestamp=9
    )
    provenance = Provenance(partition=0, batch=5, lateness="late")
    for name, message in (("dead-letter", letter), ("provenance", provenance)):
        headers = {header: value.decode() for header, value in to_headers(message)}
        validator(f"{name}.headers").validate(headers)


# --- AsyncAPI ----------------------------------------------------------------------

TOPICS = {
    "tenure.accounts",
    "tenure.transactions",
    "tenure.stage-changes",
    "tenure.stages",
    "tenure.dead-letters",
    "tenure.journal",
    "tenure.policies",
}
REFERENCE = {"type": "object", "required": ["$ref"], "properties": {"$ref": {"type": "string"}}}
KAFKA_KEY = {
    "type": "object",
    "required": ["kafka"],
    "properties": {"kafka": {"required": ["key", "bindingVersion"]}},
}
STRUCTURE = {
    "type": "object",
    "additionalProperties": False,
    "required": ["asyncapi", "info", "channels", "operations", "components"],
    "properties": {
        "asyncapi": {"const": "3.0.0"},
        "info": {"type": "object", "required": ["title", "version"]},
        "defaultContentType": {"type": "string"},
        "channels": {
            "type": "object",
            "additionalProperties": {
                "type": "object",
                "additionalProperties": False,
                "required": ["address", "description", "messages", "bindings"],
                "properties": {
                    "address": {"enum": sorted(TOPICS)},
                    "description": {"type": "string"},
                    "messages": {
                        "type": "object",
                        "minProperties": 1,
                        "additionalProperties": REFERENCE,
                    },
                    "bindings": {
                        "properties": {
                            "kafka": {"required": ["topic", "topicConfiguration", "bindingVersion"]}
                        }
                    },
                },
            },
        },
        "operations": {
            "type": "object",
            "additionalProperties": {
                "type": "object",
                "additionalProperties": False,
                "required": ["action", "channel"],
                "properties": {"action": {"enum": ["send", "receive"]}, "channel": REFERENCE},
            },
        },
        "components": {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                "messages": {
                    "type": "object",
                    "additionalProperties": {
                        "type": "object",
                        "additionalProperties": False,
                        "required": ["name", "title", "summary", "contentType", "payload"],
                        "properties": {
                            "name": {"type": "string"},
                            "title": {"type": "string"},
                            "summary": {"type": "string", "minLength": 1},
                            "contentType": {"type": "string"},
                            "headers": {"type": "object"},
                            "payload": {"type": "object"},
                            "bindings": KAFKA_KEY,
                            "examples": {"type": "array"},
                        },
                    },
                }
            },
        },
    },
}


def published() -> Any:
    return yaml.safe_load((CONTRACTS / "asyncapi.yaml").read_text(encoding="utf-8"))


def test_the_document_reads_back_as_what_was_meant() -> None:
    assert published() == asyncapi()


def test_the_document_has_the_shape_of_asyncapi_3() -> None:
    jsonschema.Draft202012Validator(STRUCTURE).validate(published())


def test_the_document_has_every_topic() -> None:
    channels = published()["channels"].values()
    assert {channel["address"] for channel in channels} == TOPICS


def test_every_reference_of_the_document_leads_somewhere() -> None:
    document = published()
    targets = list(all_references(document))
    assert len(targets) > 60
    for target in targets:
        if target.startswith("#/"):
            place: Any = document
            for part in target.removeprefix("#/").split("/"):
                place = place[part]
        else:
            assert (CONTRACTS / target).is_file(), target


def all_references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if "$ref" in node:
            yield node["$ref"]
        for below in node.values():
            yield from all_references(below)
    elif isinstance(node, list):
        for below in node:
            yield from all_references(below)


def test_every_schema_is_referred_to_by_the_document() -> None:
    used = {Path(target).stem for target in all_references(published())}
    assert set(SCHEMAS) - used == {UNION}


TEXT = st.text(st.sampled_from("ab \n:#-'\"{}[]0~,&*!|>%@`é客"), max_size=12)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | TEXT | st.sampled_from(["yes", "Null", "1e3"]),
        lambda below: st.lists(below) | st.dictionaries(TEXT, below),
        max_leaves=20,
    )
)
def test_our_yaml_is_read_by_a_real_parser_as_what_was_written(value: object) -> None:
    assert yaml.safe_load(plain_yaml(value)) == value
