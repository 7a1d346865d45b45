"""Tests of `bpteach.readiness`: what is missing is said in plain words, with its cure."""

import itertools
import sys
import tomllib
from importlib.metadata import PackageNotFoundError
from pathlib import Path
from unittest.mock import Mock

import pytest

from bpteach import readiness
from bpteach.readiness import PARTS, check_setup, least_versions

CURE = f"run {sys.executable} -m pip install -r requirements.txt in the collection's folder, then restart the kernel."


def pretend(monkeypatch, **found):
    """Pretend that the digits and exactly these packages are there, in these versions; give answer and complaints."""

    def version(name):
        if name not in found:
            raise PackageNotFoundError(name)
        return found[name]

    monkeypatch.setattr(readiness, "version", version)
    monkeypatch.setattr(readiness, "import_module", version)
    monkeypatch.setattr(readiness, "_digits", lambda: (True, "digits"))
    answer = check_setup()
    return answer, [line for line in answer.lines[:-1] if line.startswith("✗")]


def all_but(name, **found):
    return dict.fromkeys(set(PARTS) - {name}, "99.9") | found


def test_everything_in_place(monkeypatch):
    answer, complaints = pretend(monkeypatch, **all_but(""))
    assert (answer.ok, complaints, answer.lines[-1]) == (True, [], "Everything is in place.")
    assert len(answer.lines) == len(PARTS) + 3
    assert str(answer) == repr(answer) == "\n".join(answer.lines)


OLD = {"numpy": "1.26.4", "matplotlib": "3.8.3", "ipywidgets": "7.7.1", "anywidget": "0.9.9", "tqdm": "4.65.2"}
OLD |= {"threadpoolctl": "3.4"}


@pytest.mark.parametrize("name", PARTS)
def test_a_package_that_is_missing_or_too_old_is_named_with_its_cure(name, monkeypatch):
    least = least_versions()[name]
    for found in (least, f"{least}.1", "10.0rc1"):
        assert pretend(monkeypatch, **all_but(name, **{name: found}))[0].ok
    answer, complaints = pretend(monkeypatch, **all_but(name))
    assert (answer.ok, complaints) == (False, [f"✗ {name} is missing or broken ({PARTS[name]}): {CURE}"])
    assert "✗" in answer.lines[-1]
    _answer, complaints = pretend(monkeypatch, **all_but(name, **{name: OLD[name]}))
    said = f"✗ {name} {OLD[name]} is too old ({PARTS[name]}), the lessons need {least} or newer: {CURE}"
    assert complaints == [said]


def test_each_requirement_of_the_project_is_understood(monkeypatch):
    project = tomllib.loads(Path(__file__).parents[1].joinpath("pyproject.toml").read_text(encoding="utf-8"))["project"]
    lines = [*project["dependencies"], *itertools.chain(*project["optional-dependencies"].values())]
    monkeypatch.setattr(readiness, "requires", lambda name: lines)
    assert len(least_versions()) == len(lines)


def test_of_a_copy_that_is_not_installed_no_package_is_called_old(monkeypatch):
    monkeypatch.setattr(readiness, "requires", Mock(side_effect=PackageNotFoundError))
    assert pretend(monkeypatch, **OLD)[0].ok


def test_an_old_python_is_named(monkeypatch):
    monkeypatch.setattr(sys, "version_info", (3, 9, 1))
    assert pretend(monkeypatch, **all_but(""))[1] == ["✗ Python 3.9.1 is too old: the lessons need 3.11 or newer."]


@pytest.mark.parametrize("error", [FileNotFoundError("train-labels is missing"), ValueError("train-labels is damaged")])
def test_damaged_digits_are_reported_and_not_raised(monkeypatch, error):
    def fail():
        raise error

    monkeypatch.setattr(readiness, "load_mnist", fail)
    assert f"✗ {error}" in check_setup().lines
    assert not check_setup().ok


def test_the_digits_are_counted():
    assert "✓ MNIST: 50,000 + 10,000 + 10,000 handwritten digits, checksums right" in check_setup().lines
