"""What else arrives at a check: unfinished, raising, hanging, printing, and things that are no such function at all."""
# The code is a learner's, faults of style included.
# ruff: noqa: B006, B007, B905, C416, E722, F821, N818, NPY002, RUF059

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
from learners_matrix import column_sums, errors, products

ODD_BACKPROP, ODD_MATRIX, ODD_UPDATE = Register("backprop"), Register("backprop_matrix"), Register("update")
odd = ODD_MATRIX.odd
REFUSED = ("wrong", "stopped")
ANY = ("right", "wrong", "stopped")


# unfinished


@odd("unfinished", style="an ellipsis for the body")
def blank_body(net, X, Y): ...


@odd("unfinished", style="returns an ellipsis")
def blank_result(net, X, Y):
    return ...


@odd("unfinished", style="a docstring and an ellipsis")
def blank_with_docstring(net, X, Y):
    """Compute the gradients of all the columns, summed."""
    ...


@odd("unfinished", style="NotImplementedError")
def blank_raises(net, X, Y):
    raise NotImplementedError


@odd("unfinished", style="NotImplementedError with words, after a start")
def blank_raises_later(net, X, Y):
    Zs, As = forward(net, X)
    raise NotImplementedError("the way back")


@odd("unfinished", style="a blank left and then used")
def blank_used(net, X, Y):
    nabla_b, nabla_w = zeros(net)
    Zs, As = forward(net, X)
    Delta = ...
    nabla_b[-1] = Delta.sum(axis=1, keepdims=True)
    nabla_w[-1] = Delta @ As[-2].T
    return nabla_b, nabla_w


@odd("unfinished", style="a blank left in a product")
def blank_product(net, X, Y):
    nabla_b, nabla_w = zeros(net)
    Zs, As = forward(net, X)
    Delta = (As[-1] - Y) * sigmoid_prime(Zs[-1])
    nabla_b[-1] = Delta.sum(axis=1, keepdims=True)
    nabla_w[-1] = Delta @ As[-2].T
    for l in range(2, len(net.sizes)):
        Delta = (net.weights[-l + 1].T @ ...) * sigmoid_prime(Zs[-l])
        nabla_b[-l] = Delta.sum(axis=1, keepdims=True)
        nabla_w[-l] = Delta @ As[-l - 1].T
    return nabla_b, nabla_w


@odd("unfinished", style="a blank left in the result")
def blank_inside(net, X, Y):
    nabla_b, nabla_w = zeros(net)
    Zs, As = forward(net, X)
    Delta = (As[-1] - Y) * sigmoid_prime(Zs[-1])
    nabla_b[-1] = Delta.sum(axis=1, keepdims=True)
    nabla_w[-1] = ...
    return nabla_b, nabla_w


@odd("unfinished", style="both lists blank")
def blank_pair(net, X, Y):
    nabla_b, nabla_w = ..., ...
    return nabla_b, nabla_w


@odd("unfinished", "wrong", "stopped", style="pass")
def blank_pass(net, X, Y):
    pass


@odd("unfinished", "wrong", "stopped", style="a docstring only")
def blank_docstring(net, X, Y):
    """Compute the gradients."""


@ODD_BACKPROP.odd("unfinished", style="an ellipsis for the body")
def blank_backprop(net, x, y): ...


@ODD_UPDATE.odd("unfinished", style="an ellipsis for the body")
def blank_update(net, X, Y, eta): ...


@ODD_UPDATE.odd("unfinished", style="an ellipsis in the loop")
def blank_update_loop(net, mini_batch, eta):
    for x, y in mini_batch:
        ...


@ODD_UPDATE.odd("unfinished", style="blanks on the right")
def blank_update_right(net, X, Y, eta):
    nabla_b, nabla_w = bpteach.backprop_matrix(net, X, Y)
    net.weights = ...
    net.biases = ...


# it raises


@odd("stopped", style="shapes that do not fit, @")
def raises_matmul(net, X, Y):
    Zs, As = forward(net, X)
    Delta = (As[-1] - Y) * sigmoid_prime(Zs[-1])
    return [Delta], [Delta @ As[-2][:-1]]


