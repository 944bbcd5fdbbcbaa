"""Which class a layer of a file is: known by module and qualified name, so that nobody's `Linear`
stands for another's.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from qfx.errors import QfxError

_OURS = "qfx."  # how the modules of qfx's own layers begin
_MAIN = "__main__"  # whose name says nothing of which program it was
_NAME = re.compile(r"\w+(\.\w+)*(:(\w+|<locals>)(\.(\w+|<locals>))*)?")


class UnknownLayerError(QfxError):
    """No layer, or more than one, is of that name; the sentence says what to import."""


def key_of(kind: type) -> str:
    """Return what a class is registered as, `module:qualified.name`."""
    return f"{kind.__module__}:{kind.__qualname__}"


def written_name(kind: type) -> str:
    """Return what stands for a class in a file: of qfx's own the bare name, which outlives a move
    from one module of qfx to another.
    """
    return kind.__name__ if kind.__module__.startswith(_OURS) else key_of(kind)


def own_layer(registry: Mapping[str, type], name: str) -> type | None:
    """Return qfx's own layer of that bare name."""
    for kind in registry.values():
        if kind.__module__.startswith(_OURS) and kind.__name__ == name:
            return kind
    return None


def layer_class(registry: Mapping[str, type], name: str) -> type:
    """Return the class that `written_name` stands for.

    Before there were modules in files every name was bare, and what a program defines itself has a
    module of another name where that program is imported: such a name is looked for among
    everyone's layers, and has to be one alone.

    Args:
        registry: by `key_of`.
        name: as it stands in a file, which is not believed.

    Raises:
        UnknownLayerError: it is nobody's, or several layers' that have the right to it.
    """
    if _NAME.fullmatch(name) is None:
        raise UnknownLayerError(
            f"layer {name[:60]!a} is unknown: import the module that defines it before loading"
        )
    module, _, qualified = name.rpartition(":")
    kind = registry.get(name) if module else own_layer(registry, name)
    if kind is not None:
        return kind
    wanted = qualified.rpartition(".")[2]
    alike = {
        key: each
        for key, each in registry.items()
        if (each.__name__ == wanted if not module else each.__qualname__ == qualified)
        and not each.__module__.startswith(_OURS)
    }
    if module and module != _MAIN:
        raise UnknownLayerError(f"layer {name} is unknown: import {module} before loading")
    if len(alike) == 1:
        return next(iter(alike.values()))
    if alike:
        raise UnknownLayerError(
            f"layer {name} is one of {', '.join(sorted(alike))}, and the file does not say which:"
            " load it where only one of them is imported, and save it again"
        )
    raise UnknownLayerError(
        f"layer {name} is unknown: import the module that defines it before loading"
    )
