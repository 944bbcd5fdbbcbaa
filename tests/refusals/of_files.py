"""Files: what is saved where, and what is not read back."""

from refusal import Refusal

from qfx.boards import BoardError
from qfx.errors import ArgumentError, ArgumentTypeError
from qfx.ir import FileError
from qfx.nn.file import ModelFileError
from qfx.project.folder import ProjectError

TITLE = "Files: `qfx.save`, `qfx.load`, `boards.load`"
PAGE = "files"
CASES = (
    Refusal(
        "no history",
        "qfx.save(mlp, 'm.safetensors', history=[0.9])",
        ProjectError,
        "list is no history: give what qfx.train returned, or leave it out",
    ),
    Refusal(
        "a graph as a model",
        "qfx.save(graph, 'net.safetensors')",
        ProjectError,
        "a Graph is saved as .qfx, not as 'net.safetensors'",
    ),
    Refusal(
        "a model as a graph of no shape",
        "qfx.save(mlp, 'net.qfx')",
        ProjectError,
        "net.qfx holds a graph of one input shape, and the model takes several: pass input_shape,"
        " or save the model as .safetensors",
    ),
    Refusal(
        "a model as text",
        "qfx.save(mlp, 'net.json')",
        ProjectError,
        "a Sequential is saved as .safetensors, not as 'net.json'",
    ),
    Refusal(
        "a shape for a model that keeps its own",
        "qfx.save(mlp, 'net.safetensors', input_shape=(16,))",
        ProjectError,
        "net.safetensors holds the model as it is, of any input_shape and name: leave them out, or"
        " save it lowered, as .qfx",
    ),
    Refusal(
        "a graph's second name",
        "qfx.save(graph, 'net.qfx', name='other')",
        ProjectError,
        "a Graph has its own name and input shape: leave both out",
    ),
    Refusal(
        "a history that is none",
        "qfx.training.History.load('notes.txt')",
        ArgumentError,
        "notes.txt is not JSON (…): save the history again",
    ),
    Refusal(
        "no history there",
        "qfx.training.History.load('nothing.history.json')",
        ArgumentError,
        "nothing.history.json: No such file or directory: give the file of a history",
    ),
    Refusal(
        "neither of both",
        "qfx.save(torch.nn.Linear(2, 2), 'm.safetensors')",
        ProjectError,
        "Linear cannot be saved: give a Graph or a model of qfx.nn layers",
    ),
    Refusal(
        "a folder that is not there",
        "qfx.save(graph, 'nowhere/net.qfx')",
        ProjectError,
        "nowhere/net.qfx cannot be written: No such file or directory",
    ),
    Refusal(
        "no file",
        "qfx.load('nothing.qfx')",
        ProjectError,
        "nothing.qfx does not exist: give a file that qfx.save wrote",
    ),
    Refusal(
        "a folder",
        "qfx.load('net')",
        ProjectError,
        "net is a folder: give a file, as the model.qfx of a project",
    ),
    Refusal(
        "the model.onnx of a project",
        "qfx.load('net/model.onnx')",
        ProjectError,
        "model.onnx is what qfx wrote for readers of QONNX: the model.qfx of the same project is"
        " the same graph, which qfx.load reads and qfx.export takes; to train it, load the"
        " .safetensors that qfx.save wrote of the model",
    ),
    Refusal(
        "a text",
        "qfx.load('notes.txt')",
        ProjectError,
        "notes.txt is neither a .qfx graph nor a .safetensors model: give one",
    ),
    Refusal(
        "the start of a graph",
        "qfx.load('cut.qfx')",
        FileError,
        "cut.qfx is not a whole .qfx file (…): save the graph again",
    ),
    Refusal(
        "a newer graph",
        "qfx.load('newer.qfx')",
        FileError,
        "newer.qfx holds 'qfx graph' version 2; this qfx reads 'qfx graph' version 1: take"
        " the qfx that wrote it, or save it again",
    ),
    Refusal(
        "the start of a model",
        "qfx.load('cut.safetensors')",
        ModelFileError,
        "cut.safetensors is not a whole safetensors file (…): save the model again",
    ),
    Refusal(
        "someone else's weights",
        "qfx.load('other.safetensors')",
        ModelFileError,
        "other.safetensors holds no qfx model of version 1: save it again",
    ),
    Refusal(
        "a board file with a wrong figure",
        "boards.load('mixed.yaml')",
        BoardError,
        "mixed.yaml: resources.luts: …; compare it with the files of boards/",
    ),
    Refusal(
        "a board file that is not YAML",
        "boards.load('broken.yaml')",
        BoardError,
        "broken.yaml is no YAML that is read: …; compare it with the files of boards/",
    ),
    Refusal(
        "a number for a path",
        "qfx.load(3)",
        ArgumentTypeError,
        "path must be a path, as a text, not 3",
    ),
    Refusal(
        "bytes for a path",
        "qfx.save(graph, b'net.qfx')",
        ArgumentTypeError,
        "path must be a path, as a text, not b'net.qfx'",
    ),
    Refusal(
        "a path with a NUL",
        "qfx.load('a\\0b')",
        ArgumentError,
        "path must be a path, not 'a\\x00b'",
    ),
)