@odd("stopped", style="shapes that do not fit, np.dot in the forward pass")
def raises_dot(net, X, Y):
    A = X
    for b, w in zip(net.biases, net.weights):
        A = np.dot(A, w[:, 1:]) + b
    return A


@odd("stopped", style="shapes that do not broadcast")
def raises_broadcast(net, X, Y):
    return X[:, :-1] + Y


@odd("stopped", style="einsum with a letter too many")
def raises_einsum(net, X, Y):
    return np.einsum("ijk,jk->i", X, Y)


@odd("stopped", style="einsum whose complaint speaks of an ellipsis")
def raises_einsum_ellipsis(net, X, Y):
    return np.einsum("j...->j", X), Y


@odd("stopped", style="IndexError")
def raises_index(net, X, Y):
    Zs, As = forward(net, X)
    return As[len(As)], Zs


@odd("stopped", style="the loop goes one layer too far")
def raises_long_loop(net, X, Y):
    nabla_b, nabla_w = zeros(net)
    Zs, As = forward(net, X)
    Delta = (As[-1] - Y) * sigmoid_prime(Zs[-1])
    for l in range(2, len(net.sizes) + 1):
        Delta = net.weights[-l + 1].T @ Delta * sigmoid_prime(Zs[-l])
        nabla_b[-l] = Delta.sum(axis=1, keepdims=True)
        nabla_w[-l] = Delta @ As[-l - 1].T
    return nabla_b, nabla_w


@odd("stopped", style="NameError")
def raises_name(net, X, Y):
    return activations[-1] - Y


@odd("stopped", style="UnboundLocalError")
def raises_unbound(net, X, Y):
    for _ in []:
        Delta = X
    return Delta, Delta


@odd("stopped", style="KeyError")
def raises_key(net, X, Y):
    return {}["Delta"]


@odd("stopped", style="AttributeError")
def raises_attribute(net, X, Y):
    return net.activations


@odd("stopped", style="TypeError: a list less a list")
def raises_type(net, X, Y):
    return net.weights - net.biases


@odd("stopped", style="ZeroDivisionError")
def raises_zero(net, X, Y):
    return 1 / 0


@odd("stopped", style="an assertion")
def raises_assert(net, X, Y):
    assert X.shape == (784, 10)


@odd("stopped", style="words with markup in them")
def raises_markup(net, X, Y):
    raise ValueError("<script>alert('x')</script> & <b>bold</b> {0} {name}")


@odd("stopped", style="many lines")
def raises_long(net, X, Y):
    raise ValueError("\n".join(["something"] * 1000))


@odd("stopped", style="recursion without end")
def raises_recursion(net, X, Y):
    return raises_recursion(net, X, Y)


class Broken(Exception):
    """An exception that cannot even be printed."""

    def __str__(self):
        raise RuntimeError

    __repr__ = __str__


@odd("stopped", style="an exception whose str() raises")
def raises_unprintable(net, X, Y):
    raise Broken


class Beyond(BaseException):
    """Something that no `except Exception` catches."""


@odd("stopped", style="a BaseException")
def raises_base(net, X, Y):
    raise Beyond("gone")


@odd("stopped", style="an exception group")
def raises_group(net, X, Y):
    raise ExceptionGroup("both", [ValueError("one"), TypeError("two")])


@odd("stopped", style="StopIteration")
def raises_stop(net, X, Y):
    return next(iter([]))


@odd("stopped", style="GeneratorExit")
def raises_generator_exit(net, X, Y):
    raise GeneratorExit


@odd("stopped", style="sys.exit()")
def exits(net, X, Y):
    sys.exit()


@odd("stopped", style="sys.exit with words")
def exits_with_words(net, X, Y):
    sys.exit("no more <b>")


@odd("stopped", style="exit by its exception")
def exits_by_exception(net, X, Y):
    raise SystemExit(3)


