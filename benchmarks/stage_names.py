"""Where a tree of QFX names its stages' kinds, read from its source; nothing of it is imported.

A file names a kind where its code does: by the class, imported from `qfx.hardware` or defined
there, by its word ("softmax") as a string, or by what the languages call it (`qfx_softmax`,
`qfx::softmax`). Comments and docstrings are prose and do not count. An op or a layer of the same
name is another thing: classes count by where they are imported from.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

HARDWARE = "qfx.hardware"
PAGES = "qfx/hardware/stages/"
LANGUAGES = "qfx/backends/"
_TEXTS = ("qfx", "hls_templates")
# Rooms whose strings may be a kind's word; elsewhere "concat" or "map" is another library's.
_KNOWING = ("hardware", "backends", "project", "simulation", "synthesis", "report", "flow", "cli")
_COMMENTS = re.compile(r"//[^\n]*|/\*.*?\*/|\{#.*?#\}", re.DOTALL)
_MOST = 0.75  # of all kinds: a file of a language that names so many is its spelling


@dataclass
class Source:
    """One Python file.

    Args:
        path: relative to the tree.
        tree: parsed.
        imported: local name -> (module, name there); a whole module has the name "".
    """

    path: str
    tree: ast.Module
    imported: dict[str, tuple[str, str]] = field(default_factory=dict)

    @property
    def module(self) -> str:
        """Its dotted name."""
        return self.path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


@dataclass(frozen=True)
class Question:
    """A place that asks for a stage's kind, by its class or by its word."""

    path: str
    line: int
    asked: str


