"""The named colours, light and dark, each also in high contrast (design.md section 3). The only file of the app that holds hex values.

In high contrast words and lines reach 7:1 on every ground, control borders are lines too, and all that tells series and labels
apart by colour keeps its distance; the series stay what they are, so that a task is known again.

Pure data without Qt, so that the rules of section 3 can be tested without a display.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from tokenpal.translation import WordBook

Scheme = Literal["light", "dark"]
ColorName = Literal[
    "side", "ground", "card", "sunk", "tip", "line", "line-strong", "text", "text-2", "text-3",
    "accent", "on-accent", "accent-soft", "attention", "attention-soft", "problem", "else",
    "exploration", "delivered", "waste", "unlabelled",
]  # fmt: skip
LabelName = Literal["exploration", "delivered", "waste", "unlabelled"]

LABELS: tuple[LabelName, ...] = ("exploration", "delivered", "waste", "unlabelled")
LABEL_WORDS = WordBook("label", {"exploration": "Exploration", "delivered": "Delivered", "waste": "Waste", "unlabelled": "Not labelled"})
"""What is taken out of it is in the person's language."""
LABEL_KEYS: dict[LabelName, str] = {"exploration": "e", "delivered": "d", "waste": "w"}


@dataclass(frozen=True, slots=True)
class Palette:
    """One scheme: `named` maps every `ColorName` to `#RRGGBB`; `series` holds slots 1 to 8 in order."""

    scheme: Scheme
    named: dict[ColorName, str]
    series: tuple[str, ...]
    chosen_ink: float  # ink on the ground of the chosen side bar row
    hover_ink: float = 0.06
    track_ink: float = 0.09
    empty_ink: float = 0.05
    high: bool = False  # contrast


LIGHT = Palette(
    scheme="light",
    named={
        "side": "#F3F3F1",
        "ground": "#FAFAF8",
        "card": "#FFFFFF",
        "sunk": "#F2F2EF",
        "tip": "#FFFFFF",
        "line": "#E7E7E3",
        "line-strong": "#CFCFCA",
        "text": "#1C1D1F",
        "text-2": "#565A61",
        "text-3": "#676B72",
        "accent": "#2F62D6",
        "on-accent": "#FFFFFF",
        "accent-soft": "#E9EFFC",
        "attention": "#8F5A00",
        "attention-soft": "#FBF3E2",
        "problem": "#A8442A",
        "else": "#C4C6C9",
        "exploration": "#7451D2",
        "delivered": "#087578",
        "waste": "#8E939A",
        "unlabelled": "#7E838A",
    },
    series=("#538CE7", "#AF8E46", "#7852AB", "#12826C", "#D96F99", "#646E2C", "#293E6F", "#711E0A"),
    chosen_ink=0.075,
)

DARK = Palette(
    scheme="dark",
    named={
        "side": "#161719",
        "ground": "#1B1C1E",
        "card": "#232427",
        "sunk": "#1E1F22",
        "tip": "#2E3034",
        "line": "#313236",
        "line-strong": "#4A4C52",
        "text": "#ECEDEE",
        "text-2": "#B0B4BA",
        "text-3": "#969AA1",
        "accent": "#86A6F7",
        "on-accent": "#14171F",
        "accent-soft": "#2A3450",
        "attention": "#DDAA55",
        "attention-soft": "#332B1C",
        "problem": "#EE8E70",
        "else": "#5E6268",
        "exploration": "#AC93F3",
        "delivered": "#45B3B3",
        "waste": "#73777F",
        "unlabelled": "#8A8F96",
    },
    series=("#6BA4FC", "#E9C485", "#A086B2", "#93E5DB", "#DE8B9B", "#8DA430", "#576AAD", "#B05B43"),
    chosen_ink=0.09,
)

HIGH_LIGHT = replace(
    LIGHT,
    named={
        **LIGHT.named,
        "side": "#F4F4F3",
        "ground": "#FFFFFF",
        "sunk": "#F4F4F3",
        "line": "#4E5055",
        "line-strong": "#3A3C40",
        "text": "#000000",
        "text-2": "#2A2C30",
        "text-3": "#3E4147",
        "accent": "#0A3C9E",
        "accent-soft": "#DCE6FD",
        "attention": "#663F00",
        "attention-soft": "#FFF6E0",
        "problem": "#84260D",
        "else": "#767A80",
        "exploration": "#5A33C0",
        "delivered": "#005C60",
        "waste": "#7A7F86",
        "unlabelled": "#4E5258",
    },
    chosen_ink=0.16,
    hover_ink=0.12,
    track_ink=0.2,
    empty_ink=0.1,
    high=True,
)

HIGH_DARK = replace(
    DARK,
    named={
        **DARK.named,
        "side": "#0A0A0B",
        "ground": "#000000",
        "card": "#000000",
        "sunk": "#101113",
        "tip": "#000000",
        "line": "#9DA0A6",
        "line-strong": "#C0C3C8",
        "text": "#FFFFFF",
        "text-2": "#E2E4E7",
        "text-3": "#C6C9CE",
        "accent": "#B4C9FF",
        "on-accent": "#000000",
        "accent-soft": "#14244F",
        "attention": "#F4C873",
        "attention-soft": "#2A2008",
        "problem": "#FFB49E",
        "else": "#7B8087",
        "unlabelled": "#B4B9C0",
    },
    chosen_ink=0.2,
    hover_ink=0.16,
    track_ink=0.26,
    empty_ink=0.14,
    high=True,
)

TRAY_INK: dict[str, str] = {"light": "#242629", "dark": "#F1F1EF", "colour": "#4A7BEA"}  # ink for a light or dark panel


def palette_of(scheme: Scheme, *, high: bool = False) -> Palette:
    """The palette of `scheme`, in high contrast if asked."""
    if high:
        return HIGH_DARK if scheme == "dark" else HIGH_LIGHT
    return DARK if scheme == "dark" else LIGHT