@odd("stopped", style="a huge array")
def raises_memory(net, X, Y):
    return np.zeros((10**9, 10**9))


@odd("stopped", style="raises on networks that are not square only: np.array of ragged lists")
def raises_ragged(net, X, Y):
    nb, nw = bpteach.backprop_matrix(net, X, Y)
    return np.array(nb), np.array(nw)


@ODD_BACKPROP.odd("stopped", style="asks for a label as a number")
def raises_label(net, x, y):
    Zs, As = forward(net, x)
    As[-1][y] -= 1
    return As, Zs


@ODD_UPDATE.odd("stopped", style="takes pairs apart wrongly")
def raises_pairs(net, mini_batch, eta):
    for x, y, z in mini_batch:
        bpteach.backprop(net, x, y)


@ODD_UPDATE.odd("stopped", style="lists less lists")
def raises_lists(net, X, Y, eta):
    nb, nw = bpteach.backprop_matrix(net, X, Y)
    net.weights = net.weights - eta * nw


@ODD_UPDATE.odd("stopped", style="raises when half the network is changed")
def raises_half(net, X, Y, eta):
    nb, nw = bpteach.backprop_matrix(net, X, Y)
    net.weights = [w - eta * g for w, g in zip(net.weights, nw)]
    net.biases = net.biases - nb


# made in other ways than by a plain def


def timed(function):
    """Print how long a function takes, as decorators of tutorials do."""

    @functools.wraps(function)
    def wrapper(*arguments):
        began = time.perf_counter()
        result = function(*arguments)
        print(f"took {time.perf_counter() - began:.3f} s")
        return result

    return wrapper


@odd("unfinished", style="decorated, an ellipsis inside")
@timed
def decorated_blank(net, X, Y):
    nabla_b = ...
    return nabla_b


@odd("right", style="decorated")
@timed
def decorated_right(net, X, Y):
    return bpteach.backprop_matrix(net, X, Y)


@odd("convention", style="decorated", mistake="factor-two")
@timed
def decorated_wrong(net, X, Y):
    nb, nw = bpteach.backprop_matrix(net, X, Y)
    return [2 * b for b in nb], [2 * w for w in nw]


@odd("right", style="an ellipsis left where it does no harm")
def blank_harmless(net, X, Y):
    if X.shape[1] == 0:
        ...
    return bpteach.backprop_matrix(net, X, Y)


def made_by_exec(source):
    """Run a source text that nobody can look up afterwards."""
    names = {"bpteach": bpteach, "np": np}
    exec(source, names)
    return names["fn"]


@odd("right", style="made by exec", maker=True)
def exec_right():
    return made_by_exec("def fn(net, X, Y):\n    return bpteach.backprop_matrix(net, X, Y)")


@odd("unfinished", style="made by exec, an ellipsis", maker=True)
def exec_blank():
    return made_by_exec("def fn(net, X, Y):\n    ...")


@odd("unfinished", style="made by exec, blanks in the result", maker=True)
def exec_blank_result():
    return made_by_exec("def fn(net, X, Y):\n    nabla_b, nabla_w = [...] * 3, [...] * 3\n    return nabla_b, nabla_w")


@odd("stopped", style="made by exec, raises", maker=True)
def exec_raises():
    return made_by_exec("def fn(net, X, Y):\n    return X @ Y[:-1]")


@odd("right", style="partial", maker=True)
def partial_right():
    return functools.partial(lambda scale, net, X, Y: bpteach.backprop_matrix(net, X, Y), 1.0)


@odd("unfinished", style="partial of a blank", maker=True)
def partial_blank():
    return functools.partial(blank_with_docstring)


@odd("right", style="a static method", maker=True)
def static_right():
    class Backpropagation:
        @staticmethod
        def gradient(net, X, Y):
            return bpteach.backprop_matrix(net, X, Y)

    return Backpropagation.gradient


# arguments of other numbers and names


@odd("stopped", style="one argument")
def one_argument(net):
    return net.biases, net.weights


@odd("stopped", style="five arguments")
def five_arguments(net, X, Y, eta, lmbda):
    return net.biases, net.weights


