"""Scripts for pages without a kernel, fetched with npm, once, where there is internet, and run by Node.js."""

import functools
import json
import os
import shutil
import subprocess
import tarfile

from bpteach.locale import _

#: runs a command to its end, and keeps what it says
ran = functools.partial(subprocess.run, capture_output=True, text=True, encoding="utf-8", check=False)


class UnavailableError(Exception):
    """The packages cannot be had; the message says why, and what to do."""


def fetch(packages, folder):
    """Have packages such as "mathjax@3" unpacked in a folder; give the folder of each, under its name alone.

    What is there already is not fetched again. Without npm or without network an `UnavailableError` says so.
    """
    found = {package.rpartition("@")[0]: folder / package.rpartition("@")[0] for package in packages}
    missing = [
        package for package, path in zip(packages, found.values(), strict=True) if not (path / "package.json").exists()
    ]
    if missing:
        folder.mkdir(parents=True, exist_ok=True)
        for name, archive in pack(missing, folder):
            unpack(archive, folder / name)
    return found


def about(package):
    """Read what the package in a folder says of itself: its `name`, `version`, `license` and more."""
    return json.loads((package / "package.json").read_text(encoding="utf-8"))


def pack(packages, folder):
    """Have npm download the packages' archives; give the name and the archive of each."""
    program = shutil.which("npm")
    if program is None:
        message = _("npm was not found. It fetches the scripts that the pages need: install Node.js, which brings it.")
        raise UnavailableError(message)
    command = [program, "pack", "--json", "--loglevel=error", *packages]
    done = ran(command, cwd=folder)
    if done.returncode:
        message = _("npm could not fetch {packages}. It needs internet. What it said:\n{said}")
        said = done.stderr.strip() or done.stdout.strip()
        raise UnavailableError(message.format(packages=_(", ").join(packages), said=said))
    for entry in json.loads(done.stdout):
        # older versions of npm report @scope/name.tgz, and write scope-name.tgz
        yield entry["name"], folder / entry["filename"].removeprefix("@").replace("/", "-")


def node(script, modules, asked):
    """Have Node.js run a script, which reads what is asked of it, as JSON, and finds packages in `modules`."""
    program = shutil.which("node")
    if program is None:
        raise UnavailableError(_("node was not found. It sets the formulas of the pages: install Node.js."))
    done = ran([program, script], input=json.dumps(asked), env=os.environ | {"NODE_PATH": str(modules)})
    if done.returncode:
        raise UnavailableError(_("Node.js could not finish the pages. What it said:\n{said}").format(said=done.stderr))


def unpack(archive, folder):
    """Unpack an archive; everything in it stands below one folder, "package"."""
    draft = folder.with_name(f"{folder.name}.draft")
    with tarfile.open(archive) as packed:
        packed.extraction_filter = getattr(tarfile, "data_filter", None)  # Python 3.11.0 to 3.11.3 has none
        packed.extractall(draft)
    folder.parent.mkdir(parents=True, exist_ok=True)
    (draft / "package").rename(folder)
    draft.rmdir()
    archive.unlink()