class StageNames:
    """Of one tree."""

    def __init__(self, root: Path):
        self.root = root
        paths = sorted(path.relative_to(root).as_posix() for path in (root / "qfx").rglob("*.py"))
        self.sources = [_source(root, path) for path in paths]
        self.hardware = [s for s in self.sources if s.path.startswith("qfx/hardware/")]
        self.classes = self._classes()
        self.groups = self._groups()
        self.defined = {s.path for s in self.hardware if self._defines(s)}

    def _classes(self) -> dict[str, str | None]:
        """Every class below Stage: the word of its kind, or None where it has none of its own."""
        nodes = [n for s in self.hardware for n in ast.walk(s.tree) if isinstance(n, ast.ClassDef)]
        found: dict[str, str | None] = {"Stage": None}
        while new := {
            node.name: _kind(node)
            for node in nodes
            if node.name not in found and any(_last(base) in found for base in node.bases)
        }:
            found |= new
        del found["Stage"]
        return found

    @property
    def kinds(self) -> dict[str, str]:
        """The word of every kind -> its class."""
        return {kind: name for name, kind in self.classes.items() if kind is not None}

    def _groups(self) -> set[str]:
        """Names of hardware that stand for several classes: `HEADS = (Argmax, Contract)`."""
        found: set[str] = set()
        for node in (node for source in self.hardware for node in source.tree.body):
            value = node.value if isinstance(node, (ast.Assign, ast.AnnAssign)) else None
            several = isinstance(value, (ast.Tuple, ast.BinOp))
            if several and any(_last(part) in self.classes for part in ast.walk(value)):
                found |= {_last(target) for target in _targets(node)}
        return found

    def _defines(self, source: Source) -> bool:
        return any(
            isinstance(node, ast.ClassDef) and self.classes.get(node.name) is not None
            for node in source.tree.body
        )

    @property
    def spellings(self) -> list[str]:
        """Files of the languages that say how stages are written: those that name most kinds."""
        naming = self.naming()
        return [
            source.path
            for source in self.sources
            if source.path.startswith(LANGUAGES)
            and sum(source.path in files for files in naming.values()) >= _MOST * len(naming)
        ]

    def is_page(self, path: str) -> bool:
        """Whether a stage is defined there."""
        return path in self.defined or path.startswith(PAGES)

    def naming(self) -> dict[str, list[str]]:
        """The files that name each kind."""
        found: dict[str, set[str]] = {kind: set() for kind in self.kinds}
        words = {name: kind for kind, name in self.kinds.items()}
        for source in self.sources:
            for name in self._used(source):
                if name in words:
                    found[words[name]].add(source.path)
            for kind in self._said(source):
                found[kind].add(source.path)
        for path, text in self._templates():
            for kind in found:
                if re.search(rf"\bqfx(?:_|::){kind}(?:\b|_)|\b{self.kinds[kind]}\b", text):
                    found[kind].add(path)
        return {kind: sorted(files) for kind, files in sorted(found.items())}

    def _templates(self) -> Iterator[tuple[str, str]]:
        """What is not Python, without comments; its own name is the first line."""
        for folder in _TEXTS:
            for path in sorted((self.root / folder).rglob("*")):
                if path.is_file() and path.suffix not in (".py", ".pyc", ".typed"):
                    text = _COMMENTS.sub("", path.read_text())
                    yield path.relative_to(self.root).as_posix(), f"{path.stem}\n{text}"

    def _used(self, source: Source) -> set[str]:
        """Names of hardware's that a file defines, imports or reaches through a module."""
        inside = source in self.hardware
        found = {
            name for module, name in source.imported.values() if _below(module, HARDWARE) and name
        }
        for node in ast.walk(source.tree):
            if inside and isinstance(node, ast.ClassDef):
                found.add(node.name)
            if isinstance(node, ast.Attribute) and self._is_hardware(source, node.value):
                found.add(node.attr)
        return found

    def _is_hardware(self, source: Source, node: ast.expr) -> bool:
        """Whether the expression is a module of hardware."""
        first, *rest = ast.unparse(node).split(".")
        known = filter(None, source.imported.get(first, ()))
        return _below(".".join([*known, *rest]), HARDWARE)

    def _said(self, source: Source) -> set[str]:
        """Kinds that a file's strings name, docstrings apart."""
        room = source.path.split("/")[1].removesuffix(".py")
        if room not in _KNOWING:
            return set()
        docs = {id(node.value) for node in ast.walk(source.tree) if isinstance(node, ast.Expr)}
        found = set()
        for node in ast.walk(source.tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                if id(node) in docs:
                    continue
                called = set(re.findall(r"\bqfx(?:_|::)([a-z]+)", node.value))
                found |= (called | {node.value}) & set(self.kinds)
        return found

    def questions(self) -> list[Question]:
        """Every place that asks for a stage's kind, wherever it is."""
        return [
            Question(source.path, line, asked)
            for source in self.sources
            for line, asked in self._asked(source)
        ]

    def _asked(self, source: Source) -> Iterator[tuple[int, str]]:
        for node in ast.walk(source.tree):
            if isinstance(node, ast.Call) and _last(node.func) == "isinstance":
                if len(node.args) == 2 and self._are_stages(source, node.args[1]):
                    yield node.lineno, ast.unparse(node)
            elif isinstance(node, ast.MatchClass) and self._are_stages(source, node.cls):
                yield node.cls.lineno, ast.unparse(node)
            elif isinstance(node, ast.Compare) and self._compares(source, node):
                yield node.lineno, ast.unparse(node)

    def _are_stages(self, source: Source, node: ast.expr) -> bool:
        """Whether any class among those of the expression is a stage's."""
        names = {_last(part) for part in ast.walk(node)}
        for name in names & set(source.imported):
            module, there = source.imported[name]
            if _below(module, HARDWARE) and there in (self.classes.keys() | self.groups):
                return True
        own = {n.name for n in ast.walk(source.tree) if isinstance(n, ast.ClassDef)}
        local = {_last(target) for n in source.tree.body for target in _targets(n)}
        known = (own & self.classes.keys()) | (local & self.groups)
        if source in self.hardware and names & known:
            return True
        return any(
            isinstance(part, ast.Attribute)
            and part.attr in self.classes
            and self._is_hardware(source, part.value)
            for part in ast.walk(node)
        )

    def _compares(self, source: Source, node: ast.Compare) -> bool:
        sides = [node.left, *node.comparators]
        if any(isinstance(side, ast.Call) and _last(side.func) == "type" for side in sides):
            return any(self._are_stages(source, side) for side in sides)
        if any(isinstance(side, ast.Attribute) and side.attr == "kind" for side in sides):
            named = {
                target: node.value
                for node in source.tree.body
                for target in map(_last, _targets(node))
            }
            meant = [named.get(_last(side)) or side for side in sides]
            said = {p.value for s in meant for p in ast.walk(s) if isinstance(p, ast.Constant)}
            return bool(said & set(self.kinds))
        return False


def _source(root: Path, path: str) -> Source:
    source = Source(path, ast.parse((root / path).read_text()))
    package = source.module if path.endswith("__init__.py") else source.module.rpartition(".")[0]
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                whole = alias.name if alias.asname else alias.name.split(".")[0]
                source.imported[alias.asname or whole] = (whole, "")
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) - node.level + 1]
            module = ".".join([*above, *filter(None, [node.module])]) if node.level else node.module
            for alias in node.names:
                source.imported[alias.asname or alias.name] = (module or "", alias.name)
    return source


def _below(module: str, package: str) -> bool:
    return module == package or module.startswith(f"{package}.")


def _last(node: ast.AST) -> str:
    """`Contract` of `Contract`, `stages.Contract` and `Stage[Contract]`; else nothing."""
    if isinstance(node, ast.Subscript):
        return _last(node.value)
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def _kind(node: ast.ClassDef) -> str | None:
    """The word that a class says of its kind."""
    for line in node.body:
        value = getattr(line, "value", None)
        if "kind" in map(_last, _targets(line)) and isinstance(value, ast.Constant):
            return value.value
    return None


def _targets(node: ast.stmt) -> list[ast.expr]:
    """What an assignment gives a value to."""
    if isinstance(node, ast.AnnAssign):
        return [node.target]
    return node.targets if isinstance(node, ast.Assign) else []
