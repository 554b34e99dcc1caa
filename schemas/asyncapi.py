"""The AsyncAPI 3.0 document: every topic, with its messages, keys, headers and bindings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from schemas.examples import example
from schemas.json_schema import event_models

BINDING: Final = "0.5.0"
_INPUTS: Final = ("accounts", "transactions")


def asyncapi() -> dict[str, Any]:
    """Return the document; payloads refer to the files of `schemas.json_schema`."""
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Tenure",
            "version": "1",
            "description": _INTRODUCTION,
        },
        "defaultContentType": "application/json",
        "channels": _channels(),
        "operations": _operations(),
        "components": {"messages": _messages()},
    }


_INTRODUCTION: Final = """\
Tenure reads a bank's events and tells, exactly once, where each customer stands.

Subscribers must read with isolation.level=read_committed: outputs are written in Kafka
transactions, and other readers see changes that were never decided.

Events may arrive as bare canonical JSON or as CloudEvents 1.0 (structured or binary mode);
outputs leave as CloudEvents in binary mode."""


def _channels() -> dict[str, Any]:
    events = list(event_models())
    deleted, compacted = {"cleanup.policy": ["delete"]}, {"cleanup.policy": ["compact"]}
    return {
        "accounts": _channel(
            "tenure.accounts",
            "Facts about customers, accounts and products. Every event type is accepted on every "
            "input topic; the cut between the two is a convention.",
            events,
            deleted,
        ),
        "transactions": _channel(
            "tenure.transactions",
            "Postings and balances, the bulk of the stream. Every event type is accepted here too.",
            events,
            deleted,
        ),
        "stageChanges": _channel(
            "tenure.stage-changes",
            "Every decision about a customer, once, in the customer's order.",
            ["customer.stage-changed", "customer.risk-reasons-changed"],
            deleted,
        ),
        "stages": _channel(
            "tenure.stages",
            "The current stage of every customer, written in the transaction of its change. A "
            "null value means that the customer was erased.",
            ["customer.current-stage"],
            compacted,
        ),
        "deadLetters": _channel(
            "tenure.dead-letters",
            "Records that were refused, as they came, with the reason in headers. Holds raw bytes "
            "of the bank: give it access rules of its own and a short retention.",
            ["dead-letter"],
            deleted,
        ),
        "journal": _channel(
            "tenure.journal",
            "One record for each committed batch, on the partition that the batch was of: enough "
            "to execute it again. Keep it longer than the oldest snapshot.",
            ["tenure.batch-committed"],
            deleted,
        ),
        "policies": _channel(
            "tenure.policies",
            "Every policy that ever decided, by its digest, written before its first use.",
            ["policy"],
            compacted,
        ),
    }


def _channel(
    topic: str, description: str, messages: Sequence[str], configuration: Mapping[str, Any]
) -> dict[str, Any]:
    return {
        "address": topic,
        "description": description,
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in messages},
        "bindings": {
            "kafka": {
                "topic": topic,
                "topicConfiguration": dict(configuration),
                "bindingVersion": BINDING,
            }
        },
    }


def _operations() -> dict[str, Any]:
    sent = ("stageChanges", "stages", "deadLetters", "journal", "policies")
    return {
        **{f"read{name[0].upper()}{name[1:]}": _operation("receive", name) for name in _INPUTS},
        **{f"write{name[0].upper()}{name[1:]}": _operation("send", name) for name in sent},
    }


def _operation(action: str, channel: str) -> dict[str, Any]:
    return {"action": action, "channel": {"$ref": f"#/channels/{channel}"}}


def _messages() -> dict[str, Any]:
    about_customer = _key("The customer id, in UTF-8.")
    provenance = {"$ref": "json-schema/provenance.headers.json"}
    decided = {"allOf": [_cloudevent_headers(), provenance]}
    outputs = {
        "customer.stage-changed": "A customer's stage changed.",
        "customer.risk-reasons-changed": "A customer's reasons changed while the stage stayed.",
    }
    return {
        **{name: _event(name, summary) for name, summary in _summaries().items()},
        **{
            name: _message(name, summary, about_customer, decided)
            for name, summary in outputs.items()
        },
        "customer.current-stage": _message(
            "customer.current-stage",
            "Where a customer is now.",
            about_customer,
            _cloudevent_headers(),
        ),
        "tenure.batch-committed": _message(
            "tenure.batch-committed", "A batch was committed.", None, _cloudevent_headers()
        ),
        "dead-letter": {
            "name": "dead-letter",
            "title": "dead-letter",
            "summary": "A refused record: its own key, value and headers, and why.",
            "contentType": "application/octet-stream",
            "headers": {"$ref": "json-schema/dead-letter.headers.json"},
            "payload": {"description": "The record's own bytes, whatever they are."},
            "bindings": _key("The record's own key, whatever it is."),
        },
        "policy": {
            "name": "policy",
            "title": "policy",
            "summary": "A policy's values.",
            "contentType": "application/json",
            "payload": {
                "type": "object",
                "description": "The values as canonical JSON; the digest is taken of these bytes.",
            },
            "bindings": _key("The policy's digest: 32 hexadecimal digits."),
        },
    }


def _summaries() -> dict[str, str]:
    return {
        name: (model.__doc__ or "").partition("\n")[0] for name, model in event_models().items()
    }


def _event(name: str, summary: str) -> dict[str, Any]:
    is_control = name in ("feed.watermark", "policy.activated", "customer.erased")
    key = None if is_control else _key("The customer id, in UTF-8; equal to customer_id.")
    message = _message(name, summary, key, None)
    return {**message, "examples": [{"name": "canonical", "payload": example(name)}]}


def _message(
    name: str,
    summary: str,
    bindings: Mapping[str, Any] | None,
    headers: Mapping[str, Any] | None,
) -> dict[str, Any]:
    return {
        "name": name,
        "title": name,
        "summary": summary,
        "contentType": "application/json",
        **({"headers": headers} if headers else {}),
        "payload": {"$ref": f"json-schema/{name}.json"},
        **({"bindings": bindings} if bindings else {}),
    }


def _key(description: str) -> dict[str, Any]:
    return {
        "kafka": {
            "key": {"type": "string", "description": description},
            "bindingVersion": BINDING,
        }
    }


def _cloudevent_headers() -> dict[str, Any]:
    text = {
        "ce_specversion": "Always 1.0.",
        "ce_id": "The output's id: derived from its content, the same when decided again.",
        "ce_type": "The message's name.",
        "ce_source": "The deployment, such as tenure/live.",
        "ce_time": "When it took effect for the customer.",
        "ce_subject": "The customer id.",
        "content-type": "Always application/json.",
    }
    return {
        "type": "object",
        "required": ["ce_specversion", "ce_id", "ce_type", "ce_source", "content-type"],
        "properties": {
            name: {"type": "string", "description": about} for name, about in text.items()
        },
    }
