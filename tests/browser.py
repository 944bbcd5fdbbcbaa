"""Headless Chromium over its DevTools pipe: pages of any width, light or dark, no network."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Any

_FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--hide-scrollbars", "--remote-debugging-pipe",
)  # fmt: skip

# Whatever is cut off or makes the page wider than the window; boxes that scroll hold their own.
_OVERFLOWING = """
(() => {
  const found = [], wide = document.documentElement.clientWidth;
  const inside = e => e.parentElement && e.parentElement.closest('.scroll');
  const name = e => e.tagName.toLowerCase() + '.' + (e.getAttribute('class') || '')
    + ' ' + (e.textContent || '').trim().slice(0, 40);
  if (document.documentElement.scrollWidth > wide) found.push('the page itself');
  for (const e of document.body.querySelectorAll('*')) {
    if (inside(e) || e.closest('.hidden') || e.closest('defs')) continue;
    const box = e.getBoundingClientRect();
    if (!box.width || !box.height) continue;
    if (box.right > wide + 0.5 || box.left < -0.5) found.push(name(e) + ' leaves the window');
    const own = e.matches('.scroll') || e.closest('svg');
    if (!own && e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).display !== 'inline')
      found.push(name(e) + ' is wider than its box');
  }
  return found;
})()
"""
# Words of a drawing that leave the drawing, or their own box in it, or lie on other words.
_CUT = """
[...document.querySelectorAll('svg.graph')].flatMap(svg => {
  const all = svg.getBoundingClientRect();
  const texts = [...svg.querySelectorAll('text')].filter(text => text.textContent);
  const boxes = texts.map(text => text.getBoundingClientRect());
  return texts.filter((text, n) => {
    const box = boxes[n], card = text.closest('g:has(> .card, > .port)');
    const held = card ? card.querySelector('.card, .port').getBoundingClientRect() : all;
    return box.left < held.left - 1 || box.right > held.right + 1 || box.bottom > all.bottom
      || boxes.some((other, m) => m < n && other.left < box.right && box.left < other.right
        && other.top + 3 < box.bottom && box.top + 3 < other.bottom);
  }).map(text => text.textContent);
})
"""


class Browser:
    """A Chromium of its own, its profile thrown away at the end."""

    def __init__(self) -> None:
        self._profile = tempfile.TemporaryDirectory(prefix="qfx-chromium-")
        read, self._write = os.pipe()
        self._read, write = os.pipe()
        # dash, often sh, duplicates no descriptor above 9
        shell = f'exec chromium "$@" 3<&{read} 4>&{write}'
        self._process = subprocess.Popen(
            ["bash", "-c", shell, "bash", *_FLAGS, f"--user-data-dir={self._profile.name}"],
            pass_fds=(read, write),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(read)
        os.close(write)
        self._rest, self._number, self._session = b"", 0, ""
        target = self._ask("Target.createTarget", url="about:blank")["targetId"]
        attached = self._ask("Target.attachToTarget", targetId=target, flatten=True)
        self._session = attached["sessionId"]
        self._ask("Page.enable")

    def __enter__(self) -> Browser:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        os.close(self._write)  # it ends when nobody talks to it any more
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        os.close(self._read)
        self._profile.cleanup()

    def open(self, page: Path, width: int, height: int, dark: bool = False) -> None:
        """Show a file in a window of that many CSS pixels."""
        self._ask(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=2 if width < 600 else 1,
            mobile=width < 600,
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self._ask("Emulation.setEmulatedMedia", media="screen", features=[scheme])
        shown = self._ask("Page.navigate", url=page.resolve().as_uri())
        assert "errorText" not in shown, shown
        while self._next().get("method") != "Page.loadEventFired":
            pass

    def evaluate(self, script: str) -> Any:
        """What an expression of JavaScript gives."""
        answer = self._ask("Runtime.evaluate", expression=script, returnByValue=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def overflowing(self) -> list[str]:
        """What leaves the window or its own box; of a drawing, the words that none can read."""
        found: list[str] = self.evaluate(_OVERFLOWING)
        return found + [f"{text!r} is cut off or covered" for text in self.evaluate(_CUT)]

    def screenshot(self, path: Path, whole: bool = False) -> None:
        """The window, or the whole page, as PNG."""
        answer = self._ask("Page.captureScreenshot", format="png", captureBeyondViewport=whole, **(
            {"clip": self._all()} if whole else {}
        ))  # fmt: skip
        path.write_bytes(base64.b64decode(answer["data"]))

    def _all(self) -> dict[str, float]:
        size = self._ask("Page.getLayoutMetrics")["cssContentSize"]
        return {"x": 0, "y": 0, "width": size["width"], "height": size["height"], "scale": 1}

    def _ask(self, method: str, **parameters: Any) -> Any:
        self._number += 1
        message: dict[str, Any] = {"id": self._number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._write, json.dumps(message).encode() + b"\0")
        while (answer := self._next()).get("id") != self._number:
            pass
        assert "error" not in answer, answer["error"]
        return answer["result"]

    def _next(self) -> dict[str, Any]:
        while b"\0" not in self._rest:
            data = os.read(self._read, 1 << 20)
            assert data, "chromium has ended"
            self._rest += data
        message, self._rest = self._rest.split(b"\0", 1)
        answer: dict[str, Any] = json.loads(message)
        return answer
