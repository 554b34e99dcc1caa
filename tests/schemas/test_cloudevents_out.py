"""What Tenure sends, read by the CloudEvents SDK: an implementation not ours."""

import json
from datetime import datetime
from typing import Any

import pytest
from cloudevents.core.bindings import kafka as sdk
from cloudevents.core.formats.json import JSONFormat
from pydantic_core import to_json

from schemas.cloudevents import STRUCTURED, to_record, to_structured
from schemas.outputs import CurrentStage, Output, StageChanged
from tests.schemas.samples import (
    CURRENT_STAGE,
    JOURNAL_RECORD,
    RISK_REASONS_CHANGED,
    SILENCE,
    STAGE_CHANGED,
)

OUTPUTS: list[Output | CurrentStage] = [STAGE_CHANGED, RISK_REASONS_CHANGED, CURRENT_STAGE]
TYPES = ["customer.stage-changed", "customer.risk-reasons-changed", "customer.current-stage"]


def by_sdk_binary(output: Any) -> Any:
    key, value, headers = to_record(output, "tenure/live")
    assert len(dict(headers)) == len(headers)
    return sdk.from_binary_event(sdk.KafkaMessage(dict(headers), key, value))


def by_sdk_structured(output: Any) -> Any:
    line = to_json(to_structured(output, "tenure/live"))
    return sdk.from_structured_event(
        sdk.KafkaMessage({"content-type": STRUCTURED.encode()}, None, line), JSONFormat()
    )


@pytest.mark.parametrize("by_sdk", [by_sdk_binary, by_sdk_structured])
@pytest.mark.parametrize("output, name", list(zip(OUTPUTS, TYPES, strict=True)))
def test_an_output_is_a_cloudevent_about_its_customer(by_sdk: Any, output: Any, name: str) -> None:
    event = by_sdk(output)
    assert event.get_specversion() == "1.0"
    assert event.get_type() == name
    assert event.get_source() == "tenure/live"
    assert event.get_subject() == output.customer_id
    assert event.get_datacontenttype() == "application/json"
    assert event.get_data() == json.loads(output.model_dump_json(by_alias=True))


def test_a_decision_tells_its_id_and_when_it_took_effect() -> None:
    event = by_sdk_binary(STAGE_CHANGED)
    assert event.get_id() == STAGE_CHANGED.id
    assert event.get_time() == datetime.fromisoformat("2025-06-30T16:00:00+00:00")


@pytest.mark.parametrize("output", OUTPUTS)
def test_an_output_is_keyed_by_its_customer(output: Any) -> None:
    assert to_record(output, "tenure/live").key == output.customer_id.encode()


def test_the_two_modes_say_the_same() -> None:
    for output in OUTPUTS:
        binary, structured = by_sdk_binary(output), by_sdk_structured(output)
        left = {**binary.get_attributes()}
        assert left.pop("partitionkey") == output.customer_id
        assert left == structured.get_attributes()
        assert binary.get_data() == structured.get_data()


def test_a_journal_record_is_a_cloudevent_without_a_key() -> None:
    assert to_record(JOURNAL_RECORD, "tenure/live").key is None
    event = by_sdk_binary(JOURNAL_RECORD)
    assert event.get_type() == "tenure.batch-committed"
    assert event.get_id() == "2:7:n0nce"
    assert event.get_subject() is None


def test_every_field_is_written_in_the_order_of_the_contract_and_null_where_empty() -> None:
    value = json.loads(to_record(STAGE_CHANGED, "tenure/live").value)
    written = [field.alias or name for name, field in StageChanged.model_fields.items()]
    assert list(value) == written
    assert value["lost_by"] is None
    assert value["from"] == "active"


def test_the_same_output_gives_the_same_bytes_however_its_evidence_was_put_together() -> None:
    turned = SILENCE.model_copy(update={"values": {"activity_days": 17, "last_day": "2025-04-01"}})
    other = STAGE_CHANGED.model_copy(update={"reasons": [turned]})
    assert to_record(other, "tenure/live") == to_record(STAGE_CHANGED, "tenure/live")


@pytest.mark.parametrize("output", [*OUTPUTS, JOURNAL_RECORD])
def test_what_was_written_is_read_back(output: Any) -> None:
    value = to_record(output, "tenure/live").value
    assert type(output).model_validate_json(value) == output
    compact = json.dumps(json.loads(value), separators=(",", ":"), ensure_ascii=False)
    assert value == compact.encode()