@odd("right", style="*args")
def star_arguments(*args):
    return bpteach.backprop_matrix(*args)


@odd("right", style="names of its own")
def own_names(network, inputs, labels):
    return bpteach.backprop_matrix(network, inputs, labels)


@odd("right", style="a default argument more")
def more_defaults(net, X, Y, verbose=False, *, scale=1):
    return bpteach.backprop_matrix(net, X, Y)


@odd("stopped", style="arguments by name only")
def by_name_only(*, net, X, Y):
    return bpteach.backprop_matrix(net, X, Y)


# it returns something else


@odd(*REFUSED, style="prints the result and returns None")
def prints_result(net, X, Y):
    print(bpteach.backprop_matrix(net, X, Y))


@odd("right", style="prints a lot")
def prints_much(net, X, Y):
    for _ in range(2000):
        print("here", X.shape, file=sys.stderr)
        print("<b>here</b>" * 10)
    return bpteach.backprop_matrix(net, X, Y)


@odd(*REFUSED, style="a number")
def gives_number(net, X, Y):
    return 0.5


@odd(*REFUSED, style="a string")
def gives_string(net, X, Y):
    return "nabla_b, nabla_w"


@odd(*REFUSED, style="two letters")
def gives_letters(net, X, Y):
    return "bw"


@odd(*REFUSED, style="True")
def gives_true(net, X, Y):
    return True


@odd(*REFUSED, style="a dictionary")
def gives_dictionary(net, X, Y):
    nb, nw = bpteach.backprop_matrix(net, X, Y)
    return {"nabla_b": nb, "nabla_w": nw}


@odd(*REFUSED, style="one list")
def gives_one_list(net, X, Y):
    return bpteach.backprop_matrix(net, X, Y)[1]


@odd(*REFUSED, style="one flat list")
def gives_flat(net, X, Y):
    nb, nw = bpteach.backprop_matrix(net, X, Y)
    return nb + nw


@odd(*REFUSED, style="pairs by layer")
def gives_pairs(net, X, Y):
    return list(zip(*bpteach.backprop_matrix(net, X, Y)))


@odd(*REFUSED, style="three things")
def gives_three(net, X, Y):
    return *bpteach.backprop_matrix(net, X, Y), 0.1


@odd(*REFUSED, style="a function")
def gives_function(net, X, Y):
    return bpteach.backprop_matrix


@odd(*REFUSED, style="dictionaries by layer")
def gives_dictionaries(net, X, Y):
    return tuple({l: g for l, g in enumerate(part)} for part in bpteach.backprop_matrix(net, X, Y))


@odd(*REFUSED, style="empty lists")
def gives_empty(net, X, Y):
    return [], []


@odd(*REFUSED, style="a layer too many")
def gives_more(net, X, Y):
    nb, nw = bpteach.backprop_matrix(net, X, Y)
    return [X, *nb], [X, *nw]


@odd(*REFUSED, style="nested once too deep")
def gives_nested(net, X, Y):
    nb, nw = bpteach.backprop_matrix(net, X, Y)
    return [[b] for b in nb], [[w] for w in nw]


@odd(*REFUSED, style="strings in the lists")
def gives_words(net, X, Y):
    return ["<i>b</i>" for _ in net.biases], ["w" for _ in net.weights]


@odd(*REFUSED, style="None in the lists")
def gives_nones(net, X, Y):
    return [None] * len(net.biases), [None] * len(net.weights)


@odd(*REFUSED, style="NaN")
def gives_nan(net, X, Y):
    nb, nw = bpteach.backprop_matrix(net, X, Y)
    return [b * np.nan for b in nb], nw


@odd(*REFUSED, style="infinity")
def gives_infinity(net, X, Y):
    nb, nw = bpteach.backprop_matrix(net, X, Y)
    with np.errstate(all="ignore"):
        return nb, [w / 0 for w in nw]


@odd(*REFUSED, style="zeros everywhere")
def gives_zeros(net, X, Y):
    return zeros(net)


