"""What else arrives at a check: unfinished, raising, hanging, printing, and things that are no such function at all."""
# The functions of the texts below, in the notation of learners.py, use these names.
# ruff: noqa: F401, N818

import contextlib
import functools
import sys
import threading
import time
import warnings

import numpy as np

import bpteach
from bpteach import sigmoid_prime
from learners import Register
from learners_backprop import forward, zeros
from learners_matrix import MATRIX, column_sums, errors, products, two_end

REFUSED = ("wrong", "stopped")
ODD_BACKPROP = Register("backprop", "net, x, y")
ODD_MATRIX = Register("backprop_matrix", "net, X, Y", like=MATRIX)
ODD_UPDATE = Register("update", "net, X, Y, eta", "net, mini_batch, eta")


def refuses(*arguments, **more):
    raise RuntimeError("no")


class Broken(Exception):
    """An exception that cannot even be printed."""

    __str__ = __repr__ = refuses


class Beyond(BaseException):
    """Something that no `except Exception` catches."""


def timed(function):

    @functools.wraps(function)
    def wrapper(*arguments):
        began = time.perf_counter()
        result = function(*arguments)
        print(f"took {time.perf_counter() - began:.3f} s")
        return result

    return wrapper


def made_by_exec(source):
    names = {"bpteach": bpteach, "np": np}
    exec(compile(source, "<nowhere>", "exec"), names)  # "<string>" would be `python -c`, whose source 3.13 knows
    return names["fn"]


class Awkward(np.ndarray):
    """An array that refuses to be compared or printed."""

    __array_ufunc__ = __repr__ = __str__ = refuses


class Hostile:
    """A result whose every question raises."""

    __getattribute__ = __iter__ = __len__ = __eq__ = refuses
    __hash__ = None


ODD_BACKPROP.read(
    r"""
== odd: unfinished ==
blank_backprop | an ellipsis for the body | ...

== odd: stopped ==
raises_label | asks for a label as a number
    Zs, As = forward(net, x)
    As[-1][y] -= 1
    return As, Zs

== odd: right ==
right_central | central differences with a coarse step
    cost = lambda probe: bpteach.cost(bpteach.feedforward(probe, x), y)
    return bpteach.numerical_gradient(cost, net, method="central", step=1e-4)
""",
    globals(),
)

