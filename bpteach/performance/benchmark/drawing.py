"""The benchmark's numbers as one picture. Needs Matplotlib."""

from bpteach.figures import LOOKS, new_figure, picture

WORDS = {
    "times": "time of a step",
    "m": "mini-batch size $m$",
    "µs": "µs a step, {dtype}",
    "roofline": "roofline",
    "intensity": "operations a byte",
    "speed": "operations a second",
    "roof": "roof, {dtype}",
    "points": "matrix step, {dtype}",
    "growth": "growth of the matrix step",
    "value": "mini-batch size, width, depth",
    "seconds": "ms a step",
    "curve": "{of}: exponent {exponent:.2f}",
    "alt": "Three panels. Time of a step against the mini-batch size: for m = {most} the matrix step takes {step:.3g} "
    "µs, the slowest, {slowest}, {slow:.3g} µs. The roofline with the step's points below it: they climb from "
    "{low:.0%} to {high:.0%} of the peak. Growth: {growth}.",
    "grows": "{of} to the power {exponent:.2f}",
}


def draw(result):
    """Draw times, roofline and growth, side by side.

    Parameters
    ----------
    result : dict
        What `benchmark` has measured.

    Returns
    -------
    Picture
        A PNG and a sentence that says what is to be seen.
    """
    figure, grid = new_figure(15, 4.5, columns=3)
    times, roof, growth = grid.ravel()
    first = [part for part in result["steps"] if part["dtype"] == result["steps"][0]["dtype"]]
    _draw_times(times, first)
    _draw_roofline(roof, result["steps"])
    _draw_growth(growth, result["growth"])
    return picture(figure, _sentence(result, first))


def _draw_times(axes, parts):
    ms = [part["m"] for part in parts]
    for index, name in enumerate(parts[0]["seconds"]):
        colour, marker, line = LOOKS[index % len(LOOKS)]
        fill = "full" if index < len(LOOKS) else "none"  # more curves than looks: hollow markers
        microseconds = [1e6 * part["seconds"][name]["median"] for part in parts]
        axes.plot(ms, microseconds, line, marker=marker, fillstyle=fill, color=colour, label=name)
    axes.set(title=WORDS["times"], xlabel=WORDS["m"], ylabel=WORDS["µs"].format(dtype=parts[0]["dtype"]))
    axes.set(xscale="log", yscale="log")
    low, high = axes.get_ylim()
    axes.set_ylim(low, 30 * high)  # room for the legend
    axes.legend(fontsize=9, ncols=2, loc="upper left")


def _draw_roofline(axes, steps):
    for index, dtype in enumerate(dict.fromkeys(part["dtype"] for part in steps)):
        colour, marker, line = LOOKS[index]
        parts = [part for part in steps if part["dtype"] == dtype]
        roofs = [part["roofline"] for part in parts]
        peak, speed = (max(roof[name] for roof in roofs) for name in ("peak", "speed"))
        corner, right = peak / speed, 3 * max(roof["intensity"] for roof in roofs)
        heights = [peak / 4, peak, peak]
        axes.plot([corner / 4, corner, right], heights, line, color=colour, label=WORDS["roof"].format(dtype=dtype))
        xs = [roof["intensity"] for roof in roofs]
        ys = [part["share_of_peak"]["median"] * peak for part in parts]  # the share was taken round by round
        axes.plot(xs, ys, marker, color=colour, label=WORDS["points"].format(dtype=dtype))
        for x, y, part in zip(xs, ys, parts, strict=True):
            axes.annotate(part["m"], (x, y), textcoords="offset points", xytext=(6, -4), fontsize=9)
    axes.set(title=WORDS["roofline"], xlabel=WORDS["intensity"], ylabel=WORDS["speed"], xscale="log", yscale="log")
    axes.legend(fontsize=9)


def _draw_growth(axes, parts):
    for (colour, marker, line), part in zip(LOOKS, parts, strict=False):
        label = WORDS["curve"].format(**part)
        milliseconds = [1e3 * seconds for seconds in part["seconds"]]
        axes.plot(part["values"], milliseconds, line, marker=marker, color=colour, label=label)
    axes.set(title=WORDS["growth"], xlabel=WORDS["value"], ylabel=WORDS["seconds"], xscale="log", yscale="log")
    axes.legend(fontsize=9)


def _sentence(result, parts):
    last = parts[-1]
    microseconds = {name: 1e6 * seconds["median"] for name, seconds in last["seconds"].items()}
    slowest = max(microseconds, key=microseconds.get)
    shares = [part["share_of_peak"]["median"] for part in result["steps"]]
    return WORDS["alt"].format(
        most=last["m"],
        step=microseconds["matrix step"],
        slowest=slowest,
        slow=microseconds[slowest],
        low=min(shares),
        high=max(shares),
        growth=", ".join(WORDS["grows"].format(**part) for part in result["growth"]),
    )
