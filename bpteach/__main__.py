"""The command `bpteach`, also `python -m bpteach`: one sub-command for each thing that a person runs."""

import argparse
import sys
from importlib import import_module

from bpteach.locale import N_, _

#: name → the module whose `main` it calls with the words that follow, and what it does
COMMANDS = {
    "setup": ("bpteach.readiness", N_("tell whether everything that the lessons use is in place")),
    "benchmark": ("bpteach.performance.benchmark.command", N_("measure how fast the matrix step is on this machine")),
    "autograde": ("bpteach.classroom.autograde", N_("run nbgrader's grading confined, and count the points outside")),
    "tally": ("bpteach.classroom.tally", N_("count which mistakes the notebooks of a class make")),
    "site": ("bpteach.publishing.site", N_("build the lessons as a web site")),
    "slides": ("bpteach.publishing.slides", N_("build the lessons as slides")),
    "store": ("bpteach.publishing.store", N_("run lessons and store them as they belong in git")),
    "translate": ("bpteach.publishing.translate", N_("bring the lessons in other languages up to the English ones")),
}

#: What argparse says of itself. A translation of the first has seven letters, too: some of its code cuts so many off
ARGPARSE = [N_("usage: "), N_("positional arguments"), N_("options"), N_("show this help message and exit")]
ARGPARSE += [N_("%(prog)s: error: %(message)s\n"), N_("argument %(argument_name)s: %(message)s")]
ARGPARSE += [N_("invalid %(type)s value: %(value)r"), N_("invalid choice: %(value)r (choose from %(choices)s)")]
ARGPARSE += [N_("the following arguments are required: %s"), N_("unrecognized arguments: %s")]
ARGPARSE += [N_("expected one argument"), N_("not allowed with argument %s")]


def main(words=None):
    """Hand the command line on to the sub-command that it names; give its exit status."""
    words = sys.argv[1:] if words is None else words
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="bpteach")  # a terminal may lack some letters
    argparse._ = _  # else it would look for translations of its own
    name, *rest = words or ["--help"]
    if name in ("-h", "--help"):
        print(help_text())
        return 0
    if name not in COMMANDS:
        message = _("bpteach has no sub-command {name}: expected one of {expected}.")
        print(message.format(name=name, expected=_(", ").join(COMMANDS)), file=sys.stderr)
        return 2
    module, _what = COMMANDS[name]
    try:
        return import_module(module).main(rest)
    except ModuleNotFoundError as error:
        if (error.name or "bpteach").startswith("bpteach"):
            raise
        message = _("bpteach {name} needs {package}, which is not installed: {python} -m pip install {package}")
        package = error.name.partition(".")[0]
        print(message.format(name=name, package=package, python=sys.executable), file=sys.stderr)
        return 1


def help_text():
    lines = [_("usage: bpteach COMMAND ...  (bpteach COMMAND --help tells more)"), ""]
    return "\n".join([*lines, *(f"  {name:10} {_(what)}" for name, (_module, what) in COMMANDS.items())])


if __name__ == "__main__":
    sys.exit(main())
