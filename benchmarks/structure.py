"""How the house is built, before a change and now: who names a stage, who asks for its kind, how
long the files are, and whether imports run up or in circles.

    python benchmarks/structure.py --before COMMIT [--now COMMIT] [--list]

takes the source of both trees out of git (without --now the files as they lie here), imports
neither, and writes benchmarks/results/structure.json and a table in docs/results.md. With --list it
writes nothing and prints what it counts now, place by place.
"""

import argparse
import io
import json
import subprocess
import sys
import tarfile
import tempfile
from collections import Counter
from pathlib import Path
from statistics import mean, median

import networkx as nx
import tomllib
from common import ROOT, versions, write
from stage_names import StageNames

from qfx.packages import package_version

FOLDERS = ("qfx", "hls_templates")
NAMED = ("softmax", "repeat", "contract", "window")  # in the table; the mean is over all
ROOMS = ("hardware", "simulation", "synthesis", "backends", "project", "frontends", "report")
KEYS = {
    "files_naming_a_stage": "files that name a stage, mean over all",
    "isinstance_by_stage": "places that ask for a stage's kind, outside pages and spellings",
    "circles": "circles of imports",
    "upward_imports": "imports that run upward",
    "files": "Python files under `qfx`",
    "median_lines": "lines of the median file",
    "longest_lines": "lines of the longest file",
}

# Grimp reads the package that lies where it runs, and imports nothing of it.
_EDGES = """
import json, grimp
graph = grimp.build_graph("qfx", cache_dir=None)
imported = graph.find_modules_directly_imported_by
print(json.dumps({module: sorted(imported(module)) for module in graph.modules}))
"""


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--before", required=True, metavar="COMMIT")
    parser.add_argument("--now", metavar="COMMIT", help="default: the files as they lie here")
    parser.add_argument("--list", action="store_true", help="print every place, write nothing")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        now = _taken(given.now, Path(folder) / "now") if given.now else ROOT
        if given.list:
            _print(now)
            return
        before = _taken(given.before, Path(folder) / "before")
        found = {"before": measured(before), "now": measured(now)}
    here = _commit("HEAD") + (", changed since" if _git("diff", "HEAD", "--", *FOLDERS) else "")
    commits = {"before": _commit(given.before), "now": _commit(given.now) if given.now else here}
    record = {
        **{key: {side: tree[key] for side, tree in found.items()} for key in KEYS},
        "commits": commits,
        "trees": found,
        "command": f"python benchmarks/structure.py --before {given.before}",
        "versions": {
            **{name: versions()[name] for name in ("qfx", "python")},
            **{name: package_version(name) for name in ("grimp", "networkx")},
        },
    }
    write("structure", record, _table(found, commits))


def measured(tree: Path) -> dict:
    """All that is counted of one tree."""
    names = StageNames(tree)
    naming = names.naming()
    asked = asked_by_place(names)
    graph, order = imports_of(tree)
    lines = {s.path: len((tree / s.path).read_text().splitlines()) for s in names.sources}
    middle = median(lines.values())
    longest = max(lines, key=lambda path: lines[path])
    circles = circles_of(graph)
    upward = upward_of(graph, order)
    return {
        "files_naming_a_stage": round(mean(map(len, naming.values())), 2),
        "isinstance_by_stage": len(asked["elsewhere"]),
        "circles": len(circles),
        "upward_imports": len(upward),
        "files": len(lines),
        "median_lines": middle if middle % 1 else int(middle),
        "longest_lines": lines[longest],
        "longest": longest,
        "naming": {kind: len(files) for kind, files in naming.items()},
        "asked_in_pages": len(asked["pages"]),
        "asked_in_spellings": len(asked["spellings"]),
        "spellings": names.spellings,
        "circles_of": circles,
        "upward": upward,
        "of_generators": len(_of_generators(graph)),
        "files_in_folder": dict(sorted(Counter(str(Path(path).parent) for path in lines).items())),
    }


def asked_by_place(names: StageNames) -> dict[str, list[str]]:
    """Every place that asks for a stage's kind: in the pages, in the spellings, elsewhere."""
    spellings = names.spellings
    found: dict[str, list[str]] = {"pages": [], "spellings": [], "elsewhere": []}
    for place in names.questions():
        where = "pages" if names.is_page(place.path) else "elsewhere"
        where = "spellings" if place.path in spellings else where
        found[where].append(f"{place.path}:{place.line}: {place.asked}")
    return found


def imports_of(tree: Path) -> tuple[nx.DiGraph, list[list[str]]]:
    """Which module imports which, those for types alone too; and the contract's rooms, top down."""
    listed = subprocess.run(
        [sys.executable, "-c", _EDGES], cwd=tree, capture_output=True, text=True, check=True
    ).stdout
    graph = nx.DiGraph(json.loads(listed))
    settings = tomllib.loads((tree / "pyproject.toml").read_text())
    contracts = settings["tool"]["importlinter"]["contracts"]
    layers = next(c["layers"] for c in contracts if c["type"] == "layers")
    return graph, [[room.strip() for room in layer.split("|")] for layer in layers]


