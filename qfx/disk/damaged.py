"""What is wrong with a file, in words that fit into one sentence."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import ValidationError

from qfx.errors import QfxError

_LONGEST = 60  # characters of a file's own words within a sentence


class Damaged(QfxError):  # noqa: N818 (it reads as the sentence it is)
    """A file that is not of its format; the words stand inside a caller's sentence, which has the
    file's name and the advice.
    """


def shown(value: Any) -> str:
    """Return a value from a file as it stands in a sentence: on one line, printable and not
    long.
    """
    text = ascii(value)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."


def nearby(path: Path) -> str:
    """Return a path as a person would type it: from where they are, if it lies below."""
    try:
        return str(path.relative_to(Path.cwd()))
    except (ValueError, OSError):  # elsewhere; or the folder they were in is gone
        return str(path)


def fault(error: ValidationError, whole: str = "the whole file") -> str:
    """Return the first of pydantic's findings: the field, and what is wrong with it.

    Args:
        error: as pydantic raised it.
        whole: what the file is called where no field of it is at fault.
    """
    first = error.errors(include_url=False, include_input=False)[0]
    field = ".".join(map(str, first["loc"]))
    return f"{_short(field) or whole}: {_short(first['msg'])}"


def _short(text: str) -> str:
    line = "".join(c if c.isprintable() else " " for c in text)
    return line if len(line) <= 2 * _LONGEST else f"{line[: 2 * _LONGEST - 3]}..."
