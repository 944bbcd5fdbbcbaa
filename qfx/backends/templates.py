"""The one Jinja environment: templates read as the language they write, decisions are made in
Python.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import jinja2

from qfx import assets


@cache
def environment() -> jinja2.Environment:
    """Templates of `hls_templates/`; a name the template does not know is an error, not a blank."""
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(assets.folder("hls_templates")),
        undefined=jinja2.StrictUndefined,
        autoescape=jinja2.select_autoescape(["html.j2"], default=False),
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def render(template: str, **context: Any) -> str:
    """The text of `template`, for example "verilog/top.sv.j2"."""
    return environment().get_template(template).render(**context)


def expressions(language: str) -> set[str]:
    """The element-wise ops that `language` has an expression for."""
    module: Any = environment().get_template(f"{language}/expressions.j2").module
    return {
        name for name in dir(module) if not name.startswith("_") and callable(getattr(module, name))
    }
