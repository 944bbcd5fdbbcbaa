"""The templates of this language."""

from qfx import assets
from qfx.templates import Templates

TEMPLATES = Templates(lambda: assets.folder("hls_templates") / "pynq")
render = TEMPLATES.render
