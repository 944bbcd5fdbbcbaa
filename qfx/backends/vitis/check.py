"""What can be checked of generated HLS C++ without Vitis: every pragma is one we know, every stream
has two ends.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from qfx.backends.vitis.stages import ends
from qfx.errors import QfxError
from qfx.project.kernel_text import CALL, STREAM

# Directive -> the options it may have (UG1399, "HLS Pragmas"); a value of None takes no "=".
PRAGMAS: dict[str, dict[str, re.Pattern[str] | None]] = {
    "ARRAY_PARTITION": {
        "variable": re.compile(r"\w+"),
        "dim": re.compile(r"\d+"),
        "type": re.compile("complete|block|cyclic"),
    },
    "BIND_OP": {
        "variable": re.compile(r"\w+"),
        "op": re.compile("mul|add|sub"),
        "impl": re.compile("dsp|fabric"),
    },
    "BIND_STORAGE": {
        "variable": re.compile(r"\w+"),
        "type": re.compile("fifo"),
        "impl": re.compile("bram|lutram|srl"),
    },
    "DATAFLOW": {},
    "DEPENDENCE": {
        "variable": re.compile(r"\w+"),
        "type": re.compile("inter|intra"),
        "dependent": re.compile("true|false"),
    },
    "INLINE": {"off": None},
    "INTERFACE": {
        "mode": re.compile("axis|s_axilite|ap_ctrl_none"),
        "port": re.compile(r"\w+"),
        "bundle": re.compile("control"),
        "offset": re.compile(r"0x[0-9a-f]+"),
    },
    "PIPELINE": {"II": re.compile(r"[1-9]\d*"), "style": re.compile("flp")},
    "RESET": {"variable": re.compile(r"\w+")},
    "STREAM": {"variable": re.compile(r"\w+"), "depth": re.compile(r"[1-9]\d*")},
    "UNROLL": {},
}
_REQUIRED = {
    "ARRAY_PARTITION": {"variable"},
    "BIND_OP": {"variable", "op", "impl"},
    "BIND_STORAGE": {"variable", "type", "impl"},
    "DEPENDENCE": {"variable", "type", "dependent"},
    "INTERFACE": {"mode", "port"},
    "PIPELINE": {"II", "style"},  # what is in a pipeline that stalls would not come out: a deadlock
    "RESET": {"variable"},
    "STREAM": {"variable", "depth"},
}
# What a function of the library does with its first arguments; any other reads and writes one.
_TWO_ENDS = ("read", "written")
_ENDS = {"qfx::identify": (), **ends()}


class DataflowError(QfxError):
    """Generated C++ that Vitis would refuse, or read differently than meant."""


PORTS = {"s_axis": "written", "m_axis": "read"}  # of one input and one output, from outside


def check(text: str, top: str, ports: Mapping[str, str] = PORTS) -> None:
    """Check the pragmas of `text` and the streams of its function `top`.

    Args:
        text: C++.
        top: of its functions the one whose streams are checked.
        ports: what the world does with the ports, by name: "written" or "read".
    """
    check_pragmas(text, top)
    check_streams(text, top, ports)


def check_pragmas(text: str, where: str) -> None:
    """Raises DataflowError at the first pragma that is not in the table: a misspelt one is silently
    ignored by HLS.
    """
    for number, line in enumerate(text.splitlines(), 1):
        if not line.lstrip().startswith("#pragma") or line.split()[1:] == ["once"]:
            continue
        words = line.split()
        if len(words) < 3 or words[1] != "HLS" or words[2] not in PRAGMAS:
            raise DataflowError(f"{where}, line {number}: '{line.strip()}' is no pragma we use")
        given = set()
        for option in words[3:]:
            key, equals, value = option.partition("=")
            pattern = PRAGMAS[words[2]].get(key, ...)
            bare = pattern is None and not equals
            if not bare and not (isinstance(pattern, re.Pattern) and pattern.fullmatch(value)):
                raise DataflowError(f"{where}, line {number}: {words[2]} does not take '{option}'")
            given.add(key)
        missing = _REQUIRED.get(words[2], set()) - given
        if missing:
            raise DataflowError(
                f"{where}, line {number}: {words[2]} lacks {', '.join(sorted(missing))}"
            )


def check_streams(text: str, top: str, ports: Mapping[str, str] = PORTS) -> None:
    """Raises DataflowError unless every stream of `top` has one producer and one consumer, in a
    plain dataflow body.

    By convention a stage is called as stage(inputs, outputs, ...): one of each, but for those in
    the table of ends.
    """
    start = re.search(rf"^void {top}\(", text, re.MULTILINE)
    if start is None:
        raise DataflowError(f"{top} is not defined")
    body = text[text.index("{", start.start()) + 1 : text.index("\n}", start.start())]
    declared = [name for _, name in STREAM.findall(body)]
    ends: dict[str, list[str]] = {
        **{name: [end] for name, end in ports.items()},
        **{name: [] for name in declared},
    }
    for line in body.splitlines():
        if not line.strip() or line.startswith(("#pragma", "  qfx::Stream<")):
            continue
        call = CALL.fullmatch(line)
        if call is None:
            raise DataflowError(f"{top}: '{line.strip()}' is not a call between streams")
        for name, end in zip(call[2].split(", "), _ENDS.get(call[1], _TWO_ENDS), strict=False):
            if name not in ends:
                raise DataflowError(f"{top}: stream {name} is not declared")
            ends[name].append(end)
    for name, found in ends.items():
        if sorted(found) != ["read", "written"]:
            raise DataflowError(
                f"{top}: stream {name} is {' and '.join(found) or 'unused'}: it needs"
                " one of each end"
            )
