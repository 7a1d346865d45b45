"""A file that is replaced only once all of the new one is written: what fails on the way loses nothing."""

import os
import sys

from bpteach.locale import _, readable


def replace_file(path, content):
    """Put bytes into the file at `path`, or raise OSError and leave it as it was."""
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        part.write_bytes(content)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def save(path, content):
    """Save what a command was asked for; give its exit status, 1 if that could not be, having said why."""
    try:
        replace_file(path, content)
    except OSError as reason:
        message = _("{path} could not be saved: {reason}")
        print(message.format(path=readable(path), reason=reason.strerror), file=sys.stderr)
        return 1
    return 0
