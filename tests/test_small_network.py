"""The small network: what it computes in the browser is what `backprop` computes, to the last digit that is shown.

How it is played there, test_pages_browser shows.
"""

import base64
import json
import math
import re
import shutil

import numpy as np
import pytest

pytest.importorskip("anywidget", reason="anywidget is not installed")

import traitlets

from bpteach import Network, backprop, cost, feedforward, sigmoid_prime
from bpteach.training import update_mini_batch
from bpteach.widgets import SmallNetwork
from bpteach.widgets.small_network_numbers import LIMITS, PRESETS, as_example, outcome, place_of, shown, stepped
from bpteach.widgets.small_network_words import sum_of
from bpteach.widgets.widget import static
from conftest import run
from pictures import colourless, still, texts_of
from strategies import refusing

COUNT = len(LIMITS)

# --- the arithmetic of the script


def states():
    """Make random numbers of all sizes within their bounds: some near each other, some whole or halves, some 0."""
    rng, (least, most) = np.random.default_rng(13), np.array(LIMITS, dtype=float).T
    for i in range(1000):
        numbers = rng.choice([0.05, 0.5, 3, 50]) * rng.standard_normal(COUNT)
        numbers = np.round(2 * numbers) / 2 if i % 4 == 0 else numbers
        yield np.clip(numbers * (rng.random(COUNT) > 0.1), least, most).tolist()


VALUES = [0, -0.0, 0.5, -0.5, 0.03125, -0.03125, 0.00005, 0.0005, 0.00049999, 0.99996, 9.9996, 99.996, 12.125, 1234.25]
VALUES += [1e-9, 9.99e-10, 9.96e-5, 1e-300, -3.45e-4, 2.5e-4, 1.5e-5, 1.005, 2.675, 100, 1e-5, 0.1 + 0.2 - 0.3]

COMPARED = """
const written = (values) => Object.fromEntries(Object.entries(values).map(([name, value]) => [name, shown(value)]));
const compared = ({ states, values }) => JSON.stringify({
    values: values.map(shown),
    states: states.map((numbers) => ({
        outcome: written(outcome(numbers)),
        stepped: stepped(numbers).map(shown),
        sums: [0, 1, 2, 3, 4].map((neuron) => sumOf(neuron, numbers)),
    })),
});
export { compared };
"""


@pytest.fixture(scope="module")
def computed(request, tmp_path_factory):
    """Run the script's arithmetic on all states, by Node.js if there is one, else in a browser."""
    given = json.dumps({"states": list(states()), "values": VALUES})
    source = base64.b64encode((static("common.js", "small_network.js") + COMPARED).encode()).decode()
    command = f"import('data:text/javascript;base64,{source}').then((script) => script.compared({given}))"
    node = shutil.which("node")
    if node is None:
        page = request.getfixturevalue("chromium").new_page()
        found = page.evaluate(command)
        page.close()
    else:
        path = tmp_path_factory.mktemp("small") / "compare.mjs"
        path.write_text(f"{command}.then(console.log)", encoding="utf-8")
        found = run(node, path)
    return json.loads(found)


def test_a_thousand_states_give_the_numbers_of_backprop_to_the_last_digit_shown(computed):
    for numbers, found in zip(states(), computed["states"], strict=True):
        values = outcome(numbers)
        assert {name: found["outcome"][name] for name in values} == {name: shown(values[name]) for name in values}
        assert found["stepped"] == [shown(value) for value in stepped(numbers)], numbers
        assert found["sums"] == [sum_of(neuron, numbers, values)[1:] for neuron in range(5)], numbers
        assert not re.search("NaN|Infinity|undefined", json.dumps(found)), numbers


def test_numbers_are_written_in_the_same_way_and_a_half_is_rounded_up(computed):
    assert computed["values"] == [shown(value) for value in VALUES]
    texts = ["0", "0", "0.5", "−0.5", "0.0313", "−0.0313", "5.0e−5", "0.0005", "5.0e−4", "1", "10", "100", "12.13"]
    assert computed["values"][: len(texts)] == texts
    assert max(map(len, computed["values"])) <= 7


# --- its numbers in Python


def cost_of(numbers):
    net, x, y, _eta = as_example(numbers)
    return cost(feedforward(net, x), y)


@pytest.mark.parametrize("numbers", [*PRESETS.values(), next(states())], ids=[*PRESETS, "random"])
def test_each_gradient_is_that_of_the_number_at_its_place(numbers):
    found = outcome(numbers)
    places = [(neuron, k) for neuron in range(5) for k in range(3 if neuron < 3 else 4)]
    for neuron, k in places:
        i, is_bias = place_of(neuron, k), k == (2 if neuron < 3 else 3)
        less, more = ([*numbers[:i], numbers[i] + nudge, *numbers[i + 1 :]] for nudge in (-1e-6, 1e-6))
        gradient = found[f"d{neuron}" if is_bias else f"g{i}"]
        assert gradient == pytest.approx((cost_of(more) - cost_of(less)) / 2e-6, abs=1e-8), (neuron, k)


