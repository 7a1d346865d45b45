"""Marks: descriptions of SVG elements, which the browser draws and `svg` writes down."""

import base64
import html

import numpy as np

#: The sizes of text in a picture, in units of which 16 are the text size that the reader chose.
LARGE, MIDDLE, SMALL = 20, 15, 13

# The colours of a still picture; those of a live one, which follow the page's theme, are in common.css.
STILL_STYLE = """
text { font-family: sans-serif; fill: #212121 }
.bpteach-up { stroke: #d55e00 } .bpteach-down { stroke: #0072b2 }
.bpteach-ink, .bpteach-dot, .bpteach-joint { stroke: #212121; fill: none }
.bpteach-paper { fill: #ffffff }
.bpteach-line { stroke: #8a8a8a; fill: none } .bpteach-grid { stroke: #dddddd }
"""

MARGIN = 8


def mark(tag, kind, text=None, **attributes):
    """Describe an SVG element.

    Parameters
    ----------
    tag : str
        The element's name, such as `path`.
    kind : str
        Its class is `bpteach-` and this; the style sheet gives it its colour.
    text : str or None
        What is written in it.
    **attributes : str, int or float
        Its attributes: `font_size` stands for font-size. Floats are rounded to two digits.

    Returns
    -------
    dict
        The mark.
    """
    described = {"tag": tag, "class": f"bpteach-{kind}"}
    for name, value in attributes.items():
        described[name.replace("_", "-")] = round(value, 2) if isinstance(value, float) else value
    return described if text is None else {**described, "text": text}


def write(x, y, text, size=SMALL, anchor="start", kind="text"):
    """Describe a line of text.

    Parameters
    ----------
    x : float
        Where it stands, from the left.
    y : float
        Where its base line is, from the top.
    text : str
        What it says.
    size : int
        The size of its letters.
    anchor : {"start", "middle", "end"}
        Which part of it stands at `x`.
    kind : str
        Its class, as in `mark`.

    Returns
    -------
    dict
        The mark.
    """
    return mark("text", kind, text, x=x, y=y, font_size=size, text_anchor=anchor)


def digit(pixels, side, x=0, y=0):
    """Describe an image: ink on paper, one path for each of 16 levels of ink, in a frame.

    Parameters
    ----------
    pixels : array, shape (n, n)
        From 0, paper, to 1, ink.
    side : float
        How wide and how high it is drawn.
    x : float
        Its left edge.
    y : float
        Its upper edge.

    Returns
    -------
    list of dict
        The marks.
    """
    place = f"scale({side / len(pixels):.4f}) translate(0 0.5)"
    if x or y:
        place = f"translate({x:g} {y:g}) {place}"
    levels = np.round(pixels * 16).astype(int)
    marks = [mark("rect", "line", x=x + 0.5, y=y + 0.5, width=side - 1, height=side - 1)]
    for level in range(1, 17):
        places = np.argwhere(levels == level)
        if len(places):
            d = "".join(f"M{k} {j}h1" for j, k in places)
            marks.append(mark("path", "ink", d=d, transform=place, opacity=level / 16))
    return marks


def svg(marks, width, height, style=""):
    """Write a picture as one SVG document, on white paper with a margin.

    Parameters
    ----------
    marks : list of dict
        Its marks.
    width : float
        How wide it is, without the margin.
    height : float
        How high it is, without the margin.
    style : str
        The colours of kinds that `STILL_STYLE` does not name.

    Returns
    -------
    str
        The document.
    """
    width, height = width + 2 * MARGIN, height + 2 * MARGIN
    box = f'width="{width}" height="{height}" viewBox="{-MARGIN} {-MARGIN} {width} {height}"'
    paper = mark("rect", "paper", x=-MARGIN, y=-MARGIN, width=width, height=height)
    elements = "\n".join(_element(**each) for each in [paper, *marks])
    return f'<svg xmlns="http://www.w3.org/2000/svg" {box}>\n<style>{STILL_STYLE}{style}</style>\n{elements}\n</svg>'


def _element(tag, text="", **attributes):
    inside = " ".join(f'{name}="{html.escape(str(value))}"' for name, value in attributes.items())
    return f"<{tag} {inside}>{html.escape(text)}</{tag}>"


def image(document, alt):
    """Write a picture as an HTML element.

    Parameters
    ----------
    document : str
        The picture, an SVG document.
    alt : str
        What is to be seen in it.

    Returns
    -------
    str
        An `img` element, for places where no widgets run.
    """
    source = base64.b64encode(document.encode()).decode()
    return f'<img alt="{html.escape(alt)}" src="data:image/svg+xml;base64,{source}" style="max-width: 100%">'


def number(value):
    """Write a number with two digits: 0.42, 0.0030, 1.2 × 10⁻⁵.

    Parameters
    ----------
    value : float
        The number.

    Returns
    -------
    str
        The text. A minus is the sign −.
    """
    if value == 0:
        return "0"
    sign = "−" if value < 0 else ""
    digits, _, exponent = f"{abs(value):#.2g}".partition("e")
    return f"{sign}{digits} × 10{raised(int(exponent))}" if exponent else f"{sign}{digits.rstrip('.')}"


def raised(value):
    """Write an integer as a superscript.

    Parameters
    ----------
    value : int
        The number.

    Returns
    -------
    str
        Such as ⁻³.
    """
    return str(value).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
