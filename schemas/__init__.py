"""What is said: the contracts of every topic.

`schemas.events` is what banks tell Tenure, `schemas.outputs` what Tenure tells them,
`schemas.cloudevents` how both travel, and `schemas.generate` writes docs/contracts from them.
This is the whole public surface; the single events are in `schemas.events`.
"""

from schemas.cloudevents import OutputRecord, canonical, to_record, to_structured
from schemas.events import EVENTS, CanonicalEvent
from schemas.examples import example, type_names
from schemas.headers import Provenance, dead_letter_of, provenance_of, to_headers
from schemas.outputs import (
    CurrentStage,
    DeadLetter,
    JournalRecord,
    Output,
    RiskReasonsChanged,
    StageChanged,
)
from schemas.problems import Problem, problem_in

__all__ = [
    "EVENTS",
    "CanonicalEvent",
    "CurrentStage",
    "DeadLetter",
    "JournalRecord",
    "Output",
    "OutputRecord",
    "Problem",
    "Provenance",
    "RiskReasonsChanged",
    "StageChanged",
    "canonical",
    "dead_letter_of",
    "example",
    "problem_in",
    "provenance_of",
    "to_headers",
    "to_record",
    "to_structured",
    "type_names",
]
