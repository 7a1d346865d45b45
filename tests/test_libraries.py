"""The gradient from PyTorch, JAX and scikit-learn, and the lesson on them: with the libraries, and without."""

import inspect
import json
import re
import subprocess
import symtable
import sys
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from bpteach import Network, backprop_matrix, compare_gradients, feedforward, update_mini_batch_matrix
from bpteach.exercises.lesson_10 import _rates
from bpteach.performance import libraries
from bpteach.performance.libraries import GRADIENTS, WORDS, factor_of, optional, recognise
from conftest import need
from strategies import distance, parameters, seeded

ROOT = Path(__file__).parents[1]
LESSON = ROOT / "notebooks" / "10-meet-the-libraries.ipynb"
MODULES = {"PyTorch": "torch", "JAX": "jax", "scikit-learn": "sklearn"}
SIZES = [[3, 2], [4, 1], [1, 1], [4, 3, 2], [5, 5, 5, 5], [7, 1, 6], [2, 3, 4, 5, 4, 3], [784, 30, 10]]


@pytest.fixture(params=MODULES)
def library(request):
    """The name of one library after the other, as far as they are installed."""
    need(MODULES[request.param])
    return request.param


# --- the same gradient -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("m", [1, 8])
@pytest.mark.parametrize("sizes", SIZES, ids=str)
def test_gradient_is_ours(library, sizes, m):
    """In our shapes, layer by layer, to twelve digits; the network is left as it was."""
    net, X, Y = seeded(sizes, m, seed=m)
    before = parameters(net).tobytes()
    found = GRADIENTS[library](net, X, Y)
    assert compare_gradients(found, backprop_matrix(net, X, Y)).worst < 1e-12
    assert [array.shape for part in found for array in part] == [b.shape for b in [*net.biases, *net.weights]]
    assert {array.dtype for part in found for array in part} == {np.dtype(np.float64)}
    assert parameters(net).tobytes() == before


def test_large_mini_batch_is_one_step(library):
    """scikit-learn would cut more than 200 examples into several steps."""
    net, X, Y = seeded([6, 5, 3], 450)
    assert compare_gradients(GRADIENTS[library](net, X, Y), backprop_matrix(net, X, Y)).worst < 1e-12


def test_float32_stays_float32(library):
    net, X, Y = seeded([6, 5, 3], 8, dtype=np.float32)
    found = GRADIENTS[library](net, X, Y)
    assert {array.dtype for part in found for array in part} == {np.dtype(np.float32)}
    assert compare_gradients(found, backprop_matrix(net, X, Y)).worst < 1e-5


def test_bad_mini_batch_is_refused(library):
    net, X, Y = seeded([6, 5, 3], 8)
    with pytest.raises(ValueError, match="Y"):
        GRADIENTS[library](net, X, Y[:, :5])


def test_settings_are_left_as_they_were():
    """Neither JAX's switch nor PyTorch's or NumPy's random numbers are touched."""
    need("jax", "torch", "sklearn")
    import jax
    import torch

    np.random.seed(1)  # noqa: NPY002 - it is the global generator that is looked at
    kept = jax.config.jax_enable_x64, torch.random.get_rng_state(), np.random.get_state()[1].copy()  # noqa: NPY002
    net, X, Y = seeded([4, 3, 2], 5)
    for gradient in GRADIENTS.values():
        gradient(net, X, Y)
    assert jax.config.jax_enable_x64 == kept[0]
    assert torch.equal(torch.random.get_rng_state(), kept[1])
    np.testing.assert_array_equal(np.random.get_state()[1], kept[2])  # noqa: NPY002


# --- what the lesson says of them ------------------------------------------------------------------------------------


def test_rates_of_the_exercise_give_the_same_step_in_torch():
    """What the check of 10.1 calls right: PyTorch's own optimiser, and both of its costs."""
    need("torch")
    import torch

    X, Y = seeded([6, 5, 3], 8)[1:]
    rows, targets = torch.tensor(X.T), torch.tensor(Y.T)
    for reduction, half, rate in (("mean", 1, _rates(2.0, 8, 3)[0]), ("sum", 2, _rates(2.0, 8, 3)[1])):
        net = seeded([6, 5, 3], 8)[0]
        model = libraries.torch_model(net)
        (torch.nn.functional.mse_loss(model(rows), targets, reduction=reduction) / half).backward()
        torch.optim.SGD(model.parameters(), lr=rate).step()
        update_mini_batch_matrix(net, X, Y, 2.0)
        for w, layer in zip(net.weights, list(model)[::2], strict=True):
            assert distance(layer.weight.detach().numpy(), w) < 1e-14


