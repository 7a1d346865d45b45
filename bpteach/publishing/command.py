"""What `bpteach site` and `bpteach slides` share: the words after them, and a folder that is changed as a whole."""

import argparse
import os
import sys
import tempfile
from pathlib import Path

from bpteach.locale import _
from bpteach.publishing import npm
from bpteach.publishing.lessons import LESSONS
from bpteach.publishing.pages import RefusedError


def parser_of(name, about):
    """Make a parser of a command's words; the command adds its own options."""
    parser = argparse.ArgumentParser(prog=f"bpteach {name}", description=about)
    parser.add_argument("folder", type=Path, help=_("where it goes; it is made if need be"))
    parser.add_argument(
        "notebooks", nargs="*", default=[], type=Path, help=_("the notebooks; all lessons if none is named")
    )
    parser.add_argument("--packages", type=Path, help=_("a folder where the scripts are kept for the next time"))
    return parser


def publish(asked, packages, build):
    """Have `build` fill a folder, and put that in place only if all went well; give the exit status, 1 if it did not.

    `build` takes the draft, the notebooks' paths and the packages' folders; it gives what it made and the file to open.
    """
    os.environ |= {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}  # the kernels inherit it
    folder = asked.folder.resolve()
    try:
        if folder.is_file():
            message = _("{folder} is a file: expected first the folder where it goes, then the notebooks.")
            raise RefusedError(message.format(folder=asked.folder))
        paths = [an_existing_notebook(path) for path in asked.notebooks or LESSONS]
        near = folder if folder.exists() else folder.parent  # from there, moving is renaming
        near.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".bpteach-", dir=near) as place:
            fetched = npm.fetch(packages, asked.packages or Path(place) / "packages")
            draft = Path(place) / "draft"  # which, unlike the place, others may read
            draft.mkdir()
            what, first = build(draft, paths, fetched)
            size = sum(path.stat().st_size for path in draft.rglob("*") if path.is_file()) / 1e6
            put_in_place(draft, folder)
    except (RefusedError, npm.UnavailableError) as reason:
        print(reason, file=sys.stderr)
        return 1
    except OSError as error:
        message = _("{folder} could not be written, and is as it was: {error}")
        print(message.format(folder=asked.folder, error=error), file=sys.stderr)
        return 1
    message = _("{folder}: {what}, {size:.1f} MB. Open {first}.")
    print(message.format(folder=asked.folder, what=what, size=size, first=asked.folder / first))
    return 0


def put_in_place(draft, folder):
    """Move what is in `draft` to a folder; what it replaces goes where the draft was, all else there stays."""
    if not folder.exists():
        draft.rename(folder)
        return
    old = draft.with_name("old")
    old.mkdir()
    for new in draft.iterdir():
        if (folder / new.name).exists():
            (folder / new.name).rename(old / new.name)
        new.rename(folder / new.name)


def an_existing_notebook(path):
    """Refuse what is no notebook."""
    if path.suffix != ".ipynb" or not path.exists():
        raise RefusedError(_("{name} is no notebook: expected files that end in .ipynb.").format(name=path))
    return path