@odd(*REFUSED, style="the parameters themselves")
def gives_parameters(net, X, Y):
    return net.biases, net.weights


@odd(*REFUSED, style="booleans")
def gives_booleans(net, X, Y):
    return [b > 0 for b in net.biases], [w > 0 for w in net.weights]


@odd(*ANY, style="a generator of two lists")
def gives_generator(net, X, Y):
    yield from bpteach.backprop_matrix(net, X, Y)


@odd(*ANY, style="two generators")
def gives_generators(net, X, Y):
    nb, nw = bpteach.backprop_matrix(net, X, Y)
    return (b for b in nb), (w for w in nw)


@odd(*REFUSED, style="async def")
async def gives_coroutine(net, X, Y):
    return bpteach.backprop_matrix(net, X, Y)


@odd(*REFUSED, style="yield in the loop")
def gives_layers(net, X, Y):
    acts, deltas = errors(net, X, Y)
    for d, a in zip(deltas, acts):
        yield d.sum(axis=1, keepdims=True), d @ a.T


@odd(*ANY, style="arrays of objects as the lists")
def gives_object_lists(net, X, Y):
    nb, nw = bpteach.backprop_matrix(net, X, Y)
    b, w = np.empty(len(nb), dtype=object), np.empty(len(nw), dtype=object)
    b[:], w[:] = nb, nw
    return b, w


@odd(*ANY, style="arrays of objects")
def gives_objects(net, X, Y):
    nb, nw = bpteach.backprop_matrix(net, X, Y)
    return [b.astype(object) for b in nb], [w.astype(object) for w in nw]


@odd(*ANY, style="lists of lists of numbers")
def gives_lists(net, X, Y):
    nb, nw = bpteach.backprop_matrix(net, X, Y)
    return [b.tolist() for b in nb], [w.tolist() for w in nw]


@odd(*ANY, style="np.matrix")
def gives_matrix(net, X, Y):
    nb, nw = bpteach.backprop_matrix(net, X, Y)
    return [np.asmatrix(b) for b in nb], [np.asmatrix(w) for w in nw]


@odd(*ANY, style="masked arrays")
def gives_masked(net, X, Y):
    nb, nw = bpteach.backprop_matrix(net, X, Y)
    return [np.ma.masked_invalid(b) for b in nb], [np.ma.masked_invalid(w) for w in nw]


@odd(*REFUSED, style="masked arrays, all masked")
def gives_masked_all(net, X, Y):
    nb, nw = bpteach.backprop_matrix(net, X, Y)
    return [np.ma.masked_all_like(b) for b in nb], [np.ma.masked_all_like(w) for w in nw]


@odd(*ANY, style="float32")
def gives_float32(net, X, Y):
    nb, nw = bpteach.backprop_matrix(net, X, Y)
    return [b.astype(np.float32) for b in nb], [w.astype(np.float32) for w in nw]


@odd(*REFUSED, style="whole numbers")
def gives_integers(net, X, Y):
    nb, nw = bpteach.backprop_matrix(net, X, Y)
    return [b.astype(int) for b in nb], [w.astype(int) for w in nw]


@odd(*ANY, style="complex numbers")
def gives_complex(net, X, Y):
    nb, nw = bpteach.backprop_matrix(net, X, Y)
    return [b.astype(complex) for b in nb], [w.astype(complex) for w in nw]


@odd(*REFUSED, style="complex numbers, not real")
def gives_imaginary(net, X, Y):
    nb, nw = bpteach.backprop_matrix(net, X, Y)
    return [b * 1j for b in nb], [w + 1j for w in nw]


class Awkward(np.ndarray):
    """An array that refuses to be compared or printed."""

    def __array_ufunc__(self, *arguments, **more):
        raise RuntimeError("no")

    def __repr__(self):
        raise RuntimeError("no")

    __str__ = __repr__


@odd(*ANY, style="an array class of its own that refuses everything")
def gives_awkward(net, X, Y):
    nb, nw = bpteach.backprop_matrix(net, X, Y)
    return [b.view(Awkward) for b in nb], [w.view(Awkward) for w in nw]


