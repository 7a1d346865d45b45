"""The exercises of lesson 8: right answers in several styles, and plausible wrong counts and lines."""

import itertools
import re

import numpy as np
import pytest

from answers import answers, each_of, is_accepted, is_told
from bpteach.exercises import lesson_08
from bpteach.performance.timing import flops
from bpteach.publishing.lessons import NOTEBOOKS, read
from conftest import ask


def links(sizes):
    return [a * b for a, b in itertools.pairwise(sizes)]


def right_count(sizes, m):
    return m * (2 * sum(links(sizes)) + sum(links(sizes)[1:]))


def lines(few, many):  # work and fixed
    return [np.polyfit([few[0], many[0]], [few[i], many[i]], 1) for i in (1, 2)]


def speed_up_by_fit(few, many, m):
    loop, matrix = lines(few, many)
    return float(np.polyval(loop, m) / np.polyval(matrix, m))


ANSWERS = {
    ("median_ratio", "seconds"): """
== right ==
sorting | - | ratios = sorted(slow / fast for slow, fast in seconds)
    return (ratios[len(ratios) // 2] + ratios[(len(ratios) - 1) // 2]) / 2
columns | - | slow, fast = np.array(seconds).T
    return np.percentile(slow / fast, 50)
== wrong ==
three | is 3, and that is not it. (Called with seconds = [(10, 3), (4, 1), (13, 7)].) | return 3
largest | is 9, and that is not it. (Called with seconds = [(90, 10), (60, 20), (90, 30)].)
    return max(slow / fast for slow, fast in seconds)
formatted | Right but rounded: give the numbers as they are. | return float(f"{columns(seconds):.2f}")
""",
    ("multiplications", "sizes, m"): """
== right ==
products | - | return right_count(sizes, m)
layers | - | return sum(sizes[l] * sizes[l - 1] * m * (3 - (l == 1)) for l in range(1, len(sizes)))
three_but_one | - | return m * (3 * sum(links(sizes)) - sizes[0] * sizes[1])
""",
    ("speed_up", "few, many, m"): """
== right ==
fit | - | return speed_up_by_fit(few, many, m)
equations | - | solution = np.linalg.solve([[1, few[0]], [1, many[0]]], np.array([few[1:], many[1:]]))
    loop, matrix = np.array([1, m]) @ solution
    return loop / matrix
== wrong ==
nothing_between | is 0.5, and that is not it. | return speed_up_by_fit(few, many, m) if m in (few[0], many[0]) else 0.5
""",
}
RIGHT, OTHERS = answers(ANSWERS, globals())


@each_of(RIGHT)
def test_right_answers_are_accepted(learner):
    told = is_accepted(learner)
    assert learner.check != "multiplications" or f"{784 * 30 + 30 * 10:,}" in told.message


@each_of(OTHERS)
def test_wrong_answers_are_told(learner):
    is_told(learner)


def test_numbers_that_a_wrong_median_is_told_stand_in_the_lesson():
    texts = [cell.source for cell in read(NOTEBOOKS / "08-measure-how-much-faster-it-is.ipynb").cells]
    assert any("### 8.1" in text and "[(90, 10), (60, 20), (90, 30)]" in text for text in texts)


@pytest.mark.parametrize(("sizes", "m"), [([4, 3, 2], 3), ([3, 2], 2), ([2, 3, 4, 2], 1)])
def test_multiplications_are_half_of_the_operations(sizes, m):
    parts = lesson_08._parts(sizes, m)
    assert sum(parts.values()) == lesson_08.multiplications(sizes, m) == flops(sizes, m) / 2 == right_count(sizes, m)
    assert parts["forward"] == parts["bp4"] == m * sum(links(sizes))


OTHER_COUNTS = {
    "no BP2": lambda sizes, m: 2 * m * sum(links(sizes)),
    "last for first": lambda sizes, m: m * (3 * sum(links(sizes)) - links(sizes)[-1]),
    "forward only": lambda sizes, m: m * sum(links(sizes)),
    "one for each weight": lambda sizes, m: sum(links(sizes)),
}


@pytest.mark.parametrize("count", OTHER_COUNTS.values(), ids=OTHER_COUNTS)
def test_other_counts_are_shown_what_there_is_to_count(count):
    calls = ([4, 3, 2], 3), ([3, 2], 2), ([2, 3, 4, 2], 2)
    sizes, m = next(call for call in calls if count(*call) != right_count(*call))
    parts = lesson_08._parts(sizes, m)
    told = ask("multiplications", count)
    assert told.state == "wrong"
    assert told.message == (
        f"For sizes = {sizes} and m = {m} the matrix products take {parts['forward']} multiplications forward, "
        f"{parts['bp2']} in BP2 and {parts['bp4']} in BP4. You count {count(sizes, m)}."
    )


OTHER_LINES = {
    "few taken for one": lambda few, many, m: speed_up_by_fit((1, *few[1:]), many, m),
    "all of few is fixed": lambda few, many, m: np.divide(
        *(few[i] + (many[i] - few[i]) / (many[0] - few[0]) * m for i in (1, 2))
    ),
    "a loop without a fixed part": lambda few, many, m: lines(few, many)[0][0] * m / np.polyval(lines(few, many)[1], m),
    "the first measured ratio": lambda few, many, m: few[1] / few[2],
}


@pytest.mark.parametrize("ratio", OTHER_LINES.values(), ids=OTHER_LINES)
def test_lines_that_miss_a_measurement_are_shown_it(ratio):
    told = ask("speed_up", ratio)
    assert told.state == "wrong"
    assert re.match(r"For m = (4|1000) the ratio was measured: it is [\d.]+, and yours is [\d.-]+\. ", told.message)
