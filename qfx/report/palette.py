"""The page's colours, light and dark.

What tells things apart is of the palette by Okabe and Ito (Color Universal Design, 2008), which
readers with any of the usual colour vision deficiencies can tell apart; and never colour alone:
hatching, a symbol or a word says the same. Text is only ever `ink`, `faint` or `link`.
"""

from __future__ import annotations

LIGHT: dict[str, str] = {
    "paper": "#ffffff",
    "panel": "#f5f7f9",
    "ink": "#1b1f24",
    "faint": "#57606a",
    "link": "#00568a",
    "line": "#d3d9df",
    "edge": "#7a838c",
    "one": "#0072b2",  # blue
    "two": "#d55e00",  # vermillion
    "three": "#009e73",  # bluish green
}
DARK: dict[str, str] = {
    "paper": "#14181d",
    "panel": "#1d232a",
    "ink": "#e8edf2",
    "faint": "#a3adb8",
    "link": "#7cc4f0",
    "line": "#3a434d",
    "edge": "#8b95a0",
    "one": "#56b4e9",  # sky blue
    "two": "#e69f00",  # orange
    "three": "#009e73",  # bluish green
}
TEXT = ("ink", "faint", "link")
SURFACES = ("paper", "panel")
MARKS = ("one", "two", "three", "edge")
TINT = 0.16  # opacity of a bar that lies behind text


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours, by WCAG 2.1: 4.5 is asked for text, 3 for marks."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def tinted(colour: str, surface: str, opacity: float = TINT) -> str:
    """Return what is seen where a colour lies on a surface at some opacity."""
    pairs = zip(_channels(colour), _channels(surface), strict=True)
    return "#" + "".join(f"{round(255 * (opacity * c + (1 - opacity) * s)):02x}" for c, s in pairs)


def _channels(colour: str) -> tuple[float, ...]:
    return tuple(int(colour[index : index + 2], 16) / 255 for index in (1, 3, 5))


def _luminance(colour: str) -> float:
    linear = (
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in _channels(colour)
    )
    return sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
