"""Jinja as it is used here: a template reads as the language it writes, decisions are made in
Python.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import Any

import jinja2
from jinja2.bccache import Bucket

from qfx.cache import cache_folder


class Templates:
    """The templates of one folder.

    Args:
        folder: gives the folder, when the first template is asked for.
        filters: how the language writes a thing, by the name that templates call it by.
    """

    def __init__(self, folder: Callable[[], Path], **filters: Callable[..., object]) -> None:
        self._folder = folder
        self._filters = filters

    @cached_property
    def _environment(self) -> jinja2.Environment:
        """In which a name that a template does not know is an error, not a blank."""
        environment = jinja2.Environment(
            loader=jinja2.FileSystemLoader(self._folder()),
            bytecode_cache=_Compiled(),
            undefined=jinja2.StrictUndefined,
            autoescape=jinja2.select_autoescape(["html.j2"], default=False),
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
        )
        environment.filters.update(self._filters)
        return environment

    def render(self, template: str, **context: object) -> str:
        """The text of a template, for example "top.sv.j2"."""
        return self._environment.get_template(template).render(**context)

    def macros(self, template: str) -> set[str]:
        """The names of the macros that a template defines."""
        module: Any = self._environment.get_template(template).module
        names = (name for name in dir(module) if not name.startswith("_"))
        return {name for name in names if callable(getattr(module, name))}


class _Compiled(jinja2.FileSystemBytecodeCache):
    """Templates as Jinja compiles them, by the hash of each: to compile them is a third of what the
    export of a small design takes. Where they cannot be kept, they are compiled anew.
    """

    def __init__(self) -> None:
        folder = cache_folder() / "templates" / jinja2.__version__
        with suppress(OSError):
            folder.mkdir(parents=True, exist_ok=True)
        super().__init__(str(folder))

    def load_bytecode(self, bucket: Bucket) -> None:
        with suppress(OSError):
            super().load_bytecode(bucket)

    def dump_bytecode(self, bucket: Bucket) -> None:
        with suppress(OSError):
            super().dump_bytecode(bucket)
