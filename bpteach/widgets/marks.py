"""Marks: descriptions of SVG elements, which the browser draws and `svg` writes down."""

import html
import math
import re
import textwrap
from dataclasses import dataclass

import numpy as np

from bpteach.locale import _, language, width_of

LARGE, MIDDLE, SMALL = 20, 15, 13  # sizes of text, in units of which 16 are the size that the reader chose
MARGIN = 8  # of a still picture

# The colours of a still picture; those of a live one, which follow the page's theme, are in common.css.
STILL_STYLE = """
text { font-family: sans-serif; fill: #212121 }
.bpteach-up { stroke: #d55e00 } .bpteach-down { stroke: #0072b2 }
.bpteach-ink, .bpteach-dot, .bpteach-joint { stroke: #212121; fill: none }
.bpteach-paper { fill: #ffffff }
.bpteach-line { stroke: #8a8a8a; fill: none } .bpteach-grid { stroke: #dddddd }
"""


def mark(tag, kind, text=None, **attributes):
    """Describe an SVG element: `kind` is its class after `bpteach-`, `font_size` stands for font-size."""
    described = {"tag": tag, "class": f"bpteach-{kind}"}
    for name, value in attributes.items():
        described[name.replace("_", "-")] = round(value, 2) if isinstance(value, float) else value
    return described if text is None else {**described, "text": text}


def write(x, y, text, size=SMALL, anchor="start", kind="text"):
    """Describe a line of text, whose start, middle or end stands at `x`, and its base line at `y`."""
    return mark("text", kind, text, x=x, y=y, font_size=size, text_anchor=anchor)


def moved(marks, right, down=0):
    if not right and not down:
        return list(marks)
    shift = f"translate({right:g} {down:g})"
    return [{**each, "transform": f"{shift} {each.get('transform', '')}".strip()} for each in marks]


def digit(pixels, side, x=0, y=0):
    """Describe an image, from 0, paper, to 1, ink, in a frame: one path for each of 16 levels of ink. None is none."""
    if pixels is None:
        return []
    corner = f"translate({x:g} {y:g}) " if x or y else ""
    place = f"{corner}scale({side / len(pixels):.4f}) translate(0 0.5)"
    levels = np.round(pixels * 16).astype(int)
    marks = [mark("rect", "line", x=x + 0.5, y=y + 0.5, width=side - 1, height=side - 1)]
    for level in range(1, 17):
        places = np.argwhere(levels == level)
        if len(places):
            d = "".join(f"M{k} {j}h1" for j, k in places)
            marks.append(mark("path", "ink", d=d, transform=place, opacity=level / 16))
    return marks


def signed(values, pieces, **attributes):
    """Draw a piece of path for each number, those above 0 in one mark (up), those below 0 in another (down)."""
    marks = []
    for kind, sign in (("up", 1), ("down", -1)):
        d = "".join(piece for value, piece in zip(values, pieces, strict=True) if value * sign > 0)
        marks.append(mark("path", kind, d=d, **attributes))
    return marks


def upright_bars(values, left, width, zero, height):
    """Draw values from -1 to 1 as bars, up or down from the line `zero`; give the marks and the bars' middles."""
    pitch = width / len(values)
    middles = left + pitch * (np.arange(len(values)) + 0.5)
    pieces = [f"M{x:.1f} {zero:g}v{-v * height:.1f}" for x, v in zip(middles, values, strict=True)]
    return signed(values, pieces, stroke_width=min(0.75 * pitch, 20.0)), middles.tolist()


@dataclass(frozen=True)
class LogAxis:
    """An axis between two powers of ten, so wide from its left end on."""

    low: int
    high: int
    left: float
    width: float

    @classmethod
    def around(cls, values, left, width):
        """Take whole powers of ten around all that is above 0; what is 0 has no place on such an axis."""
        logarithms = [math.log10(value) for value in np.ravel(values) if value > 0] or [0]
        low = math.floor(min(logarithms))
        return cls(low, max(math.ceil(max(logarithms)), low + 1), left, width)

    def place(self, value):
        return self.left + self.width * (math.log10(value) - self.low) / (self.high - self.low)

    def ticks(self, most):
        """Choose exponents, evenly spaced, `most` steps between them at most; give each with its place."""
        chosen = range(self.low, self.high + 1, math.ceil((self.high - self.low) / most))
        return [(exponent, self.place(10.0**exponent)) for exponent in chosen if exponent > -308]


def number(value):
    """Write a number with two digits: 0.42, −0.0030, 1.2 × 10⁻⁵."""
    if value == 0:
        return "0"
    sign = "−" if value < 0 else ""
    digits, _letter, exponent = f"{abs(value):#.2g}".partition("e")
    return f"{sign}{digits} × 10{superscript(int(exponent))}" if exponent else f"{sign}{digits.rstrip('.')}"


def signed_number(value):
    """Write a number with two digits and its sign: +0.42."""
    return f"+{number(value)}" if value > 0 else number(value)


def short(value):
    """Write a number above 0 with three digits and no exponent: 0.123, 1.37, 21.5, 1560."""
    decimals = min(3, max(0, 2 - math.floor(math.log10(value))))
    return f"{value:.{decimals}f}" if value < 1000 else f"{float(f'{value:.3g}'):.0f}"


def power_of_ten(exponent, plain=range(-3, 4)):
    """Write a power of ten: 0.01, or 10⁻⁵ where the exponent is not among the plain ones."""
    return f"{10.0**exponent:g}" if exponent in plain else f"10{superscript(exponent)}"


def superscript(value):
    """Write an integer as a superscript, such as ⁻³."""
    return str(value).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))


def in_percent(number):
    return _("{number}\N{NO-BREAK SPACE}%").format(number=number)


def wrapped(text, columns):
    """Cut a text into lines of so many columns at most: between words, and after Han letters and their marks."""
    if width_of(text) == len(text):
        return textwrap.wrap(text, columns)
    lines = [""]
    for part in re.findall(r"[\u2e80-\uffef][，。：；、！？）”]*\s*|[^\s\u2e80-\uffef]+\s*", text):
        if lines[-1] and width_of(lines[-1] + part.rstrip()) > columns:
            lines.append("")
        lines[-1] += part
    return [line.rstrip() for line in lines]


def svg(marks, width, height, style=""):
    """Write a picture as one SVG document, on white paper with a margin; `style` colours kinds of its own."""
    width, height = width + 2 * MARGIN, height + 2 * MARGIN
    box = f'width="{width}" height="{height}" viewBox="{-MARGIN} {-MARGIN} {width} {height}"'
    box += "" if language() == "en" else f' xml:lang="{language().replace("_", "-")}"'  # which forms Han letters take
    paper = mark("rect", "paper", x=-MARGIN, y=-MARGIN, width=width, height=height)
    elements = "\n".join(_element(**each) for each in [paper, *marks])
    return f'<svg xmlns="http://www.w3.org/2000/svg" {box}>\n<style>{STILL_STYLE}{style}</style>\n{elements}\n</svg>'


def _element(tag, text="", **attributes):
    inside = " ".join(f'{name}="{html.escape(str(value))}"' for name, value in attributes.items())
    return f"<{tag} {inside}>{html.escape(text)}</{tag}>"
