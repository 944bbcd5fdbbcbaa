"""Fixtures every folder uses."""

import os
import shutil
import signal
from collections.abc import Callable
from pathlib import Path

import pytest


def pytest_configure() -> None:
    """Let Ctrl-C reach what tests start: a shell's background jobs ignore it, as do their own."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def require_tool() -> Callable[[str], None]:
    """Skips the test if a program is missing; fails it where QFX_REQUIRE_TOOLS=1."""

    def require(name: str) -> None:
        if shutil.which(name) is None:
            stop = pytest.fail if os.environ.get("QFX_REQUIRE_TOOLS") == "1" else pytest.skip
            stop(f"{name} is not on PATH")

    return require


@pytest.fixture(scope="session", autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Simulators are built for these tests, whatever an earlier run left; QFX_CACHE overrides."""
    if "QFX_CACHE" not in os.environ:
        os.environ["QFX_CACHE"] = str(Path(tmp_path_factory.getbasetemp()).parent / "qfx-cache")
