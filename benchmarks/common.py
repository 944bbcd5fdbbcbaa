"""What every benchmark writes in the same way: JSON, a table in docs/results.md, versions."""

import argparse
import json
import platform
from pathlib import Path
from typing import Any

import qfx
from qfx.packages import package_version
from qfx.tools import TOOLS

ROOT = Path(__file__).parent.parent
WIDTH = 250  # of a line of JSON: a row of most tables
TABLES = ROOT / "docs" / "results.md"


def takes_data(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    """The parser with --data FOLDER, needed where no folder lies beside the checkout."""
    beside = ROOT.parent / "shared" / "data"
    here = beside if beside.is_dir() else None
    parser.add_argument("--data", type=Path, default=here, required=here is None)
    return parser


def versions() -> dict[str, str]:
    """Of Python, and of the packages and tools that take part."""
    packages = {
        name: package_version(name) or "missing" for name in ("torch", "numpy", "qonnx", "hls4ml")
    }
    tools = {name: TOOLS[name].version() or "missing" for name in ("g++", "verilator", "yosys")}
    return {"qfx": qfx.__version__, "python": platform.python_version(), **packages, **tools}


def write(name: str, record: dict[str, Any], lines: list[str]) -> None:
    """Write benchmarks/results/NAME.json, and `lines` between the marks NAME of docs/results.md."""
    used = ", ".join(f"{package} {version}" for package, version in record["versions"].items())
    body = "\n".join([*lines, "", f"`{record['command']}` with {used}."])
    result = ROOT / "benchmarks" / "results" / f"{name}.json"
    result.parent.mkdir(exist_ok=True)
    result.write_text(readable(record) + "\n")
    before, rest = TABLES.read_text().split(f"<!-- {name} -->")
    after = rest.split(f"<!-- /{name} -->")[1]
    TABLES.write_text(f"{before}<!-- {name} -->\n{body}\n<!-- /{name} -->{after}")
    print(f"wrote {result.relative_to(ROOT)} and {TABLES.relative_to(ROOT)}")


def readable(thing: Any, indent: str = "") -> str:
    """JSON with a line for whatever fits on one, so that a measured row is one line."""
    short = json.dumps(thing)
    if len(indent) + len(short) <= WIDTH or not isinstance(thing, (dict, list)) or not thing:
        return short
    inner = f"{indent} "
    if isinstance(thing, list):
        parts = [readable(entry, inner) for entry in thing]
    else:
        parts = [f"{json.dumps(key)}: {readable(thing[key], inner)}" for key in thing]
    body = ",\n".join(f"{inner}{part}" for part in parts)
    ends = "[]" if isinstance(thing, list) else "{}"
    return f"{ends[0]}\n{body}\n{indent}{ends[1]}"
