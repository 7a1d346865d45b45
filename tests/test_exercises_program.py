"""Exercise 7.5: right programs in several styles, plausible wrong ones, and the stumbles between a list and X."""

import pytest

from bpteach import Network
from conftest import ask
from test_programs import MATRICES, program


def changed(changes):
    return program(MATRICES | changes)


def stacked(way):
    ways = (way.format(name) for name in "xy")
    return changed({"for x, y in mini_batch:": f"for x, y in [({', '.join(ways)})]:"})


MEAN = {
    "return (nabla_b, nabla_w)": "return [b / x.shape[1] for b in nabla_b], [w / x.shape[1] for w in nabla_w]",
    "eta/len(mini_batch)": "eta",
}
RIGHT = {
    "np.hstack": changed({}),
    "an object": changed({})([5, 4, 3]),
    "np.column_stack": stacked("np.column_stack([{} for x, y in mini_batch])"),
    "np.array, and turned": stacked("np.array([{} for x, y in mini_batch])[:, :, 0].T"),
    "means, and a step without m": changed(MEAN),
}


@pytest.mark.slow
@pytest.mark.parametrize("answer", RIGHT.values(), ids=RIGHT)
def test_right_programs_are_trained_and_timed(answer, capsys):
    told = ask("judge_program", answer)
    assert told.ok, told
    assert "Trained by your own SGD on 10,000 digits for 3 epochs, the network reads 9" in told.message
    assert "the loop's step takes" in told.message
    assert not capsys.readouterr().out


STUMBLES = {
    "np.array([{} for x, y in mini_batch])": (4, 5, 1),
    "np.concatenate([{} for x, y in mini_batch])": (20, 1),
    "np.squeeze([{} for x, y in mini_batch])": (4, 5),
    "np.array([{0} for x, y in mini_batch]).reshape(len(mini_batch[0]['xy'.index('{0}')]), -1)": (5, 4),
}


@pytest.mark.parametrize(("way", "shape"), STUMBLES.items())
def test_stumbles_on_the_way_from_a_list_are_told(way, shape):
    told = ask("judge_program", stacked(way))
    assert told.state == "wrong"
    assert told.message.startswith(f"In update_mini_batch, the examples have become an array of shape {shape}."), told
    assert "np.hstack" in told.hints[1]


WRONG = [
    ({"[map(np.hstack, zip(*mini_batch))]": "mini_batch"}, "still calls a function once for each", "X.shape"),
    (
        {".transpose(), delta)": ", delta)"},
        "In backprop: The output layer is right. From layer 3 back",
        "moves the error",
    ),
    ({"in range(epochs)": "in range(1)"}, "In SGD: Two epochs", "Count the examples of an epoch"),
    ({"sizes):": "sizes, cost):"}, "Network takes (sizes, cost)", ""),
]


@pytest.mark.parametrize(("changes", "words", "hint"), WRONG)
def test_wrong_programs_are_told_and_hints_follow_what_was_found(changes, words, hint):
    told = ask("judge_program", changed(changes))
    assert told.state in ("wrong", "stopped")
    assert words in told.message, told
    assert hint in "".join(told.hints[:1]), told.hints
    assert hint or not told.hints


@pytest.mark.parametrize(
    ("answer", "state", "words"),
    [
        (..., "unfinished", "Replace the ..."),
        (Network, "unfinished", "Still to write: feedforward, SGD, update_mini_batch and backprop."),
        (changed({"for x, y in mini_batch:": "for x, y in ...:"}), "unfinished", "Still to write: update_mini_batch."),
        (len, "wrong", "expected your class"),
        (7, "wrong", "expected your class"),
    ],
)
def test_programs_that_are_not_written_yet(answer, state, words):
    told = ask("judge_program", answer)
    assert told.state == state
    assert words in told.message
