"""Still pictures with one look: colour-blind-safe, zero in the middle, and a sentence for those who cannot see them.

Every function returns a `Picture`, which a notebook shows when it ends a cell.
"""

import base64
import html
import io
from itertools import cycle

import numpy as np
from matplotlib import font_manager, rc_context
from matplotlib.figure import Figure
from matplotlib.text import Text

from bpteach.arguments import name_of, require_count, require_length
from bpteach.backpropagation import backprop, forward_pass
from bpteach.locale import _, font

#: The house style, as Matplotlib's settings
STYLE = {
    "figure.dpi": 100,
    "figure.constrained_layout.use": True,
    "font.size": 12,
    "axes.titlesize": 12,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": "#dddddd",
    "axes.axisbelow": True,
    "lines.linewidth": 2,
    "lines.markersize": 6,
    "legend.frameon": False,
    "legend.fontsize": 11,
}

#: Okabe and Ito's colours, which readers of every kind of colour vision tell apart
BLUE, ORANGE, GREEN, PURPLE, SKY, BLACK = "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#000000"

#: Colour, marker and line of the first curve, the second, ...: three ways to tell them apart
LOOKS = [
    (BLUE, "o", "-"),
    (ORANGE, "s", "--"),
    (GREEN, "^", "-."),
    (PURPLE, "D", ":"),
    (SKY, "v", "-"),
    (BLACK, "x", "--"),
]

SIGNED = "PuOr_r"  # positive orange, zero white, negative purple


class Picture:
    """A finished picture, as the bytes of a PNG file, and the sentence that says what is to be seen on it."""

    def __init__(self, png, alt):
        self.png = png
        self.alt = alt

    def __repr__(self):
        return _("Picture: {alt}").format(alt=self.alt)

    def _repr_mimebundle_(self, include=None, exclude=None):
        """Show an `<img>` with its alt text, which a bare PNG would lose."""
        data = base64.b64encode(self.png).decode()
        tag = f'<img alt="{html.escape(self.alt)}" src="data:image/png;base64,{data}" style="max-width: 100%">'
        return {"text/html": tag, "text/plain": repr(self)}


def new_figure(width=9, height=3.5, *, rows=1, columns=1):
    """Open a figure in the house style.

    Parameters
    ----------
    width, height : float
        Inches.
    rows, columns : int
        How many rows of axes, and how many axes in a row.

    Returns
    -------
    pair (matplotlib.figure.Figure, matplotlib.axes.Axes or array of them)
        The figure, which appears nowhere until `picture` finishes it, and where to draw.
    """
    with rc_context(STYLE):
        figure = Figure(figsize=(width, height))
        return figure, figure.subplots(rows, columns)


def picture(figure, alt):
    """Finish a figure.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        What to show.
    alt : str
        A sentence that says what is to be seen, for readers who do not see it.

    Returns
    -------
    Picture
        The finished picture.

    Raises
    ------
    TypeError, ValueError
        If `alt` is no text, or empty.
    """
    if not isinstance(alt, str) or not alt.strip():
        message = _("alt is {found}: expected a sentence that says what is to be seen.")
        raise (ValueError if isinstance(alt, str) else TypeError)(message.format(found=name_of(alt)))
    png = io.BytesIO()
    bring_letters(figure)
    with rc_context(STYLE):
        figure.savefig(png, format="png", metadata={"Software": None})
    return Picture(png.getvalue(), alt)


def bring_letters(figure):
    """Give a figure's texts the font of a language whose letters Matplotlib's own lacks, before it is laid out."""
    if not font():
        return
    families = ["DejaVu Sans", font_manager.get_font(font()).family_name]
    if families[1] not in font_manager.fontManager.get_font_names():
        font_manager.fontManager.addfont(font())
    for text in figure.findobj(Text):
        said = text.get_text()
        if max(said, default="") >= "\u2e80":  # Han letters; beside a formula the first font has to do
            text.set_fontfamily(families[::-1] if "$" in said else families)


