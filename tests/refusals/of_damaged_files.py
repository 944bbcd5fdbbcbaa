"""Damaged files: what is read is believed only as far as it has been checked. tests/damaged makes
thousands of others.
"""

from refusal import Refusal

from qfx.boards import BoardError
from qfx.hardware import ScheduleError
from qfx.ir import FileError, GraphError
from qfx.nn.file import ModelFileError
from qfx.project.folder import ProjectError

TITLE = "Damaged files, and folders that are not replaced"
PAGE = "files"
CASES = (
    Refusal(
        "a small file that unpacks to a large one",
        "qfx.load('bomb.qfx')",
        FileError,
        "bomb.qfx is not a whole .qfx file (a zip file of … bytes that unpacks to 33,554,432: at"
        " most … are plausible): save the graph again",
    ),
    Refusal(
        "a graph of thousands of nodes",
        "type(graph)('net', graph.inputs, graph.nodes * 2000, graph.outputs)",
        GraphError,
        "a graph of … nodes, more than 4,096: split the model",
    ),
    Refusal(
        "a shape of too many elements",
        "type(graph)('net', (type(graph.inputs[0])('x', (1 << 20, 1 << 20), None),), (), ())",
        GraphError,
        "x has shape (1048576, 1048576): give at most 8 axes of at least one element each, and no"
        " more than 268,435,456 in all",
    ),
    Refusal(
        "a model without one of its tensors",
        "qfx.load('misfit.safetensors')",
        ModelFileError,
        "misfit.safetensors does not fit its own layers (it has no tensor '2.weight'): save it"
        " again",
    ),
    Refusal(
        "a board file with an alias",
        "boards.load('alias.yaml')",
        BoardError,
        "alias.yaml is no YAML that is read: an alias, *a: write out what it stands for; compare it"
        " with the files of boards/",
    ),
    Refusal(
        "foldings with an alias",
        "qfx export net.qfx -o out --overrides alias.yaml",
        None,
        "alias.yaml is no YAML file of foldings that can be read: an alias, *a: write out what it"
        " stands for",
    ),
    Refusal(
        "foldings by no name",
        "qfx.export(graph, 'out', overrides={None: {'pe': 1}})",
        ScheduleError,
        "overrides: None is no pattern of a layer's path: write it in quotes",
    ),
    Refusal(
        "samples of another size than their header says",
        "qfx export net.qfx -o out --samples cut.npy",
        None,
        "cut.npy holds no array of numbers: write it with numpy.save",
    ),
    Refusal(
        "a folder whose manifest is damaged",
        "qfx.export(graph, 'damaged')",
        ProjectError,
        "damaged/qfx.json is damaged, so that what qfx wrote cannot be told from what is yours:"
        " take out what you need and remove the folder; nothing was changed",
    ),
)
