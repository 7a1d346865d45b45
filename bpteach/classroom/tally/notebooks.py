"""Find the notebooks in a folder, and in a notebook its cells of code and the checks that they call."""

import json
import os
import re
from pathlib import Path
from typing import NamedTuple

WORDS = {
    "no folder": "{folder} is no folder: expected the folder that holds the submitted notebooks.",
    "none": "{folder} holds no notebook: expected files that end in .ipynb, in it or in folders inside it.",
    "link": "it leads out of the folder",
    "no file": "it is no file",
    "too large": "it is larger than {megabytes} MB",
    "no JSON": "it is no notebook",
    "no cells": "it has no cells",
}

#: Megabytes: no honest notebook is larger
LARGEST = 100

#: The checks of `bpteach.diagnosis`
CHECKS = ("check_backprop", "check_backprop_matrix", "check_update")

#: What judges an answer in a graded cell of nbgrader, beside the checks
JUDGES = ("judge", "judge_function")

_JUDGE = re.compile(rf"\b({'|'.join(JUDGES)})\s*\(")
_CALL = re.compile(rf"\b(?:check\(\s*[\"'](\d+\.\d+)[\"']|({'|'.join(CHECKS)})\s*\()")


class UnreadableError(Exception):
    """A file that is no notebook; its argument says why."""


class Cell(NamedTuple):
    """A cell of code.

    Attributes
    ----------
    source : str
        The code.
    tags : list of str
        What Jupyter's metadata call tags; that of an exercise's own check is "check-2.1".
    graded : str
        The name of a cell of nbgrader that earns points, or nothing.
    """

    source: str
    tags: list
    graded: str

    def checks(self):
        """List the checks that the cell calls, without running it.

        Returns
        -------
        list of str
            The number of an exercise, "2.1"; or the name of a check; or, instead of it, that of the cell, if it is
            graded.
        """
        code = re.sub("#.*", "", self.source)
        called = _CALL.findall(code)
        checks = [exercise or check for exercise, check in called]
        if self.graded and not any(exercise for exercise, _ in called) and (called or _JUDGE.search(code)):
            checks = [self.graded]
        return list(dict.fromkeys(checks))

    def is_meant_for(self, check):
        """Tell whether this is the cell in which an exercise is to be checked, not one to try things.

        Parameters
        ----------
        check : str
            The exercise or check.

        Returns
        -------
        bool
            By its tag, or because it is graded.
        """
        return f"check-{check}" in self.tags or bool(self.graded)


def find(folder):
    """List the notebooks in a folder and in the folders inside it.

    Checkpoints and hidden folders are left out. Of a course folder of nbgrader, what stands in `submitted` is taken.

    Parameters
    ----------
    folder : str or path
        Where to look.

    Returns
    -------
    dict of str to path
        The notebooks by name, which is the path inside the folder.

    Raises
    ------
    ValueError
        If there is no such folder, or no notebook in it.
    """
    top = Path(folder)
    if not top.is_dir():
        raise ValueError(WORDS["no folder"].format(folder=readable(folder)))
    if (top / "submitted").is_dir():
        top /= "submitted"
    found, to_visit = {}, [top]
    while to_visit:
        with os.scandir(to_visit.pop()) as entries:
            for entry in entries:
                path = Path(entry.path)
                if entry.name.startswith((".", "__MACOSX")):
                    continue
                if entry.name.lower().endswith(".ipynb"):
                    found[path.relative_to(top).as_posix()] = path
                elif entry.is_dir(follow_symlinks=False):
                    to_visit.append(path)
    if not found:
        raise ValueError(WORDS["none"].format(folder=readable(folder)))
    return dict(sorted(found.items()))


def fault(path, name):
    """Say why a notebook is not to be opened.

    Parameters
    ----------
    path : path
        The file.
    name : str
        Its path inside the folder that was searched.

    Returns
    -------
    str
        A reason, or nothing.
    """
    real, top = path.resolve(), path.parents[name.count("/")].resolve()
    if not real.is_relative_to(top):
        return WORDS["link"]
    if not real.is_file():
        return WORDS["no file"]
    return WORDS["too large"].format(megabytes=LARGEST) if real.stat().st_size > LARGEST * 1e6 else ""


def read_cells(path):
    """Read the cells of code of a notebook, of format 3 or 4.

    Parameters
    ----------
    path : str or path
        The file.

    Returns
    -------
    list of Cell
        The cells of code.

    Raises
    ------
    UnreadableError
        If the file is no notebook.
    """
    try:
        notebook = json.loads(Path(path).read_bytes().decode("utf-8-sig"))
    except (ValueError, RecursionError):
        raise UnreadableError(WORDS["no JSON"]) from None
    cells = _list(notebook, "cells") + [
        cell for sheet in _list(notebook, "worksheets") for cell in _list(sheet, "cells")
    ]
    if not cells:
        raise UnreadableError(WORDS["no cells"])
    return [_cell(cell) for cell in cells if isinstance(cell, dict) and cell.get("cell_type") == "code"]


def readable(text, longest=120):
    """Write a text so that it can be printed: no control characters, on one line, not too long.

    Parameters
    ----------
    text : object
        Such as a file's name.
    longest : int
        How many characters it may have.

    Returns
    -------
    str
        The text; what is left out is marked by "…".
    """
    shown = "".join(
        letter if letter.isprintable() else letter.encode("unicode_escape", "backslashreplace").decode()
        for letter in str(text)[: longest + 1]
    )
    return shown if len(shown) <= longest else shown[: longest - 1] + "…"


def _list(holder, key):
    value = holder.get(key) if isinstance(holder, dict) else None
    return value if isinstance(value, list) else []


def _cell(cell):
    source = cell.get("source", cell.get("input", ""))
    metadata = cell.get("metadata")
    graded = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    is_graded = isinstance(graded, dict) and graded.get("grade") is True and graded.get("points")
    name = graded.get("grade_id") if is_graded else ""
    return Cell(
        "".join(map(str, source)) if isinstance(source, list) else str(source),
        [str(tag) for tag in _list(metadata, "tags")],
        name if isinstance(name, str) else "",
    )
