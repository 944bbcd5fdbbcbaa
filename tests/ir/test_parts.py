"""Which inputs and outputs of a graph have something to do with one another."""

import pytest

from qfx import lower
from qfx.ir.parts import parts
from several_models import BUILDERS, frozen

PARTS = {
    "added": ([0, 0], [0]),
    "apart": ([0, 1], [0, 1]),
    "heads": ([0], [0, 0]),
    "joined": ([0, 0], [0, 0]),
    "crossed": ([0, 0], [0, 0]),
}


@pytest.mark.parametrize("name", BUILDERS)
def test_ports_that_meet_anywhere_are_of_one_part(name: str) -> None:
    inputs, outputs = parts(lower(*frozen(name)))
    number = {part: place for place, part in enumerate(dict.fromkeys(inputs))}
    assert ([number[part] for part in inputs], [number[part] for part in outputs]) == PARTS[name]
