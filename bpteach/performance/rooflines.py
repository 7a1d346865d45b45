"""Roofline pictures: the roof that a machine's arithmetic and memory put over a computation, and points under it."""

from itertools import cycle

import numpy as np

from bpteach.arguments import require_positive
from bpteach.figures import BLACK, LOOKS, bring_letters, new_figure, picture
from bpteach.locale import _


def show_roofline(points, alt, *, peak, speed):
    """Draw the roof that arithmetic and memory put over every computation, and measured points under it.

    Parameters
    ----------
    points : dict of str to list of (str, float, float)
        What was measured, by name: a label, operations for each byte, and operations a second.
    alt : str
        What is to be seen.
    peak, speed : float
        Operations a second that the machine does at best, and bytes a second that it fetches and stores at best.

    Returns
    -------
    Picture
        Both axes are logarithmic: the roof rises where memory binds, and is level where arithmetic binds.

    Raises
    ------
    ValueError
        If a number is not above 0, or a list holds something else.

    References
    ----------
    S. Williams, A. Waterman, D. Patterson, "Roofline: an insightful visual performance model", 2009.
    """
    figure, axes = new_figure(9, 4.5)
    draw_roofline(axes, points, peak=peak, speed=speed)
    return picture(figure, alt)


def draw_roofline(axes, points, *, peak, speed):
    """Draw a roofline where a picture has more than one part; the arguments are those of `show_roofline`."""
    require_positive("peak", peak)
    require_positive("speed", speed)
    ridge = peak / speed
    intensities, reached = [ridge], [peak]
    sides = cycle([{"xytext": (7, -5), "ha": "left"}, {"xytext": (-7, -5), "ha": "right"}])
    for (name, measured), (color, marker, line), side in zip(points.items(), cycle(LOOKS), sides, strict=False):
        if not measured or any(len(point) != 3 or not min(point[1:]) > 0 for point in measured):
            message = _(
                "points[{name!r}] is {found}: expected a list of (label, operations a byte, operations a second)."
            )
            raise ValueError(message.format(name=name, found=measured))
        _labels, xs, ys = zip(*measured, strict=True)
        axes.plot(xs, ys, color=color, marker=marker, linestyle=line, label=name)
        for label, x, y in measured:
            axes.annotate(label, (x, y), color=color, textcoords="offset points", va="top", fontsize=11, **side)
        intensities += xs
        reached += ys
    left, right = min(intensities) / 3, max(intensities) * 3
    axes.plot([left, ridge, right], [speed * left, peak, peak], color=BLACK)
    axes.set(xscale="log", yscale="log", xlabel=_("operations for each byte fetched or stored"))
    axes.set(ylabel=_("operations a second"))
    axes.set(xlim=(left, right), ylim=(min([*reached, speed * left]) / 2, peak * 3))
    axes.legend(loc="center left", bbox_to_anchor=(1, 0.5), frameon=False)
    words = _("arithmetic: {peak:.3g} × $10^9$ operations a second").format(peak=peak / 1e9)
    axes.annotate(words, (right, peak), xytext=(-4, 5), textcoords="offset points", ha="right", va="bottom")
    bring_letters(axes.figure)
    axes.figure.draw_without_rendering()  # the slope of the roof on the page is known once everything has its place
    along = np.diff(axes.transData.transform([(left, speed * left), (ridge, peak)]), axis=0)[0]
    place = {"rotation": np.degrees(np.arctan2(along[1], along[0])), "rotation_mode": "anchor", "va": "bottom"}
    words = _("memory: {speed:.3g} × $10^9$ bytes a second").format(speed=speed / 1e9)
    axes.annotate(words, (left, speed * left), xytext=(8, 9), textcoords="offset points", **place)
