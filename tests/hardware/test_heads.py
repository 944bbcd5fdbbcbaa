"""What a head says of its foldings is what the stages made of it say."""

import pytest
from op_cases import CASES

from qfx import boards
from qfx.hardware import STAGE_OF
from qfx.hardware.sections import plan
from qfx.ir import GraphBuilder
from qfx.ops import Cast, Op

FOLDED = [op for op, stage in STAGE_OF.items() if stage is not None and stage.folded]


@pytest.mark.parametrize("op", FOLDED, ids=lambda op: op.name)
def test_a_folding_takes_the_cycles_of_its_slowest_stage(op: type[Op]) -> None:
    case, builder = CASES[op], GraphBuilder("one_op")
    x = builder.input(case.shape, Cast(case.entry.fraction_bits, case.entry))
    graph = builder.build(builder.add(case.op, *case.operands(builder, x)))
    planned = plan(graph, boards.load("ultra96").dma_width_bits, "auto")
    heads = [head for head in planned.heads if isinstance(head.node.op, op)]
    assert heads
    for head in heads:
        for folding, cycles in head.foldings():
            stages = head.stages("section", head.entering(folding.reads), folding)
            assert cycles == max(stage.cycles for stage in stages), folding
