"""The command line: one sentence after "qfx: ", exit status 1."""

from refusal import Refusal

TITLE = "The command line: `qfx`, whose exit status is 1"
PAGE = "projects"
CASES = (
    Refusal(
        "no file",
        "qfx export nothing.qfx -o out",
        None,
        "nothing.qfx does not exist: give a file that qfx.save wrote",
    ),
    Refusal(
        "an unknown board",
        "qfx export net.qfx -o out --board ultra97",
        None,
        "board 'ultra97' is unknown: use one of …, or the path of your own .yaml",
    ),
    Refusal(
        "a model without a shape",
        "qfx export mlp.safetensors -o out",
        None,
        "the model's input shape is not known: pass input_shape, or samples that have it",
    ),
    Refusal(
        "a shape in words",
        "qfx export mlp.safetensors -o out --input-shape sixteen",
        None,
        "--input-shape sixteen is not a shape: write it as 1,28,28",
    ),
    Refusal(
        "samples that hold NaN",
        "qfx export net.qfx -o out --samples nan.npy",
        None,
        "samples: input x: nan at index (2, 1) has no fixed-point value: clean the data first",
    ),
    Refusal(
        "samples that are a text",
        "qfx export net.qfx -o out --samples notes.txt",
        None,
        "notes.txt holds no array of numbers: write it with numpy.save",
    ),
    Refusal(
        "no samples there",
        "qfx export net.qfx -o out --samples nothing.npy",
        None,
        "nothing.npy: No such file or directory",
    ),
    Refusal(
        "a graph's second name",
        "qfx export net.qfx -o out --name other",
        None,
        "a .qfx graph has its own name and input shape: leave both out",
    ),
    Refusal(
        "a goal out of reach",
        "qfx export net.qfx -o out --goal-fps 1e9",
        None,
        "1e+09 frames/s cannot be reached at 100 MHz: ask for more than 0, and for at most 1e+08,"
        " one a cycle",
    ),
    Refusal(
        "a clock out of reach",
        "qfx export net.qfx -o out --clock-mhz 900",
        None,
        "900 MHz is not between 0 and the 250 MHz of ultra96: to try more, raise max_clock_mhz in a"
        " board file of your own",
    ),
    Refusal(
        "an unknown architecture",
        "qfx export net.qfx -o out --architecture unrolled",
        None,
        "architecture 'unrolled' is unknown: there is 'streaming', stages joined by streams",
    ),
    Refusal(
        "an unknown multiplier",
        "qfx export net.qfx -o out --multipliers fabric",
        None,
        "multipliers 'fabric' are unknown: use one of auto, dsp, lut, none",
    ),
    Refusal(
        "someone's folder",
        "qfx export net.qfx -o thesis",
        None,
        "thesis exists and is no project folder: choose another place, nothing was changed",
    ),
    Refusal(
        "the start of a graph",
        "qfx export cut.qfx -o out",
        None,
        "cut.qfx is not a whole .qfx file (…): save the graph again",
    ),
    Refusal(
        "the start of a model",
        "qfx info cut.safetensors",
        None,
        "cut.safetensors is not a whole safetensors file (…): save the model again",
    ),
    Refusal(
        "a text",
        "qfx info notes.txt",
        None,
        "notes.txt is neither a .qfx graph nor a .safetensors model: give one",
    ),
    Refusal(
        "no project",
        "qfx cosim thesis",
        None,
        "thesis is not a project folder: it has no qfx.json; make one with 'qfx export'",
    ),
    Refusal(
        "an unknown simulator",
        "qfx cosim net --simulators spice",
        None,
        "simulator 'spice' is unknown: use torch, golden, qonnx, csim, rtl, rtl-stalled, rtl-reset,"
        " pyverilator, driver, hls4ml, vitis-csim, vitis-cosim",
    ),
    Refusal(
        "no simulator's name",
        "qfx cosim net --simulators ''",
        None,
        "simulator '' is unknown: use torch, golden, qonnx, csim, rtl, rtl-stalled, rtl-reset,"
        " pyverilator, driver, hls4ml, vitis-csim, vitis-cosim",
    ),
    Refusal(
        "all simulators, and one",
        "qfx cosim net --all --simulators golden",
        None,
        "--all chooses simulators, too: leave it out, or --simulators golden",
    ),
    Refusal(
        "a check of scripts for Vitis",
        "qfx build net --dry-run --tool vitis",
        None,
        "--dry-run checks the scripts for Vivado only: leave out --tool vitis, or --dry-run",
    ),
    Refusal(
        "no project to build",
        "qfx build thesis",
        None,
        "thesis is not a project folder: it has no qfx.json; make one with 'qfx export'",
    ),
    Refusal(
        "another board than it was exported for",
        "qfx build net --dry-run --board pynq_z2",
        None,
        "net was exported for the board ultra96 (xczu3eg-sbva484-1-i), not for pynq_z2"
        " (xc7z020clg400-1): give that board's file, or export again",
    ),
    Refusal(
        "no project to measure",
        "qfx synth thesis",
        None,
        "thesis is not a project folder: it has no qfx.json; make one with 'qfx export'",
    ),
    Refusal(
        "a damaged project",
        "qfx report damaged",
        None,
        "damaged/qfx.json is damaged (…): export again",
    ),
)
