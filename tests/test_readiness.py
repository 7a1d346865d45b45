"""Tests of `bpteach.readiness`: what is missing is said in plain words, with its cure."""

import sys
from importlib.metadata import PackageNotFoundError

import pytest

from bpteach import readiness
from bpteach.readiness import PARTS, check_setup, least_versions


def lines_about(word):
    """Give the lines of the answer that speak of `word`."""
    return [line for line in check_setup().lines if word in line]


def pretend(monkeypatch, **found):
    """Pretend that exactly these packages are installed, in these versions."""

    def version(name):
        if name not in found:
            raise PackageNotFoundError(name)
        return found[name]

    monkeypatch.setattr(readiness, "version", version)
    monkeypatch.setattr(readiness, "import_module", version)


def test_everything_in_place(monkeypatch):
    pretend(monkeypatch, **dict.fromkeys(PARTS, "99.9"))
    answer = check_setup()
    assert answer.ok
    assert len(answer.lines) == len(PARTS) + 3
    assert all(line.startswith("✓") for line in answer.lines[:-1])
    assert str(answer) == repr(answer) == "\n".join(answer.lines)


@pytest.mark.parametrize("name", PARTS)
def test_a_missing_package_is_named_with_its_cure(monkeypatch, name):
    pretend(monkeypatch, **{part: "99.9" for part in PARTS if part != name})
    answer = check_setup()
    assert not answer.ok
    (line,) = [line for line in answer.lines if line.startswith("✗")]
    assert f"{name} is missing or broken" in line
    assert "pip install -r requirements.txt" in line
    assert "✗" in answer.lines[-1]


OLD = {"numpy": "1.26.4", "matplotlib": "3.8.4", "ipywidgets": "7.7.1", "anywidget": "0.9.9", "tqdm": "4.65.2"}
OLD |= {"threadpoolctl": "3.4"}


@pytest.mark.parametrize("installed", [True, False])
@pytest.mark.parametrize("name", PARTS)
def test_a_package_older_than_the_collection_requires_is_named(name, installed, monkeypatch):
    least = least_versions()[name]
    for found, fine in ((OLD[name], False), (least, True), (f"{least}.1", True), ("10.0rc1", True)):
        pretend(monkeypatch, **dict.fromkeys(PARTS, "99.9") | {name: found})
        if not installed:
            monkeypatch.setattr(readiness, "requires", readiness.version)  # which knows nothing of bpteach
        answer = check_setup()
        assert answer.ok == fine
        assert [line for line in answer.lines if line.startswith("✗")] == [
            f"✗ {name} {found} is too old ({PARTS[name]}), the lessons need {least} or newer: run python -m pip "
            "install -r requirements.txt in the collection's folder, then restart the kernel."
        ] * (not fine)


def test_an_old_python_is_named(monkeypatch):
    monkeypatch.setattr(sys, "version_info", (3, 9, 1))
    (line,) = lines_about("Python 3.9.1")
    assert line.startswith("✗")
    assert "3.11" in line


@pytest.mark.parametrize(
    "error", [FileNotFoundError("train-labels is missing or broken"), ValueError("train-labels is damaged")]
)
def test_damaged_digits_are_reported_and_not_raised(monkeypatch, error):
    def fail():
        raise error

    monkeypatch.setattr(readiness, "load_mnist", fail)
    assert lines_about("train-labels") == [f"✗ {error}"]
    assert not check_setup().ok


def test_the_digits_are_counted():
    (line,) = lines_about("MNIST")
    assert "50,000 + 10,000 + 10,000" in line
