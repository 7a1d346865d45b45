"""The command `bpteach tally FOLDER`."""

import argparse
import json
import sys
from pathlib import Path

from bpteach.classroom.tally.notebooks import readable
from bpteach.classroom.tally.supervisor import SECONDS, tally

WORDS = {
    "about": "Run submitted notebooks, each apart and confined, and count which mistakes were made how often.",
    "folder": "the notebooks: in the folder or in folders inside it, as nbgrader lays them out for instance",
    "picture": "save bars of the counts as a PNG picture",
    "json": "save the counts as JSON",
    "function": "check this function (backprop, backprop_matrix, update_mini_batch, update_mini_batch_matrix) instead "
    "of counting what the notebooks' own checks answer; if it has another name: NAME=backprop_matrix; may be repeated",
    "names": "say as well which notebook made which mistake",
    "seconds": "time limit for each notebook (default: {seconds}); lessons 4, 6, 8 and 9 compute long",
    "memory": "memory limit for each notebook, in MB (default: 1000)",
    "jobs": "how many notebooks run at a time (default: one for each processor)",
    "no matplotlib": "There is no picture: Matplotlib is not installed (python -m pip install matplotlib).",
    "not saved": "{path} could not be saved: {reason}",
    "progress": "\r{done} of {all}",
    "interrupted": "Interrupted: nothing was counted.",
}


def main(arguments=None):
    """Count, print, save.

    Parameters
    ----------
    arguments : list of str, optional
        The words of the command line.

    Returns
    -------
    int
        The exit status: 0, or 1 if something was refused or not saved.
    """
    options = _parser().parse_args(arguments)
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="replace")
    try:
        result = tally(
            options.folder,
            seconds=options.seconds,
            megabytes=options.memory,
            functions=options.function,
            jobs=options.jobs,
            progress=_show_progress if sys.stderr.isatty() else None,
        )
    except (ValueError, RuntimeError) as reason:
        print(reason, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(WORDS["interrupted"], file=sys.stderr)
        return 130
    print(result)
    if options.names:
        print(f"\n{result.names()}")
    return max(_save_json(options.json, result, options.names), _save_picture(options.picture, result))


def _parser():
    parser = argparse.ArgumentParser(prog="bpteach tally", description=WORDS["about"])
    parser.add_argument("folder", metavar="FOLDER", help=WORDS["folder"])
    parser.add_argument("--picture", metavar="FILE.png", type=Path, help=WORDS["picture"])
    parser.add_argument("--json", metavar="FILE", type=Path, help=WORDS["json"])
    parser.add_argument("--function", metavar="NAME", action="append", default=[], help=WORDS["function"])
    parser.add_argument("--names", action="store_true", help=WORDS["names"])
    parser.add_argument("--seconds", type=float, default=SECONDS, help=WORDS["seconds"].format(seconds=SECONDS))
    parser.add_argument("--memory", metavar="MB", type=float, default=1000, help=WORDS["memory"])
    parser.add_argument("--jobs", type=int, help=WORDS["jobs"])
    return parser


def _show_progress(done, count):
    end = "\n" if done == count else ""
    print(WORDS["progress"].format(done=done, all=count), end=end, file=sys.stderr, flush=True)


def _save_json(path, result, names):
    if path is None:
        return 0
    text = json.dumps(result.to_dict(names=names), indent=2, ensure_ascii=False)
    return _save(path, (text + "\n").encode())


def _save_picture(path, result):
    if path is None:
        return 0
    try:
        png = result.picture().png
    except ImportError:
        print(WORDS["no matplotlib"], file=sys.stderr)
        return 0
    return _save(path, png)


def _save(path, data):
    try:
        path.write_bytes(data)
    except OSError as reason:
        print(WORDS["not saved"].format(path=readable(path), reason=reason.strerror), file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
