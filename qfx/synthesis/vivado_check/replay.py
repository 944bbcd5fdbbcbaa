"""What a script's calls amount to, followed one by one; what does not fit is told by its line."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from qfx.synthesis.vivado_check.tcl import Given, Run, Signature, TclError, read, words

Handler = Callable[[Given], None]


class Replay:
    """Follows a script.

    Args:
        signatures: the commands there are.
    """

    def __init__(self, signatures: Mapping[str, Signature]) -> None:
        self.signatures, self.problems = signatures, list[str]()
        self.handlers: dict[str, Handler] = {}

    def follow(self, run: Run) -> None:
        """Follow the calls of a run; what is wrong joins `problems`."""
        for call in run.calls:
            try:
                given = read(call, self.signatures[call.command])
                self.handlers.get(call.command, _nothing)(given)
            except TclError as error:
                self.problems.append(f"{call.script}, line {call.line}: {call.command}: {error}")
        if run.error:
            self.problems.append(f"{run.calls[-1].script if run.calls else 'script'}: {run.error}")

    def end(self, *found: str) -> None:
        """Return what is wrong once all is done."""
        self.problems.extend(text for text in found if text)


def _nothing(given: Given) -> None:
    """What a command does that no rule asks about."""


def settings(given: Given) -> dict[str, str]:
    """Return the properties that set_property is given, by name.

    Raises:
        TclError: they are no pairs.
    """
    if "-dict" not in given.options:
        return {given.plain[0]: given.plain[1]}
    pairs = words(given.plain[0])
    if len(pairs) % 2:
        raise TclError("a property of the list has no value")
    return dict(zip(pairs[::2], pairs[1::2], strict=True))


def number(text: str) -> int:
    """Read a number as Tcl reads it, hexadecimal after 0x.

    Raises:
        TclError: it is none.
    """
    try:
        return int(text, 0)
    except ValueError:
        raise TclError(f"{text!r} is no number") from None
