"""Judge a reader's function that changes the network in place: what counts is the network after the call."""

from bpteach.diagnosis.calls import is_blank
from bpteach.exercises.judging import as_slips, judge_function, stand_in
from bpteach.exercises.values import fault_of
from bpteach.locale import _


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
    """Say which arrays of a network are wrong, and what is wrong with the first of them."""
    if found.keys() != expected.keys():
        return ""
    faults = {name: fault_of(found[name], expected[name], tolerance) for name in expected}
    wrong, right = ([name for name in expected if bool(faults[name]) == is_wrong] for is_wrong in (True, False))
    told = _("Wrong after the call: {wrong}. Right: {right}. {fault}")
    fault = faults[wrong[0]]._replace(place=wrong[:1]).told({wrong[0]: wrong[0]})
    return told.format(wrong=listed(wrong), right=listed(right or [_("none")]), fault=fault)


def listed(names):
    *first, last = names
    return (_(", ").join(first) + _(" and ") if first else "") + last