ODD_MATRIX.read(
    r"""
== odd: unfinished ==
blank_body | an ellipsis for the body | ...
blank_result | returns an ellipsis | return ...
blank_with_docstring | a docstring and an ellipsis
    '''Compute the gradients of all the columns, summed.'''
    ...
blank_raises | NotImplementedError | raise NotImplementedError
blank_raises_later | NotImplementedError with words, after a start
    Zs, As = forward(net, X)
    raise NotImplementedError("the way back")
blank_used | a blank left and then used | short: (As[-1] - Y) * sigmoid_prime(Zs[-1]) → ...
blank_product | a blank left in a product | short: .T @ Delta * → .T @ ... *
blank_inside | a blank left in the result | short: nabla_w[-1] = Delta @ As[-2].T → nabla_w[-1] = ...
blank_pair | both lists blank
    nabla_b, nabla_w = ..., ...
    return nabla_b, nabla_w
decorated_blank | decorated, an ellipsis inside
    @timed
    def decorated_blank(net, X, Y):
        nabla_b = ...
        return nabla_b
exec_blank_result | made by exec, blanks in the result [maker]
    return made_by_exec("def fn(net, X, Y):\n    nabla_b, nabla_w = [...] * 3, [...] * 3\n    return nabla_b, nabla_w")
partial_blank | partial of a blank [maker] | return functools.partial(blank_with_docstring)

== odd: unfinished, wrong, stopped ==
blank_pass | pass | pass
blank_docstring | a docstring only | '''Compute the gradients.'''

== odd: stopped ==
raises_matmul | shapes that do not fit, @ | short: As[-2].T → As[-2][:-1]
raises_dot | shapes that do not fit, np.dot in the forward pass
    A = X
    for b, w in zip(net.biases, net.weights):
        A = np.dot(A, w[:, 1:]) + b
    return A
raises_broadcast | shapes that do not broadcast | return X[:, :-1] + Y
raises_einsum | einsum with a letter too many | return np.einsum("ijk,jk->i", X, Y)
raises_einsum_ellipsis | einsum whose complaint speaks of an ellipsis | return np.einsum("j...->j", X), Y
raises_index | IndexError
    Zs, As = forward(net, X)
    return As[len(As)], Zs
raises_long_loop | the loop goes one layer too far | short: len(net.sizes) → len(net.sizes) + 1
raises_name | NameError | return activations[-1] - Y
raises_unbound | UnboundLocalError
    for _ in []: Delta = X
    return Delta, Delta
raises_key | KeyError | return {}["Delta"]
raises_attribute | AttributeError | return net.activations
raises_type | TypeError: a list less a list | return net.weights - net.biases
raises_zero | ZeroDivisionError | return 1 / 0
raises_assert | an assertion | assert X.shape == (784, 10)
raises_markup | words with markup in them | raise ValueError("<script>alert('x')</script> & <b>bold</b> {0} {name}")
raises_long | many lines | raise ValueError("\n".join(["something"] * 1000))
raises_recursion | recursion without end | return raises_recursion(net, X, Y)
raises_unprintable | an exception whose str() raises | raise Broken
raises_base | a BaseException | raise Beyond("gone")
raises_group | an exception group | raise ExceptionGroup("both", [ValueError("one"), TypeError("two")])
raises_stop | StopIteration | return next(iter([]))
raises_generator_exit | GeneratorExit | raise GeneratorExit
exits | sys.exit() | sys.exit()
exits_with_words | sys.exit with words | sys.exit("no more <b>")
exits_by_exception | exit by its exception | raise SystemExit(3)
raises_memory | a huge array | return np.zeros((10**9, 10**9))
raises_ragged | raises on networks that are not square only: np.array of ragged lists | package:
    return nb, nw → return np.array(nb), np.array(nw)
exec_blank | made by exec, an ellipsis [maker] | return made_by_exec("def fn(net, X, Y):\n    ...")
exec_raises | made by exec, raises [maker] | return made_by_exec("def fn(net, X, Y):\n    return X @ Y[:-1]")
one_argument | one argument | def one_argument(net): return net.biases, net.weights
five_arguments | five arguments | def five_arguments(net, X, Y, eta, lmbda): return net.biases, net.weights
by_name_only | arguments by name only | def by_name_only(*, net, X, Y): return bpteach.backprop_matrix(net, X, Y)

== odd: right ==
decorated_right | decorated
    @timed
    def decorated_right(net, X, Y): return bpteach.backprop_matrix(net, X, Y)
blank_harmless | an ellipsis left where it does no harm | package: nb, nw = → if X.shape[1] == 0: ... ¶ nb, nw =
exec_right | made by exec [maker]
    return made_by_exec("def fn(net, X, Y):\n    return bpteach.backprop_matrix(net, X, Y)")
partial_right | partial [maker]
    return functools.partial(lambda scale, net, X, Y: bpteach.backprop_matrix(net, X, Y), 1.0)
static_right | a static method [maker]
    class Backpropagation:
        @staticmethod
        def gradient(net, X, Y):
            return bpteach.backprop_matrix(net, X, Y)

    return Backpropagation.gradient
star_arguments | *args | def star_arguments(*args): return bpteach.backprop_matrix(*args)
own_names | names of its own
    def own_names(network, inputs, labels): return bpteach.backprop_matrix(network, inputs, labels)
more_defaults | a default argument more
    def more_defaults(net, X, Y, verbose=False, *, scale=1): return bpteach.backprop_matrix(net, X, Y)
prints_much | prints a lot
    for _ in range(2000):
        print("here", X.shape, file=sys.stderr)
        print("<b>here</b>" * 10)
    return bpteach.backprop_matrix(net, X, Y)
changes_seterr | np.seterr | package: nb, nw = → np.seterr(all="raise") ¶ nb, nw =
changes_seed | seeds the global generator | package:
    nb, nw = → np.random.seed(0) ¶ np.random.standard_normal(3) ¶ nb, nw =
changes_stdout | takes sys.stdout away | package: nb, nw = → sys.stdout = None ¶ nb, nw =
changes_warnings | turns warnings to errors | package: nb, nw = → warnings.simplefilter("error") ¶ nb, nw =
changes_recursion_limit | a higher recursion limit | package:
    nb, nw = → sys.setrecursionlimit(sys.getrecursionlimit() + 500) ¶ nb, nw =
changes_print_options | print options | package: nb, nw = → np.set_printoptions(precision=1) ¶ nb, nw =
warns | warns | package: nb, nw = → warnings.warn("overflow, perhaps", stacklevel=1) ¶ np.log(np.zeros(1)) ¶ nb, nw =

== odd: convention ==
decorated_wrong | decorated [mistake factor-two]
    @timed
    def decorated_wrong(net, X, Y): return two_end(net, X, Y)

== odd: wrong, stopped ==
prints_result | prints the result and returns None | print(bpteach.backprop_matrix(net, X, Y))
gives_number | a number | return 0.5
gives_string | a string | return "nabla_b, nabla_w"
gives_letters | two letters | return "bw"
gives_true | True | return True
gives_dictionary | a dictionary | package: return nb, nw → return {"nabla_b": nb, "nabla_w": nw}
gives_one_list | one list | return bpteach.backprop_matrix(net, X, Y)[1]
gives_flat | one flat list | package: return nb, nw → return nb + nw
gives_pairs | pairs by layer | return list(zip(*bpteach.backprop_matrix(net, X, Y)))
gives_three | three things | return *bpteach.backprop_matrix(net, X, Y), 0.1
gives_function | a function | return bpteach.backprop_matrix
gives_dictionaries | dictionaries by layer
    return tuple({l: g for l, g in enumerate(part)} for part in bpteach.backprop_matrix(net, X, Y))
gives_empty | empty lists | return [], []
gives_more | a layer too many | package: return nb, nw → return [X, *nb], [X, *nw]
gives_nested | nested once too deep | package: return nb, nw → return [[b] for b in nb], [[w] for w in nw]
gives_words | strings in the lists | return ["<i>b</i>" for _ in net.biases], ["w" for _ in net.weights]
gives_nones | None in the lists | return [None] * len(net.biases), [None] * len(net.weights)
gives_nan | NaN | package: return nb, nw → return [b * np.nan for b in nb], nw
gives_infinity | infinity | package: return nb, nw → with np.errstate(all="ignore"): return nb, [w / 0 for w in nw]
gives_zeros | zeros everywhere | return zeros(net)
gives_parameters | the parameters themselves | return net.biases, net.weights
gives_booleans | booleans | return [b > 0 for b in net.biases], [w > 0 for w in net.weights]
gives_coroutine | async def | async def gives_coroutine(net, X, Y): return bpteach.backprop_matrix(net, X, Y)
gives_layers | yield in the loop
    acts, deltas = errors(net, X, Y)
    for d, a in zip(deltas, acts):
        yield d.sum(axis=1, keepdims=True), d @ a.T
gives_masked_all | masked arrays, all masked | package:
    return nb, nw → return [np.ma.masked_all_like(b) for b in nb], [np.ma.masked_all_like(w) for w in nw]
gives_integers | whole numbers | package:
    return nb, nw → return [b.astype(int) for b in nb], [w.astype(int) for w in nw]
gives_imaginary | complex numbers, not real | package: return nb, nw → return [b * 1j for b in nb], [w + 1j for w in nw]
gives_hostile | a result that refuses every question | return Hostile()
gives_hostiles | lists of such results | return [Hostile() for _ in net.biases], [Hostile() for _ in net.weights]

== odd: right, wrong, stopped ==
gives_generator | a generator of two lists | yield from bpteach.backprop_matrix(net, X, Y)
gives_generators | two generators | package: return nb, nw → return (b for b in nb), (w for w in nw)
gives_object_lists | arrays of objects as the lists
    nb, nw = bpteach.backprop_matrix(net, X, Y)
    b, w = np.empty(len(nb), dtype=object), np.empty(len(nw), dtype=object)
    b[:], w[:] = nb, nw
    return b, w
gives_objects | arrays of objects | package:
    return nb, nw → return [b.astype(object) for b in nb], [w.astype(object) for w in nw]
gives_lists | lists of lists of numbers | package:
    return nb, nw → return [b.tolist() for b in nb], [w.tolist() for w in nw]
gives_matrix | np.matrix | package: return nb, nw → return [np.asmatrix(b) for b in nb], [np.asmatrix(w) for w in nw]
gives_masked | masked arrays | package:
    return nb, nw → return [np.ma.masked_invalid(b) for b in nb], [np.ma.masked_invalid(w) for w in nw]
gives_few_digits | rounded | package: return nb, nw → return [b.round(7) for b in nb], [w.round(8) for w in nw]
gives_float32 | float32 | package:
    return nb, nw → return [b.astype(np.float32) for b in nb], [w.astype(np.float32) for w in nw]
gives_complex | complex numbers | package:
    return nb, nw → return [b.astype(complex) for b in nb], [w.astype(complex) for w in nw]
gives_awkward | an array class of its own that refuses everything | package:
    return nb, nw → return [b.view(Awkward) for b in nb], [w.view(Awkward) for w in nw]
changes_flags | the network frozen | package:
    nb, nw = → for array in net.weights + net.biases: array.flags.writeable = False ¶ nb, nw =

== odd: wrong ==
changes_deletes | deletes from the network [mistake arguments-changed] | package: return → del net.weights[-1] ¶ return
changes_deletes_attribute | deletes an attribute of the network [mistake arguments-changed] | package:
    return → del net.weights ¶ return
changes_weights | the network's weights become another list [mistake arguments-changed] | package:
    return → net.weights = [2 * w for w in net.weights] ¶ return
changes_weights_to_word | the network's weights become a word [mistake arguments-changed] | package:
    return → net.weights = "weights" ¶ return
changes_sizes | the sizes shortened [mistake arguments-changed] | package: return → net.sizes.pop() ¶ return
""",
    globals(),
)

