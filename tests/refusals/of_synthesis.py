"""Synthesis: what is no project, a tool that is missing, a design that cannot be built."""

from refusal import Refusal

from qfx.errors import ArgumentError
from qfx.project.folder import ProjectError
from qfx.synthesis import SynthesisError
from qfx.tools import ToolMissing

TITLE = "Synthesis: `qfx.synth`, `qfx.build`"
PAGE = "projects"
CASES = (
    Refusal(
        "no project",
        "qfx.synth('thesis')",
        ProjectError,
        "thesis is not a project folder: it has no qfx.json; make one with 'qfx export'",
    ),
    Refusal(
        "a graph for a project",
        "qfx.synth(graph)",
        ProjectError,
        "Graph is not a project folder: give what qfx.export returned, or its path",
    ),
    Refusal(
        "a machine without Yosys",
        "without('yosys', lambda: qfx.synth('net'))",
        ToolMissing,
        "yosys is not on PATH: install it with 'apt-get install yosys' and try again ('qfx doctor'"
        " lists every tool)",
    ),
    Refusal(
        "a machine without Vivado",
        "without('vivado', lambda: qfx.synth('net', tool='vivado'))",
        ToolMissing,
        "vivado is not on PATH: install AMD's Vivado and source its settings64.sh and try again"
        " ('qfx doctor' lists every tool)",
    ),
    Refusal(
        "a tool that is not known",
        "qfx.synth('net', tool='quartus')",
        ArgumentError,
        "tool 'quartus' is unknown: use one of yosys, vivado, vitis",
    ),
    Refusal(
        "no stage at a time",
        "qfx.synth('net', jobs=0)",
        ArgumentError,
        "jobs must be at least 1, not 0",
    ),
    Refusal(
        "stages at a time of a tool that builds all at once",
        "qfx.synth('net', tool='vivado', jobs=2)",
        ArgumentError,
        "jobs are for Yosys, which builds stage by stage, not for vivado",
    ),
    Refusal(
        "a machine without Vivado, to build on",
        "without('vivado', lambda: qfx.build('net'))",
        ToolMissing,
        "vivado is not on PATH: install AMD's Vivado and source its settings64.sh and try again"
        " ('qfx doctor' lists every tool)",
    ),
    Refusal(
        "a machine without Tcl, to check on",
        "without('tclsh', lambda: qfx.synthesis.check('net'))",
        ToolMissing,
        "tclsh is not on PATH: install it with 'apt-get install tcl' and try again ('qfx doctor'"
        " lists every tool)",
    ),
    Refusal(
        "a tool that builds nothing",
        "qfx.build('net', tool='yosys')",
        ArgumentError,
        "tool 'yosys' is unknown: use one of vivado, vitis",
    ),
    Refusal(
        "a part that is not AMD's",
        "qfx.synth('foreign')",
        SynthesisError,
        "Yosys cannot build for the part 'lfe5u-25f': qfx synth measures on AMD's 7 series,"
        " UltraScale and UltraScale+, so export for a board with such a part",
    ),
    Refusal(
        "a project that lost a source",
        "qfx.synth('torn')",
        SynthesisError,
        "Yosys cannot build net: Module `\\qfx_fifo' referenced in module `\\net' in cell … is not"
        " part of the design. (changed since export: verilog/src/qfx_fifo.sv; export again)",
        needs="yosys",
    ),
)
