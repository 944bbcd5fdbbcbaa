"""Export and simulation: boards, goals, samples, places and simulators."""

from refusal import Refusal

from qfx.boards import BoardError
from qfx.errors import ArgumentError, ArgumentTypeError
from qfx.hardware import ScheduleError
from qfx.ir import GraphError
from qfx.nn import LoweringError
from qfx.ops import OpError
from qfx.project.folder import ProjectError

_BOARDS = "arty_a7_100, generic, kv260, pynq_z2, ultra96, zcu104"

TITLE = "Projects: `qfx.export`, `qfx.cosim`, `qfx.probe`"
PAGE = "projects"
CASES = (
    Refusal(
        "a file's name",
        "qfx.export('net.qfx', 'out')",
        LoweringError,
        "str is not a qfx model: build it of qfx.nn layers, or qfx.load a saved one",
    ),
    Refusal(
        "no input shape",
        "qfx.export(mlp, 'out')",
        LoweringError,
        "the model's input shape is not known: pass input_shape, or samples that have it",
    ),
    Refusal(
        "a graph's second name",
        "qfx.export(graph, 'out', name='other')",
        ProjectError,
        "a .qfx graph has its own name and input shape: leave both out",
    ),
    Refusal(
        "an unknown board",
        "qfx.export(graph, 'out', board='ultra97')",
        BoardError,
        f"board 'ultra97' is unknown: use one of {_BOARDS}, or the path of your own .yaml",
    ),
    Refusal(
        "a clock beyond the board's",
        "qfx.export(graph, 'out', clock_mhz=900)",
        BoardError,
        "900 MHz is not between 0 and the 250 MHz of ultra96: to try more, raise max_clock_mhz in a"
        " board file of your own",
    ),
    Refusal(
        "no history",
        "qfx.export(graph, 'out', history=[0.9])",
        ProjectError,
        "history holds no training (list: …): give what qfx.train returned, or the .history.json"
        " that qfx.save(model, path, history=...) wrote",
    ),
    Refusal(
        "a history that is not there",
        "qfx.export(graph, 'out', history='none.history.json')",
        ProjectError,
        "none.history.json: No such file or directory: give the file of a history",
    ),
    Refusal(
        "a history of another kind",
        "qfx.export(graph, 'out', history='net.qfx')",
        ProjectError,
        "net.qfx is not JSON (…): save the history again",
    ),
    Refusal(
        "two goals",
        "qfx.export(graph, 'out', goal_ii=5, goal_fps=5)",
        ScheduleError,
        "give goal_ii or goal_fps, not both: the clock ties one to the other",
    ),
    Refusal(
        "frames in no time",
        "qfx.export(graph, 'out', goal_ii=0)",
        ScheduleError,
        "goal_ii must be whole cycles between frames, at least 1, not 0",
    ),
    Refusal(
        "more frames than cycles",
        "qfx.export(graph, 'out', goal_fps=1e9)",
        ScheduleError,
        "1e+09 frames/s cannot be reached at 100 MHz: ask for more than 0, and for at most 1e+08,"
        " one a cycle",
    ),
    Refusal(
        "frames faster than the ports",
        "qfx.export(graph, 'out', goal_ii=1, board='pynq_z2')",
        ScheduleError,
        "at most 1 cycles a frame: out of reach: at 64 bits a cycle on the ports of pynq_z2"
        " (dma_width_bits of its board file) the 16 elements of s_axis, 8 a beat, need 2 cycles a"
        " frame; wider ports would lift that",
    ),
    Refusal(
        "an unknown multiplier",
        "qfx.export(graph, 'out', multipliers='fabric')",
        ScheduleError,
        "multipliers 'fabric' are unknown: use one of auto, dsp, lut, none",
    ),
    Refusal(
        "a softmax without multipliers",
        "qfx.export(odds, 'out', multipliers='none')",
        ScheduleError,
        "layer2_softmax: softmax multiplies two streams, which takes a multiplier: ask for"
        " multipliers='lut', which takes no DSP slice either, end the model with ArgMax instead, or"
        " compute the softmax outside",
    ),
    Refusal(
        "samples of another shape",
        "qfx.export(graph, 'out', samples=x[:, :15])",
        GraphError,
        "samples: input x takes an array of shape (samples, 16), not (40, 15)",
    ),
    Refusal(
        "samples that the model does not take",
        "qfx.export(mlp, 'out', samples=x[:, :15])",
        LoweringError,
        "for samples of shape (15,) each, layer 2: matmul: a weight of shape (16, 8) does not fit"
        " (15,): it takes 16 values in the last axis",
    ),
    Refusal(
        "single numbers for samples",
        "qfx.export(mlp, 'out', samples=x[0])",
        ProjectError,
        "samples of shape (16,) are single numbers: give (samples, ...), as x[None] is of one"
        " sample and x[:, None] of single numbers",
    ),
    Refusal(
        "batches of different sizes for samples",
        "qfx.export(mlp, 'out', samples=[x, x[:, :15], x])",
        ProjectError,
        "batch 1 of samples has samples of shape (15,), those before of (16,): resize, pad or crop"
        " them to one",
    ),
    Refusal(
        "no samples",
        "qfx.export(graph, 'out', samples=x[:0])",
        ProjectError,
        "samples holds none: give at least one, or leave it out",
    ),
    Refusal(
        "an architecture that there is not",
        "qfx.export(graph, 'out', architecture='unrolled')",
        ArgumentError,
        "architecture 'unrolled' is unknown: there is 'streaming', stages joined by streams",
    ),
    Refusal(
        "no architecture's name",
        "qfx.export(graph, 'out', architecture=['streaming'])",
        ArgumentError,
        "architecture ['streaming'] is unknown: there is 'streaming', stages joined by streams",
    ),
    Refusal(
        "a goal in words",
        "qfx.export(graph, 'out', goal_ii='64')",
        ArgumentTypeError,
        "goal_ii must be a number, not '64'",
    ),
    Refusal(
        "less than no search for stimuli",
        "qfx.export(graph, 'out', drive_casts=-1)",
        ProjectError,
        "drive_casts must be 0 or more, not -1",
    ),
    Refusal(
        "a seed below 0",
        "qfx.export(graph, 'out', seed=-1)",
        ProjectError,
        "seed must be 0 or more, not -1",
    ),
    Refusal(
        "the largest of an image",
        "qfx.export(image, 'out', argmax=True)",
        OpError,
        "argmax takes a vector, not (2, 4, 3): flatten it first",
    ),
    Refusal(
        "a name too long for a folder",
        "qfx.export(graph, 'n' * 300)",
        ProjectError,
        f"no folder can be at '{'n' * 80}': File name too long",
    ),
    Refusal(
        "someone's folder",
        "qfx.export(graph, 'thesis')",
        ProjectError,
        "thesis exists and is no project folder: choose another place, nothing was changed",
    ),
    Refusal(
        "a folder in a file",
        "qfx.export(graph, 'notes.txt/out')",
        ProjectError,
        "notes.txt/out cannot be written: File exists; nothing was changed",
    ),
    Refusal(
        "no project",
        "qfx.cosim('thesis')",
        ProjectError,
        "thesis is not a project folder: it has no qfx.json; make one with 'qfx export'",
    ),
    Refusal(
        "a graph for a project",
        "qfx.cosim(graph)",
        ProjectError,
        "Graph is not a project folder: give what qfx.export returned, or its path",
    ),
    Refusal(
        "an unknown simulator",
        "qfx.cosim('net', ('golden', 'spice'))",
        ProjectError,
        "simulator 'spice' is unknown: use torch, golden, qonnx, csim, rtl, rtl-stalled, rtl-reset,"
        " pyverilator, driver, hls4ml, vitis-csim, vitis-cosim",
    ),
    Refusal(
        "one name alone",
        "qfx.cosim('net', 'golden')",
        ProjectError,
        "simulators is a tuple of names: write ('golden',)",
    ),
    Refusal(
        "more samples than there are",
        "qfx.cosim('net', samples=1000)",
        ProjectError,
        "samples must be from 1 to …, those recorded, not 1,000: export with more samples to"
        " compare more",
    ),
    Refusal(
        "nobody to work",
        "qfx.cosim('net', jobs=0)",
        ProjectError,
        "jobs must be 1 or more, not 0",
    ),
    Refusal(
        "a damaged project",
        "qfx.cosim('damaged')",
        ProjectError,
        "damaged/qfx.json is damaged (…): export again",
    ),
    Refusal(
        "a project with half of its vectors",
        "qfx.cosim('half')",
        ProjectError,
        "half/vectors/golden.npy cannot be read (…): export again",
    ),
    Refusal(
        "a manifest of another graph",
        "qfx.cosim('retyped')",
        ProjectError,
        "retyped: qfx.json and model.qfx are not of one design: export again",
    ),
    Refusal(
        "an older project",
        "qfx.cosim('older')",
        ProjectError,
        "older/qfx.json has format 1, this qfx reads 8: export again",
    ),
    Refusal(
        "nothing to probe",
        "qfx.probe('out')",
        ProjectError,
        "out is not a project folder: it has no qfx.json; make one with 'qfx export'",
    ),
    Refusal(
        "no folder's path",
        "qfx.export(graph, None)",
        ArgumentTypeError,
        "directory must be a path, as a text, not None",
    ),
    Refusal(
        "a seed in words",
        "qfx.export(graph, 'out', seed='a')",
        ArgumentTypeError,
        "seed must be a whole number, not 'a'",
    ),
    Refusal(
        "half an inference",
        "qfx.export(graph, 'out', drive_casts=2.5)",
        ArgumentTypeError,
        "drive_casts must be a whole number, not 2.5",
    ),
    Refusal(
        "a number of simulators",
        "qfx.cosim('net', 3)",
        ArgumentTypeError,
        "simulators must be names in a tuple, not 3",
    ),
    Refusal(
        "samples in words",
        "qfx.cosim('net', samples='all')",
        ArgumentTypeError,
        "samples must be a whole number, not 'all'",
    ),
    Refusal(
        "a model to schedule",
        "qfx.hardware.schedule(mlp, boards.load('ultra96'))",
        ArgumentTypeError,
        "Sequential is no Graph: qfx.lower makes one of a model",
    ),
)