ODD_UPDATE.read(
    r"""
== odd: unfinished ==
blank_update | an ellipsis for the body | ...
blank_update_loop | an ellipsis in the loop
    for x, y in mini_batch:
        ...
blank_update_right | blanks on the right
    nabla_b, nabla_w = bpteach.backprop_matrix(net, X, Y)
    net.weights = ...
    net.biases = ...

== odd: stopped ==
raises_pairs | takes pairs apart wrongly
    for x, y, z in mini_batch:
        bpteach.backprop(net, x, y)
raises_lists | lists less lists
    nb, nw = bpteach.backprop_matrix(net, X, Y)
    net.weights = net.weights - eta * nw
raises_half | raises when half the network is changed
    nb, nw = bpteach.backprop_matrix(net, X, Y)
    net.weights = [w - eta * g for w, g in zip(net.weights, nw)]
    net.biases = net.biases - nb
two_arguments | two arguments | def two_arguments(net, mini_batch): bpteach.update_mini_batch(net, mini_batch, 1.0)
five_arguments_update | five arguments
    def five_arguments_update(net, X, Y, eta, lmbda): bpteach.update_mini_batch_matrix(net, X, Y, eta)

== odd: right ==
changes_seterr_update | np.seterr
    np.seterr(all="raise")
    bpteach.update_mini_batch_matrix(net, X, Y, eta)
own_names_update | pairs, names of its own
    def own_names_update(network, batch, learning_rate): bpteach.update_mini_batch(network, batch, learning_rate)
default_rate | a rate with a default
    def default_rate(net, X, Y, eta=3.0): bpteach.update_mini_batch_matrix(net, X, Y, eta)

== odd: wrong, stopped ==
changes_update_word | the weights become a word | net.weights = "weights"
changes_update_lost | a layer lost
    bpteach.update_mini_batch_matrix(net, X, Y, eta)
    net.weights = net.weights[1:]
changes_update_nan | NaN in the network | net.weights = [w * np.nan for w in net.weights]
changes_nothing | gradients given back, nothing changed | return bpteach.backprop_matrix(net, X, Y)
changes_nothing_new | new parameters given back, nothing changed
    nb, nw = bpteach.backprop_matrix(net, X, Y)
    return [w - eta * g for w, g in zip(net.weights, nw)], [b - eta * g for b, g in zip(net.biases, nb)]

== odd: right, wrong, stopped ==
star_arguments_update | *args
    def star_arguments_update(*args):
        update = bpteach.update_mini_batch if len(args) == 3 else bpteach.update_mini_batch_matrix
        update(*args)
""",
    globals(),
)


