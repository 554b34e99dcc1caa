import json

import pytest

from schemas.events import EVENTS
from schemas.examples import example, type_names


@pytest.mark.parametrize("name", type_names())
def test_every_type_has_an_example_that_is_valid(name: str) -> None:
    event = EVENTS.validate_json(json.dumps(example(name)))
    assert event.type == name


@pytest.mark.parametrize("name", type_names())
def test_an_example_says_nothing_that_the_contract_does_not_know(name: str) -> None:
    event = EVENTS.validate_json(json.dumps(example(name)))
    assert example(name).keys() <= event.model_dump().keys()


def test_there_are_the_types_of_the_contract() -> None:
    assert len(type_names()) == len(set(type_names())) == 29


def test_an_unknown_type_has_no_example() -> None:
    with pytest.raises(KeyError):
        example("account.exploded")
