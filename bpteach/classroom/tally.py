"""Count which mistakes the notebooks of a class make: `bpteach tally FOLDER`.

Each notebook runs apart, and what its checks answered is counted. Its code is not trusted. Within bubblewrap:

- It has no network, no terminal, none of the teacher's environment variables, and sees no process but its own; all that
  it starts ends with it.
- It can read Python, the packages, `/usr`, and nothing else of the disk: no home, no other submission. It can write
  into a home of 200 MB that lives in memory and goes with it.
- Time, memory, the number of processes and the length of its report are bounded.
- Of its report only what can be true is counted: exercises and mistakes that bpteach knows, and sentences that stand in
  bpteach word for word. What the students wrote, or what a file holds, is never printed.

With `--confine-with` another command takes bubblewrap's place. It is given `-m bpteach.classroom.runner` as its last
words, so it ends with the name of a Python that has bpteach and what the notebooks import; it hands on standard input
and output, and ends with all that it started when it gets the signal TERM, or at a bound of its own. For instance::

    --confine-with "docker run --rm -i --network none --memory 1g --pids-limit 100 IMAGE timeout -s KILL 200 python"

Not guarded against: a fault of the kernel; shared memory, of which a notebook made for it can take more than its bound
(a container's `--memory` counts that, too); and cheating. The tally counts honest mistakes, it is no guard at an exam:
a notebook that checks another function than the one it was asked for is counted as its checks answer. Whoever writes
into the report, or puts something in the place of a check, is counted for that if it shows.
"""

import argparse
import json
import os
import sys
from pathlib import Path

from bpteach.arguments import require_count
from bpteach.classroom.confinement import choose
from bpteach.classroom.counts import Tally
from bpteach.classroom.supervisor import (
    MEGABYTES,
    SECONDS,
    Outcome,
    did_not_run,
    each_in_turn,
    own_sentences,
    run_apart,
)
from bpteach.files import save
from bpteach.locale import _, readable

LARGEST = 100  # megabytes: no honest notebook is larger