# no functions, or functions of another kind: (what it is, the object, the states that are fit)


class Maker:
    """A class: making one of it takes net, X and Y."""

    def __init__(self, net, X, Y):
        self.gradient = bpteach.backprop_matrix(net, X, Y)


class Callable:
    def __call__(self, net, X, Y):
        acts, deltas = errors(net, X, Y)
        return column_sums(deltas), products(deltas, acts)


class Raising:
    __getattr__ = __repr__ = __call__ = refuses


OBJECTS = [
    ("an ellipsis", ..., ("unfinished",)),
    ("None", None, REFUSED),
    ("a number", 3, REFUSED),
    ("a string", "backprop_matrix", REFUSED),
    ("a list", [], REFUSED),
    ("an array", np.zeros((2, 2)), REFUSED),
    ("a module", np, REFUSED),
    ("a class", Maker, REFUSED),
    ("an object that can be called", Callable(), ("right",)),
    ("a bound method", Callable().__call__, ("right",)),
    ("a lambda", lambda net, X, Y: bpteach.backprop_matrix(net, X, Y), ("right",)),
    ("a builtin", print, REFUSED),
    ("a builtin without a signature", max, REFUSED),
    ("a ufunc", np.add, REFUSED),
    ("an exception class", ValueError, REFUSED),
    ("an object that raises", Raising(), REFUSED),
    ("a result in place of the function", ([np.zeros((2, 1))], [np.zeros((2, 2))]), REFUSED),
]