def test_what_it_gives_to_python_is_what_it_shows():
    net = Network.random([2, 3, 2], np.random.default_rng(4))
    x, y = np.array([[0.3], [-1.5]]), np.array([[0.0], [1.0]])
    small = SmallNetwork(net, x, y, eta=0.3)
    assert repr(small) == "SmallNetwork(Network([2, 3, 2]))"
    own = [*small.net.weights, *small.net.biases, small.x, small.y]
    assert all(map(np.array_equal, own, [*net.weights, *net.biases, x, y]))
    (nabla_b, nabla_w), texts = backprop(small.net, small.x, small.y), texts_of(small)
    for array in [*nabla_b, *nabla_w, feedforward(net, x)]:
        assert {shown(value) for value in array.ravel()} <= set(texts)
    update_mini_batch(net, [(x, y)], small.eta)
    assert shown(cost(feedforward(net, x), y)) in texts


def test_each_preset_shows_what_it_says():
    found = {name: outcome(numbers) for name, numbers in PRESETS.items()}
    assert [found["by hand"][f"d{n}"] for n in range(5)] == [0, -0.125, 0.125, -0.125, 0.125]
    dead = found["saturated"]
    sums = [abs(dead[f"d{n}"] / sigmoid_prime(np.array(dead[f"z{n}"]))) for n in range(3)]
    assert (abs(dead["d1"]) < 0.001, max(sums)) == (True, sums[1])
    assert found["cancelling paths"]["d1"] == 0 != found["cancelling paths"]["d2"]
    wrong, y = found["wrong target"], as_example(PRESETS["wrong target"])[2]
    assert (wrong["a3"] > 0.8, wrong["a4"] < 0.2, *y[:, 0]) == (True, True, 0, 1)
    assert [found["zero input"][f"g{i}"] for i in (2, 5, 8)] == [0, 0, 0]
    jumps = [name for name in PRESETS if found[name]["after"] > found[name]["cost"]]
    assert jumps == ["large η"]


@pytest.mark.parametrize("preset", PRESETS)
def test_the_text_and_the_still_picture_show_every_number(preset):
    small = SmallNetwork(preset=preset, sum_of=2)
    assert small.numbers == [float(number) for number in PRESETS[preset]]
    texts, written = texts_of(small), [shown(value) for value in [*small.numbers, *outcome(small.numbers).values()]]
    assert not {text for text in written if written.count(text) > texts.count(text)}
    assert not {text for text in written if text not in small.text}
    assert small.text.splitlines()[-3:] == sum_of(1, small.numbers, outcome(small.numbers))
    assert small.text.splitlines()[0] in still(small)[1]
    assert colourless(small) == []


def test_a_choice_in_python_starts_anew_and_what_the_browser_sends_is_kept():
    small, numbers = SmallNetwork(preset="zero input"), [*map(float, PRESETS["saturated"][:-1]), 2.5]
    small.past = [numbers]
    small.preset = "by hand"
    assert (small.numbers, small.past) == (PRESETS["by hand"], [])
    small.set_state({"preset": 1, "numbers": numbers})
    assert (small.preset, small.numbers, small.eta) == (1, numbers, 2.5)
    assert small.text.startswith("Your own numbers: the cost is 0.3306")


def change(**traits):
    small = SmallNetwork()
    small.set_state(traits)
    assert small.numbers == PRESETS["by hand"]
    small.set_trait(*traits.popitem())


NET, WIDE = (Network.random(sizes, np.random.default_rng(0)) for sizes in ([2, 3, 2], [2, 4, 2]))
X = Y = np.ones((2, 1))
REFUSED = [
    (lambda: SmallNetwork(presets="by hand"), TypeError, "presets"),
    (lambda: SmallNetwork(preset="dead"), ValueError, "preset is 'dead' (str): expected one of 'by hand', 'saturated'"),
    (lambda: SmallNetwork(preset=[1]), TypeError, "preset is [1] (list): expected one of"),
    (lambda: SmallNetwork(preset=X), TypeError, "preset is an array of shape (2, 1): expected one of"),
    (lambda: SmallNetwork(eta=-1), ValueError, "eta is -1: expected a finite number, 0 or more"),
    (lambda: SmallNetwork(sum_of=6), ValueError, "sum_of is 6: expected 0 to 5, 0 for none."),
    (lambda: SmallNetwork(NET), TypeError, "x is None"),
    (lambda: SmallNetwork(None, X, Y), TypeError, "net is None"),
    (lambda: SmallNetwork(WIDE, X, Y), ValueError, "net has the sizes [2, 4, 2]: expected [2, 3, 2]"),
    (lambda: SmallNetwork(NET, X[:, 0], Y), ValueError, "x has shape (2,)"),
    (lambda: SmallNetwork(NET, X, Y, eta="1"), TypeError, "eta is '1' (str): expected a number."),
    (lambda: SmallNetwork(NET, X, 2 * Y), ValueError, "wanted output 0, is 2.0 (float): expected a number from 0 to"),
    (lambda: SmallNetwork(NET, 11 * X, Y), ValueError, "input 0, is 11.0 (float): expected a number from -10 to 10."),
    (lambda: change(numbers=[1.0]), traitlets.TraitError, "numbers is [1.0] (list): expected a list of 22 numbers."),
    (lambda: change(numbers=[math.nan] * COUNT), traitlets.TraitError, "numbers, input 0, is nan (float): expected"),
    (lambda: change(numbers=[math.inf] * COUNT), traitlets.TraitError, "numbers, input 0, is inf (float): expected"),
    (lambda: change(numbers=[True] * COUNT), traitlets.TraitError, "numbers, input 0, is True (bool): expected"),
]

test_what_does_not_fit_is_refused_in_a_sentence = refusing(lambda make: make(), REFUSED)