def main(words):
    """Count, print, save; give the exit status, 1 if something was refused or not saved."""
    options = _parser().parse_args(words)
    try:
        require_place(options.json)
        require_place(options.picture, ".png")
        result = count_mistakes(
            options.folder,
            confinement=choose(options.confine_with, unconfined=options.unconfined),
            seconds=options.seconds,
            megabytes=options.memory,
            jobs=options.jobs,
            progress=show_progress if sys.stderr.isatty() else None,
        )
    except (ValueError, RuntimeError) as reason:
        print(reason, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(_("Interrupted: nothing was counted."), file=sys.stderr)
        return 130
    print(result)
    if options.names:
        print(f"\n{result.names()}")
    status = 0
    if options.json:
        text = json.dumps(result.to_dict(names=options.names), indent=2, ensure_ascii=False)
        status |= save(options.json, (text + "\n").encode())
    if options.picture:
        status |= save(options.picture, result.picture().png)
    return status


def _parser():
    about = _("Run submitted notebooks, each apart and confined, and count which mistakes were made how often.")
    parser = argparse.ArgumentParser(prog="bpteach tally", description=about)
    add = parser.add_argument
    add("folder", metavar="FOLDER", help=_("the notebooks: in it or in folders inside it, as nbgrader lays them out"))
    add("--picture", metavar="FILE.png", type=Path, help=_("save bars of the counts as a PNG picture"))
    add("--json", metavar="FILE", type=Path, help=_("save the counts as JSON"))
    add("--names", action="store_true", help=_("say as well which notebook made which mistake"))
    add_bounds(add, SECONDS, _("lessons 4, 6, 8 and 9 compute long"))
    return parser


def add_bounds(add, seconds, remark):
    """Add the options that say by what each notebook is bounded."""
    about = _("time limit for each notebook (default: {seconds}); {remark}")
    add("--seconds", type=float, default=seconds, help=about.format(seconds=seconds, remark=remark))
    about = _("memory limit for each process of a notebook, in MB (default: {megabytes})")
    add("--memory", metavar="MB", type=float, default=MEGABYTES, help=about.format(megabytes=MEGABYTES))
    add("--jobs", type=int, help=_("how many notebooks run at a time (default: one for each processor)"))
    about = _('run them by this command in place of bubblewrap, such as "docker run --rm -i --network none ... python"')
    add("--confine-with", metavar="COMMAND", default="", help=about)
    about = _("run them with your own rights: only if you trust everybody whose notebook it is")
    add("--unconfined", action="store_true", help=about)


def count_mistakes(folder, *, confinement=None, seconds=SECONDS, megabytes=MEGABYTES, jobs=None, progress=None):
    """Run the notebooks in a folder, each apart, and count what their checks answered.

    `progress` is told how many have been run, and how many there are.
    """
    require_bounds(seconds, megabytes, jobs)
    notebooks, confinement = find(folder), confinement or choose()

    def run(name, stop):
        try:
            notebook = read(notebooks[name], name)
        except (OSError, RuntimeError, ValueError) as reason:  # RuntimeError: links in a circle
            return Outcome(trouble=why_not_read(reason))
        return Outcome() if stop.is_set() else run_apart(notebook, confinement, seconds, megabytes, stop)

    own_sentences()  # here, once: Python 3.11 cannot parse in two threads at a time
    return Tally(each_in_turn(run, notebooks, jobs, progress), about=confinement.about())


def require_place(path, kind=""):
    """Refuse with ValueError a file that could not be saved once the class has run, or would be of another kind."""
    if path and not (path.parent.is_dir() and path.name.lower().endswith(kind)):
        message = _("{path} cannot be saved: expected a folder that is there, and a picture's name that ends in .png.")
        raise ValueError(message.format(path=readable(path)))


def require_bounds(seconds, megabytes, jobs):
    """Refuse with ValueError bounds within which no notebook runs."""
    for name, value, least, most in (("seconds", seconds, 1, 86_400), ("megabytes", megabytes, 200, 1_000_000)):
        if not least <= value <= most:
            message = _("{name} is {value}: expected from {least} to {most}.")
            raise ValueError(message.format(name=name, value=value, least=least, most=most))
    if jobs is not None:
        require_count("jobs", jobs)


def why_not_read(reason):
    """Say it in a sentence that holds nothing of the file."""
    return did_not_run(reason if type(reason) is ValueError else type(reason).__name__)


def find(folder):
    """List the notebooks in a folder and in those inside it, by their path there; of a course of nbgrader `submitted`.

    Checkpoints and hidden folders are left out; ValueError if nothing is left.
    """
    top = Path(folder)
    if not top.is_dir():
        message = _("{folder} is no folder: expected the folder that holds the submitted notebooks.")
        raise ValueError(message.format(folder=readable(folder)))
    if (top / "submitted").is_dir():
        top /= "submitted"
    found = {}
    for place, folders, files in os.walk(top):
        folders[:] = [name for name in folders if not name.startswith((".", "__MACOSX"))]
        named = [name for name in (*folders, *files) if name.lower().endswith(".ipynb") and not name.startswith(".")]
        paths = [Path(place, name) for name in named]
        found |= {path.relative_to(top).as_posix(): path for path in paths}
    if not found:
        message = _("{folder} holds no notebook: expected files that end in .ipynb, in it or in folders inside it.")
        raise ValueError(message.format(folder=readable(folder)))
    return dict(sorted(found.items()))


def read(path, name):
    """Read a notebook's bytes; ValueError says why not. No link may leave the folder, in which its path is `name`."""
    real, top = path.resolve(), path.parents[name.count("/")].resolve()
    if not real.is_relative_to(top):
        raise ValueError(_("it leads out of the folder"))
    if not real.is_file():
        raise ValueError(_("it is no file"))
    if real.stat().st_size > LARGEST * 1e6:
        raise ValueError(_("it is larger than {megabytes} MB").format(megabytes=LARGEST))
    return real.read_bytes()


def show_progress(done, count):
    message = _("{done} of {all}").format(done=done, all=count)
    print(f"\r{message}", end="\n" if done == count else "", file=sys.stderr, flush=True)
