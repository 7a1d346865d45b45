"""A file that is replaced only once all of the new one is written: what fails on the way loses nothing."""

import os


def replace_file(path, content):
    """Put bytes into the file at `path`, or raise OSError and leave it as it was."""
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        part.write_bytes(content)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