def circles_of(graph: nx.DiGraph) -> list[list[str]]:
    """Groups of modules that import each other, then of the rooms of each folder."""
    found = [sorted(group) for group in nx.strongly_connected_components(graph) if len(group) > 1]
    for folder in sorted({module.rpartition(".")[0] for module in graph} - {""}):
        rooms = nx.DiGraph()
        for ends in graph.edges:
            inside = [".".join(end.split(".")[: folder.count(".") + 2]) for end in ends]
            if inside[0] != inside[1] and all(room.startswith(f"{folder}.") for room in inside):
                rooms.add_edge(*inside)
        groups = nx.strongly_connected_components(rooms)
        found += [sorted(group) for group in groups if len(group) > 1]
    return sorted({tuple(group): group for group in found}.values())


def upward_of(graph: nx.DiGraph, order: list[list[str]]) -> list[str]:
    """Imports of a room above, or of one beside it, by the tree's own contract."""
    level = {room: height for height, rooms in enumerate(order) for room in rooms}

    def room(module: str) -> str | None:
        return next((r for r in level if module == r or module.startswith(f"{r}.")), None)

    found = []
    for module, imported in sorted(graph.edges):
        here, there = room(module), room(imported)
        if here and there and here != there and level[there] <= level[here]:
            found.append(f"{module} imports {imported}")
    return found


def _of_generators(graph: nx.DiGraph) -> list[str]:
    """Imports of the generators by what only reads a project."""
    return sorted(
        f"{module} imports {imported}"
        for module, imported in graph.edges
        if module.startswith(("qfx.simulation", "qfx.synthesis"))
        and imported.startswith("qfx.backends")
    )


def _taken(commit: str, folder: Path) -> Path:
    """The source of a commit, without its history."""
    archive = _git("archive", commit, "--", *FOLDERS, "pyproject.toml")
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        tar.extractall(folder, filter="data")
    return folder


def _commit(name: str) -> str:
    return _git("rev-parse", "--short=7", name).decode().strip()


def _git(*asked: str) -> bytes:
    return subprocess.run(["git", *asked], cwd=ROOT, capture_output=True, check=True).stdout


def _print(tree: Path) -> None:
    names = StageNames(tree)
    graph, order = imports_of(tree)
    naming = names.naming().items()
    lists = {f"names {kind} ({len(files)})": files for kind, files in naming}
    lists |= {
        f"asks for a kind, {where}": places for where, places in asked_by_place(names).items()
    }
    lists |= {"circles": [", ".join(circle) for circle in circles_of(graph)]}
    lists |= {"upward": upward_of(graph, order), "of the generators": _of_generators(graph)}
    for title, places in lists.items():
        print(f"{title}:", *places, sep="\n  ")


def _table(found: dict[str, dict], commits: dict[str, str]) -> list[str]:
    before, now = found["before"], found["now"]
    rows = [(f"files that name the stage `{k}`", *_both(found, "naming", k)) for k in NAMED]
    rows += [(title, str(before[key]), str(now[key])) for key, title in KEYS.items()]
    rows[len(NAMED) + 2 : len(NAMED) + 2] = [
        ("the same in pages", *_both(found, "asked_in_pages")),
        ("the same in the languages' spellings", *_both(found, "asked_in_spellings")),
    ]
    generators = "imports of `qfx.backends` by simulation and synthesis"
    rows.insert(-3, (generators, *_both(found, "of_generators")))
    for room in ROOMS:
        rows.append((f"`qfx/{room}`: files, the most in one folder", *_room(found, room)))
    return [
        f"Of commit {commits['before']} and of {commits['now']}, read from their source.",
        "",
        "| | before | now |",
        "|---|---|---|",
        *(f"| {' | '.join(row)} |" for row in rows),
        "",
        "A file names a stage by its class, its word or its module; a place asks for its kind by "
        "`isinstance`, `type(x) is`, `case Kind()` or `x.kind ==`. A page is a file that defines "
        "stages, a spelling a language's file that names three quarters of them. Circles are "
        "counted between modules and between the rooms of each folder, imports for types alone "
        "too; upward is what the tree's own contract forbids. Before, the project's folder was "
        "one of `qfx.backends`.",
    ]


def _both(found: dict[str, dict], key: str, part: str | None = None) -> tuple[str, str]:
    values = [tree[key] if part is None else tree[key].get(part, "none") for tree in found.values()]
    return str(values[0]), str(values[1])


def _room(found: dict[str, dict], room: str) -> list[str]:
    cells = []
    for tree in found.values():
        counts = tree["files_in_folder"]
        own = [n for f, n in counts.items() if f == f"qfx/{room}" or f.startswith(f"qfx/{room}/")]
        cells.append(f"{sum(own)}, {max(own)}" if own else "none")
    return cells


if __name__ == "__main__":
    main()
