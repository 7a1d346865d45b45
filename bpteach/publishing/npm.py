"""Scripts for pages without a kernel, fetched with npm, once, where there is internet."""

import json
import shutil
import subprocess
import tarfile
from pathlib import Path

WORDS = {
    "no npm": "npm was not found. It fetches the scripts that the pages need: install Node.js, which brings it.",
    "npm failed": "npm could not fetch {packages}. It needs internet. What it said:\n{said}",
}


class UnavailableError(Exception):
    """The packages cannot be had; the message says why, and what to do."""


def fetch(packages, folder):
    """Have packages of npm in a folder.

    Parameters
    ----------
    packages : list of str
        Their names, each with the range of versions that will do: "mathjax@3".
    folder : str or Path
        Where they are unpacked, each in a folder of its own. What is there already is not fetched again.

    Returns
    -------
    dict of str to Path
        The folder of each package, under its name without the versions.

    Raises
    ------
    UnavailableError
        If npm is missing or finds no network.
    """
    folder = Path(folder)
    found = {package.rpartition("@")[0]: folder / package.rpartition("@")[0] for package in packages}
    missing = [
        package for package, path in zip(packages, found.values(), strict=True) if not (path / "package.json").exists()
    ]
    if missing:
        folder.mkdir(parents=True, exist_ok=True)
        for name, archive in _pack(missing, folder):
            _unpack(archive, folder / name)
    return found


def about(package):
    """Read what a package says of itself.

    Parameters
    ----------
    package : Path
        Its folder.

    Returns
    -------
    dict
        Its `name`, `version`, `license` and more.
    """
    return json.loads((package / "package.json").read_text(encoding="utf-8"))


def _pack(packages, folder):
    program = shutil.which("npm")
    if program is None:
        raise UnavailableError(WORDS["no npm"])
    command = [program, "pack", "--json", "--loglevel=error", *packages]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, encoding="utf-8", check=False)
    if done.returncode:
        said = done.stderr.strip() or done.stdout.strip()
        raise UnavailableError(WORDS["npm failed"].format(packages=", ".join(packages), said=said))
    for entry in json.loads(done.stdout):
        # older versions of npm report @scope/name.tgz, and write scope-name.tgz
        yield entry["name"], folder / entry["filename"].removeprefix("@").replace("/", "-")


def _unpack(archive, folder):
    """Unpack an archive; everything in it stands below one folder, "package"."""
    draft = folder.with_name(f"{folder.name}.draft")
    with tarfile.open(archive) as packed:
        packed.extractall(draft, filter="data")
    folder.parent.mkdir(parents=True, exist_ok=True)
    (draft / "package").rename(folder)
    draft.rmdir()
    archive.unlink()
