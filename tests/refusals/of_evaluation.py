"""What `qfx.evaluate` refuses."""

from refusal import Refusal

from qfx.data import DataError
from qfx.project.folder import ProjectError

TITLE = "Labels: `qfx.evaluate`, `qfx.export(labels=)`"
PAGE = "training"
CASES = (
    Refusal(
        "no labels",
        "qfx.evaluate(graph, x)",
        DataError,
        "the data holds x alone: give (x, y)",
    ),
    Refusal(
        "labels of fewer samples",
        "qfx.evaluate(graph, (x, y[:3]))",
        DataError,
        "y of the data holds 3 for 40 samples: give one for each",
    ),
    Refusal(
        "classes that the output has not",
        "qfx.evaluate(graph, (x, y + 9))",
        DataError,
        "y of the data holds class numbers up to 12, and the output has scores for 4 classes: give"
        " numbers from 0 to 3",
    ),
    Refusal(
        "classes below 0",
        "qfx.evaluate(graph, (x, y - 9))",
        DataError,
        "y of the data holds class numbers from -9, and the output has scores for 4 classes: give"
        " numbers from 0 to 3",
    ),
    Refusal(
        "samples of another shape, of a model",
        "qfx.evaluate(mlp, (x[:, :3], y))",
        DataError,
        "x of the data, of shape (40, 3), does not pass through the model (…): compare a sample's"
        " shape with the first layer",
    ),
    Refusal(
        "values of another shape",
        "qfx.evaluate(graph, (x, x))",
        DataError,
        "y of the data has shape (40, 16), where the output gives (4,) a sample: give class numbers"
        " (samples,), or values of the output's shape",
    ),
    Refusal(
        "a simulator without a project",
        "qfx.evaluate(mlp, (x, y), simulators=('csim',))",
        ProjectError,
        "simulators run a project's folder, and this is a Sequential: export it first",
    ),
    Refusal(
        "a name for a tuple",
        "qfx.evaluate('net', (x, y), simulators='csim')",
        ProjectError,
        "simulators is a tuple of names: write ('csim',)",
    ),
    Refusal(
        "what torch recorded",
        "qfx.evaluate('net', (x, y), simulators=('torch',))",
        ProjectError,
        "simulator 'torch' cannot run other data: use golden, qonnx, csim, rtl, rtl-stalled,"
        " rtl-reset, pyverilator, driver, hls4ml, vitis-csim, vitis-cosim",
    ),
    Refusal(
        "a word for a model",
        "qfx.evaluate(3, (x, y))",
        ProjectError,
        "int cannot be evaluated: give a model, a graph or a project",
    ),
    Refusal(
        "labels that are a text",
        "qfx evaluate net.qfx --samples nan.npy --labels notes.txt",
        None,
        "notes.txt holds no array of numbers: write it with numpy.save",
    ),
    Refusal(
        "labels of no samples",
        "qfx.export(graph, 'out', labels=y)",
        ProjectError,
        "labels say what is right of samples: pass samples, too",
    ),
    Refusal(
        "labels of fewer samples, exported",
        "qfx.export(graph, 'out', samples=x, labels=y[:3])",
        DataError,
        "labels holds 3 for 40 samples: give one for each",
    ),
)
