"""Judge a reader's function that changes the network in place: what counts is the network after the call."""

from bpteach.diagnosis.calls import is_blank
from bpteach.exercises.judging import as_slips, judge_function, stand_in
from bpteach.gradcheck import relative_error
from bpteach.locale import _, ngettext


def judge_network(function, right, calls, *, slips=(), revise=None, tolerance=1e-9, **how):
    """Compare what a reader's function does to its first argument, a network, with what the right one does.

    The other arguments are those of `judge_function`.
    """
    return judge_function(
        network_after(function),
        network_after(right),
        calls,
        slips=[slip._replace(wrong=network_after(slip.wrong)) for slip in as_slips(slips)],
        tolerance=tolerance,
        otherwise=lambda found, expected, *arguments: _fault_of_arrays(found, expected, tolerance),
        revise=revise and (lambda wrapped, told, trial: revise(function, told, trial)),
        **how,
    )


def network_after(function):
    """Wrap a function that changes a network so that it returns the network's arrays; `...` if it is still blank."""

    def changed(net, *arguments):
        before = _arrays(net.copy())
        result = function(net, *arguments)
        after = _arrays(net)
        unchanged = before.keys() == after.keys() and all((before[key] == after[key]).all() for key in before)
        return ... if result is Ellipsis or (unchanged and is_blank(function)) else after

    return stand_in(function, changed)


def _arrays(net):
    return {f"net.{name}[{i}]": array for name in ("biases", "weights") for i, array in enumerate(getattr(net, name))}


def _fault_of_arrays(found, expected, tolerance):
    """Say which arrays of a network are wrong; nothing if that cannot be said."""
    if found.keys() != expected.keys():
        return ""
    for name in expected:
        if found[name].shape != expected[name].shape:
            told = _("After the call, {name} has shape {found}: expected {expected}.")
            return told.format(name=name, found=found[name].shape, expected=expected[name].shape)
    wrong = [name for name in expected if relative_error(found[name], expected[name]) > tolerance]
    right = [name for name in expected if name not in wrong]
    if not wrong:
        return ""
    if not right:
        return _("After the call, all biases and weights have other numbers than expected.")
    told = ngettext(
        "After the call, {wrong} has other numbers than expected. Right: {right}.",
        "After the call, {wrong} have other numbers than expected. Right: {right}.",
        len(wrong),
    )
    return told.format(wrong=listed(wrong), right=listed(right))


def listed(names):
    *first, last = names
    return (", ".join(first) + _(" and ") if first else "") + last