class Hostile:
    """A result whose every question raises."""

    def __getattribute__(self, name):
        raise RuntimeError("no")

    def __iter__(self):
        raise RuntimeError("no")

    def __len__(self):
        raise RuntimeError("no")

    def __eq__(self, other):
        raise RuntimeError("no")

    __hash__ = None


@odd(*REFUSED, style="a result that refuses every question")
def gives_hostile(net, X, Y):
    return Hostile()


@odd(*REFUSED, style="lists of such results")
def gives_hostiles(net, X, Y):
    return [Hostile() for _ in net.biases], [Hostile() for _ in net.weights]


# it changes the world


@odd("right", style="np.seterr")
def changes_seterr(net, X, Y):
    np.seterr(all="raise")
    return bpteach.backprop_matrix(net, X, Y)


@odd("right", style="seeds the global generator")
def changes_seed(net, X, Y):
    np.random.seed(0)
    np.random.standard_normal(3)
    return bpteach.backprop_matrix(net, X, Y)


@odd("right", style="takes sys.stdout away")
def changes_stdout(net, X, Y):
    sys.stdout = None
    return bpteach.backprop_matrix(net, X, Y)


@odd("right", style="turns warnings to errors")
def changes_warnings(net, X, Y):
    warnings.simplefilter("error")
    return bpteach.backprop_matrix(net, X, Y)


@odd("right", style="a higher recursion limit")
def changes_recursion_limit(net, X, Y):
    sys.setrecursionlimit(sys.getrecursionlimit() + 500)
    return bpteach.backprop_matrix(net, X, Y)


@odd("right", style="print options")
def changes_print_options(net, X, Y):
    np.set_printoptions(precision=1)
    return bpteach.backprop_matrix(net, X, Y)


@odd("right", style="warns")
def warns(net, X, Y):
    warnings.warn("overflow, perhaps", stacklevel=1)
    np.log(np.zeros(1))
    return bpteach.backprop_matrix(net, X, Y)


@odd("wrong", style="deletes from the network", mistake="arguments-changed")
def changes_deletes(net, X, Y):
    result = bpteach.backprop_matrix(net, X, Y)
    del net.weights[-1]
    return result


@odd("wrong", style="deletes an attribute of the network", mistake="arguments-changed")
def changes_deletes_attribute(net, X, Y):
    result = bpteach.backprop_matrix(net, X, Y)
    del net.weights
    return result


@odd("wrong", style="the network's weights become another list", mistake="arguments-changed")
def changes_weights(net, X, Y):
    result = bpteach.backprop_matrix(net, X, Y)
    net.weights = [2 * w for w in net.weights]
    return result


@odd("wrong", style="the network's weights become a word", mistake="arguments-changed")
def changes_weights_to_word(net, X, Y):
    result = bpteach.backprop_matrix(net, X, Y)
    net.weights = "weights"
    return result


@odd("wrong", style="the sizes shortened", mistake="arguments-changed")
def changes_sizes(net, X, Y):
    result = bpteach.backprop_matrix(net, X, Y)
    net.sizes.pop()
    return result


@odd(*ANY, style="the network frozen")
def changes_flags(net, X, Y):
    for array in net.weights + net.biases:
        array.flags.writeable = False
    return bpteach.backprop_matrix(net, X, Y)


@ODD_UPDATE.odd("right", style="np.seterr")
def changes_seterr_update(net, X, Y, eta):
    np.seterr(all="raise")
    bpteach.update_mini_batch_matrix(net, X, Y, eta)


@ODD_UPDATE.odd(*REFUSED, style="the weights become a word")
def changes_update_word(net, X, Y, eta):
    net.weights = "weights"


@ODD_UPDATE.odd(*REFUSED, style="a layer lost")
def changes_update_lost(net, X, Y, eta):
    bpteach.update_mini_batch_matrix(net, X, Y, eta)
    net.weights = net.weights[1:]


