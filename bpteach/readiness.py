"""Tell a reader in plain words whether everything that the lessons use is in place."""

import argparse
import sys
from importlib import import_module
from importlib.metadata import version

from bpteach.locale import _
from bpteach.mnist import load_mnist

#: What the lessons import beside the package itself
PARTS = ("numpy", "matplotlib", "ipywidgets", "anywidget", "tqdm", "threadpoolctl")

WORDS = {
    "numpy": "the arrays and the linear algebra",
    "matplotlib": "the pictures",
    "ipywidgets": "the widgets",
    "anywidget": "the widgets",
    "tqdm": "the progress bars",
    "threadpoolctl": "the timing",
    "fine": "✓ {text}",
    "wrong": "✗ {text}",
    "python": "Python {found}",
    "python old": "Python {found} is too old: the lessons need 3.11 or newer.",
    "part": "{name} {found}: {use}",
    "part missing": "{name} is missing or broken ({use}): run python -m pip install -r requirements.txt "
    "in the collection's folder, then restart the kernel.",
    "digits": "MNIST: {training:,} + {validation:,} + {test:,} handwritten digits, checksums right",
    "all": "Everything is in place.",
    "not all": "Something is missing: see the lines that begin with ✗.",
}


class Readiness:
    """The answers of `check_setup`, one line each. Print it to read them.

    Parameters
    ----------
    answers : list of pairs (bool, str)
        Whether something is in place, and a sentence.

    Attributes
    ----------
    ok : bool
        Whether everything is in place.
    lines : list of str
        One sentence for each thing that was looked at, and one for all.
    """

    def __init__(self, answers):
        self.ok = all(fine for fine, _sentence in answers)
        self.lines = [WORDS["fine" if fine else "wrong"].format(text=text) for fine, text in answers]
        self.lines.append(WORDS["all" if self.ok else "not all"])

    def __str__(self):
        """Give one line an answer."""
        return "\n".join(self.lines)

    __repr__ = __str__


def check_setup():
    """Look at the Python version, the packages that the lessons use, and the handwritten digits.

    Returns
    -------
    Readiness
        What was found. Nothing is raised: a lesson can go on to say what to do.
    """
    return Readiness([_python(), *map(_part, PARTS), _digits()])


def _python():
    found = ".".join(map(str, sys.version_info[:3]))
    fine = sys.version_info >= (3, 11)
    return fine, WORDS["python" if fine else "python old"].format(found=found)


def _part(name):
    try:
        import_module(name)
        return True, WORDS["part"].format(name=name, found=version(name), use=WORDS[name])
    except ImportError:
        return False, WORDS["part missing"].format(name=name, use=WORDS[name])


def _digits():
    try:
        digits = load_mnist()
    except (OSError, ValueError) as error:
        return False, str(error)
    return True, WORDS["digits"].format(**{name: len(part) for name, part in digits._asdict().items()})


def main(words):
    """Print what is in place; give 1 if something is missing."""
    argparse.ArgumentParser(prog="bpteach setup", description=_("Tell whether everything is in place.")).parse_args(
        words
    )
    readiness = check_setup()
    print(readiness)
    return 0 if readiness.ok else 1