def show_digits(images, alt, *, titles=None, columns=10):
    """Show images side by side.

    Parameters
    ----------
    images : array, shape (count, n²)
        One row an image, such as `training.images[:10]`, or columns transposed, `X.T`.
    alt : str
        What is to be seen.
    titles : list of str, optional
        One title an image.
    columns : int
        How many images in a row.

    Returns
    -------
    Picture
        Ink is dark, background is light.

    Raises
    ------
    TypeError, ValueError
        If `columns` is no count; if the images are not square, or there are not as many titles.
    """
    images = np.atleast_2d(images)
    require_count("columns", columns)
    count, side, columns = len(images), _side(images.shape), min(columns, len(images))
    rows, width = -(-count // columns), min(9, 1.4 * columns)
    height = width / columns + (0 if titles is None else 0.3)
    figure, axes = new_figure(width, rows * height, rows=rows, columns=columns)
    for place, (image, title) in zip(np.ravel(axes), _each_with(titles, images), strict=False):
        place.imshow(image.reshape(side, side), cmap="gray_r")
        place.set_title(title, fontsize=11)
    for place in np.ravel(axes):
        place.axis("off")
    return picture(figure, alt)


def show_pass(net, x, y, alt):
    """Show one example going forward through the network, and its error coming back.

    Parameters
    ----------
    net : Network
        The network.
    x, y : arrays, shapes (n_1, 1) and (n_L, 1)
        The input, a square image, and the desired output.
    alt : str
        What is to be seen.

    Returns
    -------
    Picture
        Above, the activations of every layer; below each, its δ, on one scale for all layers.

    Raises
    ------
    TypeError, ValueError
        If `x` or `y` is no array of floats; if a shape does not fit the network, or `x` is no square image.

    References
    ----------
    Nielsen, *Neural Networks and Deep Learning*, chapter 2, equations (BP1) and (BP2).
    """
    deltas, _nabla_w = backprop(net, x, y)
    _zs, activations = forward_pass(net, x)
    side, layers = _side(x.T.shape), range(2, len(net.sizes) + 1)
    figure, axes = new_figure(3 * len(net.sizes), 5, rows=2, columns=len(net.sizes))
    axes[0, 0].imshow(x.reshape(side, side), cmap="gray_r")
    axes[0, 0].set_title(_("the input $x$"))
    axes[0, 0].axis("off")
    axes[1, 0].axis("off")
    directions = _("above, forward →\nactivations $a$\n\nbelow, ← backward\nerrors $\\delta$")
    axes[1, 0].text(0.5, 0.5, directions, ha="center", va="center", fontsize=13, linespacing=1.4)
    largest = max(np.abs(delta).max() for delta in deltas) * 1.05
    for above, below, l, a, delta in zip(axes[0, 1:], axes[1, 1:], layers, activations[1:], deltas, strict=True):
        above.bar(np.arange(len(a)), a.ravel(), color=BLACK, width=0.7)
        above.set(ylim=(0, 1.05), title=_("$a^{{{l}}}$: layer {l}").format(l=l))
        below.bar(np.arange(len(a)), delta.ravel(), color=np.where(delta.ravel() < 0, BLUE, ORANGE), width=0.7)
        below.axhline(0, color=BLACK, linewidth=0.8)
        below.set(ylim=(-largest, largest), title=f"$\\delta^{{{l}}}$", xlabel=_("neuron $j$"))
        for place in (above, below):
            place.set_xticks(np.arange(0, len(a), 1 if len(a) <= 10 else 5))
    return picture(figure, alt)


def show_signed(values, alt, *, titles=None):
    """Show matrices of positive and negative numbers, zero in the middle of the colours.

    Parameters
    ----------
    values : matrix or list of matrices
        What to show, all on one scale, at most five in a row.
    alt : str
        What is to be seen.
    titles : list of str, optional
        One title a matrix.

    Returns
    -------
    Picture
        Positive orange, negative purple, with a colour bar; what lies below −1/20 of the largest is dotted.

    Raises
    ------
    ValueError
        If something is no matrix, or there are not as many titles.
    """
    matrices = [_as_matrix("values", matrix) for matrix in (values if isinstance(values, list | tuple) else [values])]
    columns = min(5, len(matrices))
    rows = -(-len(matrices) // columns)
    width = min(8 / columns, 3)
    height = np.clip(width * matrices[0].shape[0] / matrices[0].shape[1], 0.8, 4.5)
    figure, axes = new_figure(columns * width + 1.2, rows * (height + 0.4) + 0.2, rows=rows, columns=columns)
    largest = max(np.abs(matrix).max() for matrix in matrices) or 1
    for place in np.ravel(axes)[len(matrices) :]:
        place.axis("off")
    for place, (matrix, title) in zip(np.ravel(axes), _each_with(titles, matrices), strict=False):
        image = place.imshow(matrix, cmap=SIGNED, vmin=-largest, vmax=largest)
        row, column = np.nonzero(matrix < -largest / 20)
        place.scatter(column, row, s=2, color=BLACK, linewidths=0)
        place.set_title(title)
        place.grid(visible=False)
        if max(matrix.shape) > 12:
            place.set(xticks=[], yticks=[])
    figure.colorbar(image, ax=axes, shrink=0.9, label=_("dots: clearly negative"), location="right")
    return picture(figure, alt)


def show_curves(xs, curves, alt, *, xlabel="", ylabel="", log=""):
    """Draw curves over one axis, told apart by colour, marker and line.

    Parameters
    ----------
    xs : sequence of float, length n
        Where the points stand.
    curves : dict of str to sequence of float
        What to draw, by name.
    alt : str
        What is to be seen.
    xlabel, ylabel : str
        What the axes show.
    log : {"", "x", "y", "xy"}
        Which axes are logarithmic.

    Returns
    -------
    Picture
        The curves, with a legend.

    Raises
    ------
    ValueError
        If a curve does not have as many values as `xs`.
    """
    figure, axes = new_figure(9, 4)
    for (name, values), (color, marker, line) in zip(curves.items(), cycle(LOOKS), strict=False):
        require_length(name, values, len(xs), _("one for each value of xs"))
        axes.plot(xs, values, color=color, marker=marker, linestyle=line, label=name)
    if "x" in log:
        axes.set_xscale("log")
    if "y" in log:
        axes.set_yscale("log")
    axes.set(xlabel=xlabel, ylabel=ylabel)
    if len(curves) > 1:
        axes.legend(loc="center left", bbox_to_anchor=(1, 0.5))
    return picture(figure, alt)


def show_confusion(counts, alt):
    """Show how often each digit was taken for each other one.

    Parameters
    ----------
    counts : array of int, shape (10, 10)
        Row: the digit it is. Column: the network's answer.
    alt : str
        What is to be seen.

    Returns
    -------
    Picture
        Mistakes are shaded by their number; right answers stand on the diagonal, unshaded.

    Raises
    ------
    ValueError
        If `counts` is no square matrix.
    """
    counts = _as_matrix("counts", counts)
    require_length("counts", counts, counts.shape[1], _("a row for each column"))
    figure, axes = new_figure(7, 5.6)
    mistakes = counts - np.diag(np.diag(counts))
    axes.imshow(mistakes, cmap="Oranges", vmin=0, vmax=max(1, mistakes.max()) * 1.4)
    for row, column in np.ndindex(counts.shape):
        weight = "bold" if row == column else "normal"
        text = str(counts[row, column]) if counts[row, column] else "·"
        axes.text(column, row, text, ha="center", va="center", fontsize=10, fontweight=weight)
    places = range(len(counts))
    axes.set(xticks=places, yticks=places, xlabel=_("the network's answer"), ylabel=_("the digit it is"))
    axes.grid(visible=False)
    return picture(figure, alt)


def _side(shape):
    """Give the side of the images that are rows of an array."""
    side = round(np.sqrt(shape[-1]))
    if len(shape) != 2 or side * side != shape[1]:
        raise ValueError(_("images has shape {shape}: expected rows of n × n pixels, (count, n²).").format(shape=shape))
    return side


def _as_matrix(name, values):
    values = np.asarray(values)
    if values.ndim != 2:
        raise ValueError(_("{name} has shape {shape}: expected a matrix.").format(name=name, shape=values.shape))
    return values


def _each_with(titles, images):
    titles = [""] * len(images) if titles is None else titles
    require_length("titles", titles, len(images), _("one for each image"))
    return list(zip(images, titles, strict=True))
