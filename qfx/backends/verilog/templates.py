"""The templates of SystemVerilog, and how they write numbers and memories."""

from qfx import assets
from qfx.backends.verilog import literals, memory
from qfx.templates import Templates

TEMPLATES = Templates(
    lambda: assets.folder("hls_templates") / "verilog",
    appended=literals.appended,
    contents=memory.contents,
    literal=literals.hex_literal,
    parameter=literals.of_parameter,
    slices=memory.slices,
    zero_extended=literals.zero_extended,
)
render = TEMPLATES.render