# it hangs: kept apart, for each takes as long as the time limit. Those that nothing can stop look at this, so that the
# tests can end them afterwards.

GIVE_UP = threading.Event()


HANGING = Register("backprop_matrix", "net, X, Y", "net, mini_batch, eta")
HANGING.read(
    r"""
== odd: stopped ==
hangs | does nothing | while True: pass
hangs_in_numpy | computes
    A = X
    while True:
        with contextlib.suppress(ValueError): A = np.tanh(A @ A.T @ X)
hangs_printing | prints | while True: print("still here", X.shape)
hangs_recursive | calls itself
    while True:
        try: hangs_recursive(net, X, Y)
        except RecursionError: continue
hangs_and_catches | catches everything
    while not GIVE_UP.is_set():
        try:
            while not GIVE_UP.is_set(): time.sleep(0)
        except: pass
hangs_waiting | waits | GIVE_UP.wait()
hangs_later | in its second call
    def hangs_later(net, X, Y, calls=[]):
        calls.append(1)
        if len(calls) > 1: hangs(net, X, Y)
        return bpteach.backprop_matrix(net, X, Y)
hangs_update | in a list that grows
    for pair in mini_batch:
        mini_batch.append(pair)
        mini_batch.pop(0)
        mini_batch.insert(0, pair)
""",
    globals(),
)


def interrupts(net, X, Y):
    raise KeyboardInterrupt