def test_rate_of_the_exercise_gives_the_same_step_in_scikit_learn():
    need("sklearn")
    net, X, Y = seeded([6, 5, 3], 8)
    rate = _rates(2.0, 8, 3)[2]
    mean = [[array / 8 for array in part] for part in GRADIENTS["scikit-learn"](net, X, Y)]
    expected = [w - rate * nw for w, nw in zip(net.weights, mean[1], strict=True)]
    update_mini_batch_matrix(net, X, Y, 2.0)
    for w, theirs in zip(net.weights, expected, strict=True):
        assert distance(theirs, w) < 1e-13


def test_classifier_has_sigmoid_outputs_and_the_cross_entropy():
    """Its output is that of our network, its loss the mean of the cross-entropies."""
    need("sklearn")
    net, X, Y = seeded([6, 5, 3], 8)
    Y = (Y > 0.5).astype(float)
    model = libraries.sklearn_model(net, "classifier", 1.0)
    A = feedforward(net, X)
    np.testing.assert_allclose(model.predict_proba(X.T), A.T, rtol=1e-12)
    model.partial_fit(X.T, Y.T.astype(int))
    assert model.loss_ == pytest.approx(-(Y * np.log(A) + (1 - Y) * np.log(1 - A)).sum() / 8, rel=1e-12)


def test_scikit_learn_is_another_network_unless_told_and_keeps_no_zs():
    """The lesson's remarks on its defaults and on its lists."""
    need("sklearn")
    from sklearn.neural_network import MLPClassifier

    settings = MLPClassifier().get_params()
    assert (settings["activation"], settings["solver"]) == ("relu", "adam")
    assert (settings["momentum"], settings["alpha"]) == (0.9, 0.0001)
    names = set(inspect.signature(MLPClassifier._backprop).parameters)
    assert {"activations", "deltas"} <= names
    assert "zs" not in names


def test_scikit_learn_takes_softmax_unless_each_output_has_a_label():
    """One class of several for each example, or a yes or no for each output."""
    need("sklearn")
    from sklearn.neural_network import MLPClassifier

    rows, classes = seeded([4, 3, 3], 6)[1].T, np.array([0, 1, 2, 0, 1, 2])
    for labels, expected in ((classes, "softmax"), (np.eye(3, dtype=int)[classes], "logistic")):
        assert MLPClassifier().partial_fit(rows, labels, classes=range(3)).out_activation_ == expected


@pytest.mark.parametrize(("m", "steps"), [(200, 1), (300, 2)])
def test_scikit_learn_takes_several_steps_for_more_than_200_examples(m, steps):
    """By default: the step is then not that of one gradient."""
    need("sklearn")
    net, X, Y = seeded([3, 2, 2], m)
    Y = (Y > 0.5).astype(int)
    model = libraries.sklearn_model(net, "classifier", 1.0)
    model.partial_fit(X.T, Y.T)
    whole = libraries.sklearn_model(net, "classifier", 1.0).set_params(batch_size=m)
    whole.partial_fit(X.T, Y.T)
    assert (distance(model.coefs_[0], whole.coefs_[0]) < 1e-14) == (steps == 1)


def test_cost_that_the_regressor_reports_is_divided_by_the_outputs_too():
    """And its step is not: the lesson warns of comparing printed costs."""
    need("sklearn")
    net, X, Y = seeded([6, 5, 3], 8)
    outputs = net.weights[1] @ feedforward(Network(net.sizes[:2], net.weights[:1], net.biases[:1]), X) + net.biases[1]
    model = libraries.sklearn_model(net, "regressor", 1.0)
    model.partial_fit(X.T, Y.T)
    assert model.loss_ == pytest.approx(((outputs - Y) ** 2).sum() / 2 / (8 * 3), rel=1e-12)
    nabla_b, _ = libraries.gradient_of_sklearn(net, model, 1.0)
    np.testing.assert_allclose(nabla_b[1], (outputs - Y).sum(axis=1, keepdims=True) / 8, rtol=1e-9)