@ODD_UPDATE.odd(*REFUSED, style="NaN in the network")
def changes_update_nan(net, X, Y, eta):
    net.weights = [w * np.nan for w in net.weights]


@ODD_UPDATE.odd(*REFUSED, style="gradients given back, nothing changed")
def changes_nothing(net, X, Y, eta):
    return bpteach.backprop_matrix(net, X, Y)


@ODD_UPDATE.odd(*REFUSED, style="new parameters given back, nothing changed")
def changes_nothing_new(net, X, Y, eta):
    nb, nw = bpteach.backprop_matrix(net, X, Y)
    return [w - eta * g for w, g in zip(net.weights, nw)], [b - eta * g for b, g in zip(net.biases, nb)]


@ODD_UPDATE.odd("stopped", style="two arguments")
def two_arguments(net, mini_batch):
    bpteach.update_mini_batch(net, mini_batch, 1.0)


@ODD_UPDATE.odd("stopped", style="five arguments")
def five_arguments_update(net, X, Y, eta, lmbda):
    bpteach.update_mini_batch_matrix(net, X, Y, eta)


@ODD_UPDATE.odd("right", style="pairs, names of its own")
def own_names_update(network, batch, learning_rate):
    bpteach.update_mini_batch(network, batch, learning_rate)


@ODD_UPDATE.odd("right", style="a rate with a default")
def default_rate(net, X, Y, eta=3.0):
    bpteach.update_mini_batch_matrix(net, X, Y, eta)


@ODD_UPDATE.odd(*ANY, style="*args")
def star_arguments_update(*args):
    update = bpteach.update_mini_batch if len(args) == 3 else bpteach.update_mini_batch_matrix
    update(*args)


# no functions, or functions of another kind: (what it is, the object, the states that are fit)


class Maker:
    """A class: making one of it takes net, X and Y."""

    def __init__(self, net, X, Y):
        self.gradient = bpteach.backprop_matrix(net, X, Y)


class Callable:
    """An object that can be called."""

    def __call__(self, net, X, Y):
        acts, deltas = errors(net, X, Y)
        return column_sums(deltas), products(deltas, acts)


class Raising:
    """An object that raises whatever is asked of it."""

    def __getattr__(self, name):
        raise RuntimeError("no")

    def __repr__(self):
        raise RuntimeError("no")

    def __call__(self, *arguments):
        raise RuntimeError("no")


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


def hangs(net, X, Y):
    """Never end."""
    while True:
        pass


def hangs_in_numpy(net, X, Y):
    """Do more and more, most of it inside NumPy."""
    A = X
    while True:
        with contextlib.suppress(ValueError):
            A = np.tanh(A @ A.T @ X)


def hangs_printing(net, X, Y):
    """Print for good."""
    while True:
        print("still here", X.shape)


def hangs_recursive(net, X, Y):
    """Come back from ever deeper calls."""
    while True:
        try:
            hangs_recursive(net, X, Y)
        except RecursionError:
            continue


def hangs_and_catches(net, X, Y):
    """Never end, and catch whatever comes."""
    while not GIVE_UP.is_set():
        try:
            while not GIVE_UP.is_set():
                time.sleep(0)
        except:
            pass


def hangs_waiting(net, X, Y):
    """Wait for what never comes, as input() would."""
    GIVE_UP.wait()


def hangs_later(net, X, Y, calls=[]):
    """Answer rightly once, then never end."""
    calls.append(1)
    if len(calls) > 1:
        hangs(net, X, Y)
    return bpteach.backprop_matrix(net, X, Y)


def hangs_update(net, mini_batch, eta):
    """Never end, since the loop adds to what it goes through."""
    for pair in mini_batch:
        mini_batch.append(pair)
        mini_batch.pop(0)
        mini_batch.insert(0, pair)


def interrupts(net, X, Y):
    """Raise what Ctrl-C raises."""
    raise KeyboardInterrupt


HANGING = [hangs, hangs_in_numpy, hangs_printing, hangs_recursive, hangs_and_catches, hangs_waiting, hangs_later]
