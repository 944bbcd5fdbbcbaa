"""The integer graph: what training leaves and hardware starts from. Running it is the golden
model.
"""

from qfx.ir.builder import GraphBuilder
from qfx.ir.file import FileError
from qfx.ir.graph import Graph
from qfx.ir.passes import append, renamed, simplify
from qfx.ir.text import to_text
from qfx.ir.value import GraphError, Input, Node, Value

__all__ = [
    "FileError",
    "Graph",
    "GraphBuilder",
    "GraphError",
    "Input",
    "Node",
    "Value",
    "append",
    "renamed",
    "simplify",
    "to_text",
]
