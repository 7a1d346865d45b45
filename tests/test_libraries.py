"""The gradient from PyTorch, JAX and scikit-learn, and the lesson on them: with the libraries, and without."""

import dis
import importlib
import inspect
import re
import sys
from fractions import Fraction

import numpy as np
import pytest

from bpteach import backprop_matrix, compare_gradients
from bpteach.performance import libraries, optional
from bpteach.performance.libraries import GRADIENTS, factor_of, recognise
from bpteach.performance.optional import available
from bpteach.publishing.lessons import NOTEBOOKS, cells_of, read
from conftest import need, once_a_week
from strategies import distance, parameters, refused, run_code, seeded

LESSON = NOTEBOOKS / "10-meet-the-libraries.ipynb"
MODULES = {"PyTorch": "torch", "JAX": "jax", "scikit-learn": "sklearn"}
#: scikit-learn would cut more than 200 examples into several steps
SHAPES = [([3, 2], 8), ([4, 1], 1), ([1, 1], 8), ([4, 3, 2], 1), ([7, 1, 6], 8), ([2, 3, 4, 5, 3], 1), ([6, 5, 3], 450)]

with_torch = pytest.mark.pytorch


@pytest.fixture(params=[pytest.param("PyTorch", marks=with_torch), "JAX", "scikit-learn"])
def library(request):
    need(MODULES[request.param])
    return request.param


@pytest.fixture
def sklearn():
    need("sklearn")
    return importlib.import_module("sklearn.neural_network")


@pytest.mark.parametrize(("sizes", "m"), SHAPES, ids=str)
def test_gradient_is_ours(library, sizes, m):
    net, X, Y = seeded(sizes, m, seed=m)
    before = parameters(net).tobytes()
    found = GRADIENTS[library](net, X, Y)
    assert compare_gradients(found, backprop_matrix(net, X, Y)).worst < 1e-12
    assert [array.shape for part in found for array in part] == [b.shape for b in [*net.biases, *net.weights]]
    assert {array.dtype for part in found for array in part} == {np.dtype(np.float64)}
    assert parameters(net).tobytes() == before


def test_float32_stays_float32(library):
    net, X, Y = seeded([6, 5, 3], 8, dtype=np.float32)
    found = GRADIENTS[library](net, X, Y)
    assert {array.dtype for part in found for array in part} == {np.dtype(np.float32)}
    assert compare_gradients(found, backprop_matrix(net, X, Y)).worst < 1e-5


def test_bad_mini_batch_is_refused(library):
    net, X, Y = seeded([6, 5, 3], 8)
    refused(ValueError, lambda: GRADIENTS[library](net, X, Y[:, :5]), "Y has 5")


@with_torch
def test_settings_are_left_as_they_were():
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


def test_scikit_learn_is_another_network_unless_told_keeps_no_zs_and_takes_softmax_but_for_labels(sklearn):
    assert available("sklearn").neural_network is sklearn
    settings = sklearn.MLPClassifier().get_params()
    assert {"activation": "relu", "solver": "adam", "momentum": 0.9, "alpha": 0.0001}.items() <= settings.items()
    names = set(inspect.signature(sklearn.MLPClassifier._backprop).parameters)
    assert names & {"activations", "deltas", "zs"} == {"activations", "deltas"}
    rows, classes = seeded([4, 3, 3], 6)[1].T, np.array([0, 1, 2, 0, 1, 2])
    for labels, expected in ((classes, "softmax"), (np.eye(3, dtype=int)[classes], "logistic")):
        assert sklearn.MLPClassifier().partial_fit(rows, labels, classes=range(3)).out_activation_ == expected


@pytest.mark.parametrize(("m", "steps"), [(200, 1), (300, 2)])
def test_scikit_learn_takes_several_steps_for_more_than_200_examples(m, steps, sklearn):
    net, X, Y = seeded([3, 2, 2], m)
    model, whole = (libraries.sklearn_model(net, "classifier", 1.0) for _ in range(2))
    for each in (model, whole.set_params(batch_size=m)):
        each.partial_fit(X.T, (Y.T > 0.5).astype(int))
    assert (distance(model.coefs_[0], whole.coefs_[0]) < 1e-14) == (steps == 1)


@with_torch
def test_layer_of_torch_refuses_float64_unless_told():
    need("torch")
    import torch

    rows = torch.tensor(seeded([6, 5, 3], 8)[1].T)
    assert rows.dtype == torch.float64
    with pytest.raises(RuntimeError, match="Double and Float"):
        torch.nn.Linear(6, 5)(rows)


def test_unknown_kind_is_refused():
    words = "kind is 'tree' (str): expected one of 'classifier', 'regressor'"
    refused(ValueError, lambda: libraries.sklearn_model(seeded([3, 2], 1)[0], "tree", 1.0), words)


OURS = backprop_matrix(*seeded([4, 3, 2], 5))


def times(of_b, of_w):
    return [of_b * array for array in OURS[0]], [of_w * array for array in OURS[1]]


@pytest.mark.parametrize(
    ("found", "expected", "factor"),
    [
        *((times(float(x), float(x)), OURS, x) for x in (Fraction(1, 8), Fraction(2, 80), Fraction(-1), Fraction(3))),
        (times(1, 2), OURS, None),
        (([array + 1e-9 for array in OURS[0]], OURS[1]), OURS, None),
        (times(np.nan, 1), OURS, None),
        (OURS, times(0, 0), None),
    ],
)
def test_factor_is_found_or_there_is_none(found, expected, factor):
    assert factor_of(found, expected) == factor


def test_factor_wants_one_form():
    refused(ValueError, lambda: factor_of((OURS[0], [array.T for array in OURS[1]]), OURS), "other shapes")


