"""Tell a reader in plain words whether everything that the lessons use is in place."""

import argparse
import re
import sys
from importlib import import_module
from importlib.metadata import PackageNotFoundError, requires, version

from bpteach.locale import N_, _, printable
from bpteach.mnist import load_mnist

#: What the lessons import beside the package itself, and what for
PARTS = {
    "numpy": N_("the arrays and the linear algebra"),
    "matplotlib": N_("the pictures"),
    "ipywidgets": N_("the widgets"),
    "anywidget": N_("the widgets"),
    "tqdm": N_("the progress bars"),
    "threadpoolctl": N_("the timing"),
}


class Readiness:
    """The answers of `check_setup`, pairs of whether something is in place and a sentence. Print it to read them."""

    def __init__(self, answers):
        self.ok = all(fine for fine, _sentence in answers)
        self.lines = [f"{'✓' if fine else '✗'} {text}" for fine, text in answers]
        missing = _("Something is missing: see the lines that begin with ✗.")
        self.lines.append(_("Everything is in place.") if self.ok else missing)

    def __str__(self):
        return printable("\n".join(self.lines))

    __repr__ = __str__


def check_setup():
    """Look at the versions of Python and of the packages that the lessons use, and at the handwritten digits.

    Returns
    -------
    Readiness
        What was found. Nothing is raised: a lesson can go on to say what to do.
    """
    least = least_versions()
    return Readiness([_python(), *(_part(name, least.get(name, "0")) for name in PARTS), _digits()])


def _python():
    found = ".".join(map(str, sys.version_info[:3]))
    fine = sys.version_info >= (3, 11)
    too_old = _("Python {found} is too old: the lessons need 3.11 or newer.")
    return fine, f"Python {found}" if fine else too_old.format(found=found)


def _part(name, least):
    cure = _("run {python} -m pip install -r requirements.txt in the collection's folder, then restart the kernel")
    cure = cure.format(python=sys.executable)
    try:
        import_module(name)
        found = version(name)
    except ImportError:
        message = _("{name} is missing or broken ({use}): {cure}.")
        return False, message.format(name=name, use=_(PARTS[name]), cure=cure)
    if _numbers(found) < _numbers(least):
        message = _("{name} {found} is too old ({use}), the lessons need {least} or newer: {cure}.")
        return False, message.format(name=name, found=found, use=_(PARTS[name]), least=least, cure=cure)
    return True, _("{name} {found}: {part}").format(name=name, found=found, part=_(PARTS[name]))


def _numbers(version):
    return [int(number) for number in re.findall(r"\d+", version)]


def least_versions():
    """Read from its metadata what bpteach requires; of a bare copy that is not installed, nothing is known."""
    try:
        return dict(re.match(r"([\w-]+)[=>]=([\d.]+)", line).groups() for line in requires("bpteach"))
    except PackageNotFoundError:
        return {}


def _digits():
    try:
        digits = load_mnist()
    except (OSError, ValueError) as error:
        return False, str(error)
    message = _("MNIST: {training:,} + {validation:,} + {test:,} handwritten digits, checksums right")
    return True, message.format(**{name: len(part) for name, part in digits._asdict().items()})


def main(words):
    """Print what is in place; give 1 if something is missing."""
    about = _("Tell whether everything is in place.")
    argparse.ArgumentParser(prog="bpteach setup", description=about).parse_args(words)
    readiness = check_setup()
    print(readiness)
    return 0 if readiness.ok else 1
