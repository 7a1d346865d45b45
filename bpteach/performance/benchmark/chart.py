"""The benchmark's numbers as one picture. Needs Matplotlib."""

from bpteach.figures import LOOKS, new_figure, picture
from bpteach.locale import _
from bpteach.performance.rooflines import draw_roofline


def draw(result):
    """Draw times, growth, and a roofline for each precision; say in a sentence what is to be seen."""
    figure, grid = new_figure(15, 9, rows=2, columns=2)
    figure.set_layout_engine(None)  # a roof's slope on the page is known only where no later part moves it
    figure.subplots_adjust(left=0.06, right=0.98, bottom=0.08, top=0.95, wspace=0.2, hspace=0.3)
    (times, growth), roofs = grid
    dtypes = dict.fromkeys(part["dtype"] for part in result["steps"])
    first, second = ([part for part in result["steps"] if part["dtype"] == dtype] for dtype in dtypes)
    _draw_times(times, first)
    _draw_growth(growth, result["growth"])
    for axes, parts in zip(roofs, (first, second), strict=True):
        _draw_roofline(axes, parts)
    shares = [part["share_of_peak"]["median"] for part in result["steps"]]
    sentence = _(
        "Four panels: the time of a step against the mini-batch size, how the matrix step grows, and for each "
        "precision a roofline with the step's points under it, from {low:.0%} to {high:.0%} of the peak."
    )
    return picture(figure, sentence.format(low=min(shares), high=max(shares)))


def _draw_times(axes, parts):
    ms = [part["m"] for part in parts]
    for name, (colour, marker, line) in zip(parts[0]["seconds"], LOOKS, strict=False):
        microseconds = [1e6 * part["seconds"][name]["median"] for part in parts]
        axes.plot(ms, microseconds, line, marker=marker, color=colour, label=_(name))
    axes.set(title=_("time of a step"), xlabel=_("mini-batch size $m$"), xscale="log", yscale="log")
    axes.set_ylabel(_("µs a step, {dtype}").format(dtype=parts[0]["dtype"]))
    low, high = axes.get_ylim()
    axes.set_ylim(low, 30 * high)  # room for the legend
    axes.legend(fontsize=9, ncols=2, loc="upper left")


def _draw_roofline(axes, parts):
    dtype = parts[0]["dtype"]
    roofs = [part["roofline"] for part in parts]
    peak, speed = (max(roof[name] for roof in roofs) for name in ("peak", "speed"))
    reached = [part["share_of_peak"]["median"] * peak for part in parts]  # the share was taken round by round
    points = [(str(part["m"]), part["roofline"]["intensity"], y) for part, y in zip(parts, reached, strict=True)]
    draw_roofline(axes, {"matrix step": points}, peak=peak, speed=speed)
    axes.get_legend().remove()
    axes.set_title(_("roofline of the matrix step, {dtype}").format(dtype=dtype))


def _draw_growth(axes, parts):
    for (colour, marker, line), part in zip(LOOKS, parts, strict=False):
        label = _("{of}: exponent {exponent:.2f}").format(of=_(part["of"]), exponent=part["exponent"])
        milliseconds = [1e3 * seconds for seconds in part["seconds"]]
        axes.plot(part["values"], milliseconds, line, marker=marker, color=colour, label=label)
    axes.set(title=_("growth of the matrix step"), xlabel=_("mini-batch size, width, depth"), ylabel=_("ms a step"))
    axes.set(xscale="log", yscale="log")
    axes.legend(fontsize=9)
