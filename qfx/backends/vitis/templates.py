"""The templates of the C++, and how they write arrays."""

from qfx import assets
from qfx.backends.vitis import types
from qfx.templates import Templates

TEMPLATES = Templates(
    lambda: assets.folder("hls_templates") / "vitis",
    nested=types.nested,
    sizes=types.sizes,
)
render = TEMPLATES.render