def test_recognise_names_what_it_finds():
    a, b, c = map(np.random.default_rng(1).random, ((3, 2), (2, 2), 4))
    known = ((a * (1 + 1e-15), "a"), (a.T, "a, transposed"), (b.T, "b, transposed"), (c, "c"))
    for array, name in (*known, (a + 1e-9, "none of them"), (np.array(1.0), "none of them")):
        assert recognise(array, {"a": a, "b": b, "c": c}) == name


@pytest.mark.parametrize(("library", "module"), [*MODULES.items(), ("Dask distributed", "distributed")])
def test_missing_library_is_one_sentence(library, module, monkeypatch, capsys):
    for name in (module, "sklearn.neural_network"):
        monkeypatch.setitem(sys.modules, name, None)
    assert available(module) is None
    said = capsys.readouterr().out
    assert said.count("\n") == 1
    assert said.startswith(f"{library} is not installed, so what needs it does nothing (to have it")
    assert f"%pip install {'scikit-learn' if module == 'sklearn' else module} in a cell" in said
    if library in GRADIENTS:
        with pytest.raises(ModuleNotFoundError, match=f"{library} is not installed, and this needs it"):
            GRADIENTS[library](*seeded([3, 2], 4))
    monkeypatch.setattr(optional, "IN_PAGE", True)
    assert available(module) is None
    expected = f"{library} does not run in a page of the browser, so what needs it does nothing.\n"
    assert capsys.readouterr().out == expected


BROKEN = ("raise OSError('no such part\\nmore')", "OSError: no such part)"), ("import not_there", "not_there")


@pytest.mark.parametrize(("line", "reason"), BROKEN)
def test_library_that_does_not_load_is_one_sentence(line, reason, tmp_path, monkeypatch, capsys):
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "halved.py").write_text(line)
    assert available("halved") is None
    said = capsys.readouterr().out
    assert said.count("\n") == 1
    assert said.startswith("halved is installed but does not load, so what needs it does nothing")
    assert reason in said


def test_no_module_loads_a_library():
    modules = ", ".join(f"bpteach.performance.{name}" for name in ("libraries", "workers", "benchmark.command"))
    loaded = run_code(f"import sys, {modules}; print(*sys.modules)").split()
    assert not {*MODULES.values(), "dask", "distributed", "matplotlib"} & {*loaded}


CELLS = """
import contextlib, io, json, re, sys
for name in {missing}:
    sys.modules[name] = None
cells = [cell for cell in json.loads(open({lesson!r}, encoding="utf-8").read())["cells"] if cell["cell_type"] == "code"]
names = {{}}
def printed(cell):
    text = io.StringIO()
    with contextlib.redirect_stdout(text):
        exec(compile("".join(cell["source"]), cell["id"], "exec"), names)
    return re.sub(r"\\de-1[4-9]|0e\\+00", "ROUNDING", text.getvalue())
"""

RUN_LESSON = """
for cell in cells:
    said = printed(cell)
    stored = "".join("".join(output.get("text", "")) for output in cell["outputs"]).removeprefix(" \\n")
    stored = re.sub(r"\\de-1[4-9]|0e\\+00", "ROUNDING", stored)
    assert said == stored or "nbval-ignore-output" in cell["metadata"].get("tags", []), (said, stored)
    assert said or not stored, "this cell erases the stored output and says nothing: " + cell["id"]
    for library in {libraries}:
        assert said.count(library + " is not installed") <= 1, said
    print(said if cell["id"] == "10-04" else "", end="")
assert not any(name in sys.modules and sys.modules[name] for name in {missing})
"""

#: Runs all cells, then each twice more from the last to the first.
RUN_AGAIN = """
first, order = {{}}, list(range(len(cells)))
for number in order + [number for number in order[::-1] for _ in range(2)]:
    said = printed(cells[number])
    assert first.setdefault(number, said) == said, (cells[number]["id"], first[number], said)
"""


def run_lesson(code, missing=()):
    return run_code((CELLS + code).format(missing=list(missing), libraries=list(MODULES), lesson=str(LESSON)))


@pytest.mark.lessons
@pytest.mark.parametrize(
    "there", ["none", pytest.param("torch", marks=with_torch), once_a_week("jax"), once_a_week("sklearn")]
)
def test_lesson_runs_with_one_library_or_none(there):
    """What does not depend on the libraries is as stored; a cell without its library says so, as the first does."""
    need("matplotlib", *({there} - {"none"}))
    missing = [module for module in MODULES.values() if module != there]
    said = run_lesson(RUN_LESSON, missing)
    assert re.findall("(.+) is not installed", said) == [name for name, module in MODULES.items() if module in missing]


def test_cells_that_print_what_a_library_gives_are_not_compared():
    for cell in cells_of(read(LESSON), "code"):
        if re.search(r"\b(torch|jax|sklearn)\b", cell.source) and cell.outputs:
            assert "nbval-ignore-output" in cell.metadata.get("tags", []), cell.source


@pytest.mark.weekly
@pytest.mark.lessons
def test_cells_can_be_run_twice_and_in_any_order():
    need("matplotlib")
    run_lesson(RUN_AGAIN)


def test_exercises_find_none_of_their_own_names_in_the_lesson():
    """Whoever forgets to save rows, w or z, or to hand m over, is told so, and does not get the lesson's."""
    taken = {"rows", "w", "b", "grad", "saved", "output", "a", "z", "delta", "m", "n", "A", "Z", "Delta", "x"}
    for cell in cells_of(read(LESSON), "code"):
        stored = {step.argval for step in dis.get_instructions(cell.source) if step.opname == "STORE_NAME"}
        assert not taken & stored, f"{cell.id} binds {taken & stored}"