def test_layer_of_torch_refuses_float64_unless_told():
    """Its own parameters are float32, and what comes from NumPy keeps its type."""
    need("torch")
    import torch

    rows = torch.tensor(seeded([6, 5, 3], 8)[1].T)
    assert rows.dtype == torch.float64
    with pytest.raises(RuntimeError, match="Double and Float"):
        torch.nn.Linear(6, 5)(rows)


def test_unknown_kind_is_refused():
    need("sklearn")
    with pytest.raises(ValueError, match="'tree': expected 'classifier' or 'regressor'"):
        libraries.sklearn_model(seeded([3, 2], 1)[0], "tree", 1.0)


# --- compare ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("factor", [Fraction(1, 8), Fraction(2, 80), Fraction(-1), Fraction(3)])
def test_factor_is_found(factor):
    ours = backprop_matrix(*seeded([4, 3, 2], 5))
    assert factor_of([[float(factor) * array for array in part] for part in ours], ours) == factor


def test_no_factor_is_told():
    """Other factors for weights and biases, something else altogether, NaN, or nothing to compare with."""
    nabla_b, nabla_w = ours = backprop_matrix(*seeded([4, 3, 2], 5))
    assert factor_of((nabla_b, [2 * array for array in nabla_w]), ours) is None
    assert factor_of(([array + 1e-9 for array in nabla_b], nabla_w), ours) is None
    assert factor_of(([array * np.nan for array in nabla_b], nabla_w), ours) is None
    assert factor_of(ours, [[0 * array for array in part] for part in ours]) is None


def test_factor_wants_one_form():
    nabla_b, nabla_w = ours = backprop_matrix(*seeded([4, 3, 2], 5))
    with pytest.raises(ValueError, match="other shapes"):
        factor_of((nabla_b, [array.T for array in nabla_w]), ours)


def test_recognise_names_what_it_finds():
    rng = np.random.default_rng(1)
    known = {"a": rng.random((3, 2)), "b": rng.random((2, 2)), "c": rng.random(4)}
    assert recognise(known["a"] * (1 + 1e-15), known) == "a"
    assert recognise(known["a"].T, known) == "a, transposed"
    assert recognise(known["b"].T, known) == "b, transposed"
    assert recognise(known["c"], known) == "c"
    assert recognise(known["a"] + 1e-9, known) == WORDS["unknown"]
    assert recognise(np.array(1.0), known) == WORDS["unknown"]


# --- without the libraries -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("library", "module"), MODULES.items())
def test_missing_library_is_one_sentence(library, module, monkeypatch, capsys):
    """`optional` says it and gives None; a gradient of it is refused."""
    monkeypatch.setitem(sys.modules, module, None)
    monkeypatch.setitem(sys.modules, "sklearn.neural_network", None)
    assert optional("sklearn.neural_network" if module == "sklearn" else module) is None
    said = capsys.readouterr().out
    assert said.count("\n") == 1
    assert said.startswith(f"{library} is not installed, so what needs it does nothing (to have it")
    assert f"%pip install {'scikit-learn' if module == 'sklearn' else module} in a cell" in said
    with pytest.raises(ImportError, match=f"{library} is not installed, and this needs it"):
        GRADIENTS[library](*seeded([3, 2], 4))


def test_library_that_does_not_load_is_one_sentence(tmp_path, monkeypatch, capsys):
    """Whatever it raises, and if what it needs is missing."""
    monkeypatch.syspath_prepend(tmp_path)
    for name, line in (("halved", "raise OSError('no such part\\nmore')"), ("needy", "import not_there_at_all")):
        (tmp_path / f"{name}.py").write_text(line)
        assert optional(name) is None
        said = capsys.readouterr().out
        assert said.count("\n") == 1
        assert said.startswith(f"{name} is installed but does not load, so what needs it does nothing")
        assert ("OSError: no such part" if name == "halved" else "not_there_at_all") in said


def test_what_import_binds_is_returned():
    assert optional("json.decoder") is sys.modules["json"]


def test_module_loads_no_library():
    code = f"import sys, bpteach.performance.libraries; print([name for name in {list(MODULES.values())} if sys.modules.get(name)])"
    assert run_code(code).strip() == "[]"


