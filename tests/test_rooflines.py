"""Tests of `bpteach.performance.rooflines`: the roof and the points under it stand where the numbers say."""

import numpy as np
import pytest

from bpteach.figures import new_figure
from bpteach.performance.rooflines import draw_roofline, show_roofline
from strategies import refused

ALT = "Nothing much is to be seen here."
MACHINE = {"peak": 4e9, "speed": 2e9}


def drawn(points):
    _figure, axes = new_figure()
    draw_roofline(axes, points, **MACHINE)
    return axes


def test_roof_rises_with_the_memorys_speed_up_to_the_peak():
    axes = drawn({"a": [("m = 1", 0.5, 1e8), ("m = 9", 8.0, 3e9)]})
    points, roof = axes.get_lines()
    assert points.get_xydata().tolist() == [[0.5, 1e8], [8.0, 3e9]]
    (x0, y0), ridge, (x2, y2) = roof.get_xydata()
    assert ridge.tolist() == [2.0, 4e9]
    assert y0 == pytest.approx(2e9 * x0)
    assert (x0 < 0.5, y2, x2 > 8) == (True, 4e9, True)
    assert axes.get_xscale() == axes.get_yscale() == "log"
    words = [text.get_text() for text in axes.texts]
    assert words[:2] == ["m = 1", "m = 9"]
    assert any(text.startswith("memory: 2 × $10^9$ bytes") for text in words)
    assert any(text.startswith("arithmetic: 4 × $10^9$ operations") for text in words)


@pytest.mark.parametrize("x", [1e-3, 0.5, 80.0])
def test_no_point_stands_outside_the_roofline(x):
    axes = drawn({str(share): [("m", x, share * min(4e9, 2e9 * x))] for share in (1, 0.001)})
    for line in axes.get_lines():
        for px, py in line.get_xydata():
            assert axes.get_xlim()[0] <= px <= axes.get_xlim()[1]
            assert axes.get_ylim()[0] <= py <= axes.get_ylim()[1]


def test_it_is_shown_as_a_picture():
    assert show_roofline({"a": [("m = 1", 0.5, 1e9)]}, ALT, **MACHINE).alt == ALT


@pytest.mark.parametrize(
    ("points", "machine", "words"),
    [
        ({"a": []}, MACHINE, "points['a'] is"),
        ({"a": [("m", 0.0, 1.0)]}, MACHINE, "points['a'] is"),
        ({"a": [("m", 1.0)]}, MACHINE, "points['a'] is"),
        ({}, {"peak": 0.0, "speed": 1.0}, "peak is 0.0"),
        ({}, {"peak": 1.0, "speed": np.nan}, "speed is nan"),
    ],
)
def test_wrong_use_is_refused(points, machine, words):
    refused(ValueError, lambda: show_roofline(points, ALT, **machine), words)
