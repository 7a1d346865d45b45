"""The process that `autograde` starts, confined: run one submission as nbgrader does, report what its cells show."""

import json
import os
import sys
from pathlib import Path

from nbclient.exceptions import DeadKernelError
from nbformat import from_dict
from nbgrader.preprocessors import Execute
from traitlets.config import Config

from bpteach.classroom.runner import limit, quiet_copy_of_output

MOST = 2_000_000  # characters that one cell may show
SHOWN = ("stream", "display_data", "execute_result", "update_display_data", "error")


class Bounded(Execute):
    """Leaves out what a cell shows beyond a bound: it would fill the memory of this process."""

    def preprocess_cell(self, cell, resources, index):
        self._size = 0
        return super().preprocess_cell(cell, resources, index)

    def process_message(self, msg, cell, cell_index):
        if msg["msg_type"] in SHOWN:
            self._size += len(json.dumps(msg["content"]))
            if self._size > MOST:
                return None
        return super().process_message(msg, cell, cell_index)


def main():
    """Run the notebook that comes through standard input; report the outputs of each cell, null if its kernel died."""
    order = json.load(sys.stdin)
    limit(order["megabytes"])
    for name, content in order["files"].items():
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_bytes(bytes.fromhex(content))
    os.environ |= {"NBGRADER_EXECUTION": "autograde", "PIP_NO_INDEX": "1"}  # pip would try for minutes
    channel, notebook = quiet_copy_of_output(), from_dict(order["notebook"])
    try:
        Bounded(config=Config(Execute=order["options"])).preprocess(notebook, {"metadata": {"path": os.getcwd()}})
        report = [cell.get("outputs") for cell in notebook.cells]
    except DeadKernelError:
        report = None
    with open(channel, "w", encoding="utf-8") as output:
        json.dump(report, output)


if __name__ == "__main__":
    main()