RUN_LESSON = """
import contextlib, io, json, re, sys
for name in {missing}:
    sys.modules[name] = None
names, said = {{}}, []
for cell in json.loads(open({lesson!r}, encoding="utf-8").read())["cells"]:
    if cell["cell_type"] != "code":
        continue
    text = io.StringIO()
    with contextlib.redirect_stdout(text):
        exec("".join(cell["source"]), names)
    said.append(text.getvalue())
    if "nbval-ignore-output" not in cell["metadata"].get("tags", []):
        stored = "".join("".join(output.get("text", "")) for output in cell["outputs"]).removeprefix(" \\n")
        rounded = [re.sub(r"\\de-1[4-9]", "ROUNDING", words) for words in (said[-1], stored)]
        assert rounded[0] == rounded[1], rounded
assert not any(name in sys.modules and sys.modules[name] for name in {missing})
print(said[0], end="")
"""


#: Runs all cells, then each once more from the last to the first, then each twice.
RUN_AGAIN = """
import contextlib, io, json, re
names, first = {{}}, {{}}
cells = [cell for cell in json.loads(open({lesson!r}, encoding="utf-8").read())["cells"] if cell["cell_type"] == "code"]
order = list(range(len(cells)))
for number in order + order[::-1] + [number for number in order for _ in range(2)]:
    text = io.StringIO()
    with contextlib.redirect_stdout(text):
        exec(compile("".join(cells[number]["source"]), cells[number]["id"], "exec"), names)
    printed = re.sub(r"\\de-1[4-9]|0e\\+00", "ROUNDING", text.getvalue())
    assert first.setdefault(number, printed) == printed, (cells[number]["id"], first[number], printed)
"""


def run_code(code):
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, encoding="utf-8", cwd=ROOT, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("there", ["none", *MODULES.values()])
def test_lesson_runs_with_one_library_or_none(there):
    """Every cell runs, what does not depend on the libraries is as stored, and the first cell names what is missing."""
    need("matplotlib")
    missing = [module for module in MODULES.values() if module != there]
    said = run_code(RUN_LESSON.format(missing=missing, lesson=str(LESSON)))
    for library, module in MODULES.items():
        assert (f"{library} is not installed" in said) or module not in missing
    assert len(said.splitlines()) >= len(missing)


def test_cells_that_print_what_a_library_gives_are_not_compared():
    """Their output is another one where a library is missing."""
    for cell in json.loads(LESSON.read_text(encoding="utf-8"))["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] == "code" and re.search(r"if (torch|jax|sklearn)\b", source) and cell["outputs"]:
            assert "nbval-ignore-output" in cell["metadata"].get("tags", []), source


# --- the lesson's names ----------------------------------------------------------------------------------------------


def code_cells():
    """Give the source of each code cell, by its id."""
    cells = json.loads(LESSON.read_text(encoding="utf-8"))["cells"]
    return {cell["id"]: "".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"}


def global_names(table):
    """Give the names of the notebook that a part of a cell uses, functions and all that is in them."""
    if table.get_type() == "module":
        own = {symbol.get_name() for symbol in table.get_symbols() if symbol.is_referenced()}
    else:
        own = {symbol.get_name() for symbol in table.get_symbols() if symbol.is_global()}
    return own.union(*map(global_names, table.get_children()))


def bound_names(table):
    """Give the names that a cell binds."""
    symbols = table.get_symbols()
    return {symbol.get_name() for symbol in symbols if symbol.is_assigned() or symbol.is_imported()}


def test_cells_can_be_run_twice_and_in_any_order():
    """Once all have run, each prints the same again, and none stops."""
    need("matplotlib")
    run_code(RUN_AGAIN.format(lesson=str(LESSON)))


def test_no_cell_reads_a_name_that_another_overwrites():
    """What a cell takes from the others is bound in one of them only, so that their order does not matter."""
    tables = {cell: symtable.symtable(source, cell, "exec") for cell, source in code_cells().items()}
    makers = {cell: bound_names(table) for cell, table in tables.items()}
    for cell, table in tables.items():
        for name in global_names(table) - makers[cell]:
            found = [other for other, names in makers.items() if name in names]
            assert len(found) <= 1, f"{name}, which {cell} reads, is bound in {found}"


def test_exercises_find_none_of_their_own_names_in_the_lesson():
    """Whoever forgets to save rows, w or z, or to hand m over, is told so, and does not get the lesson's."""
    taken = {"rows", "w", "b", "grad", "saved", "output", "a", "z", "delta", "m", "n", "A", "Z", "Delta", "x"}
    for cell, source in code_cells().items():
        leaks = taken & bound_names(symtable.symtable(source, cell, "exec"))
        assert not leaks, f"{cell} binds {leaks}"
