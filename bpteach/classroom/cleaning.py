"""Make a notebook that others wrote fit to be shown: what is active in it would have the rights of who looks at it."""

import base64
import re

from nbconvert.preprocessors.sanitize import SanitizeHTML

from bpteach.locale import _

MOST_TEXT, MOST_IMAGE, MOST_IN_ALL = 100_000, 1_000_000, 5_000_000  # characters
MOST_TAGS = 2000  # in one output: to sanitise tags that stand one in the other takes seconds, and grows as their square
IMAGES = ("image/png", "image/jpeg")
TAGS = "b br code details div em h1 h2 h3 h4 i li ol p pre span strong sub summary sup table tbody td th thead tr ul"
TRIANGLE = '<summary style="display: list-item">'  # the style of nbgrader's pages takes it away
STYLES = "background-color border-left color font-weight margin max-width padding text-align white-space"

sanitizer = SanitizeHTML(
    tags=TAGS.split(),
    attributes={"*": ["style"]},
    styles=STYLES.split(),
    safe_output_keys={"text/plain", "text/latex", "text/markdown", *IMAGES},
    sanitized_output_types={"text/html"},
    strip=True,
)


def clean(notebook):
    """Leave of texts, outputs and metadata what only shows, up to a bound for each and for all outputs. Changes it."""
    left = MOST_IN_ALL
    for cell in notebook.cells:
        kept = ("nbgrader", "editable", "deletable")
        cell.metadata = {key: cell.metadata[key] for key in kept if key in cell.metadata}
        cell.pop("attachments", None)
        if cell.cell_type != "code":
            cell.source = plain_markdown(cell.source)
            continue
        outputs, cell.outputs = cell.outputs, []
        for output in outputs:
            _shorten(output)
            left -= len(str(output)) + str(output).count("<") * MOST_IN_ALL // MOST_TAGS // 10
            if left > 0:
                cell.outputs += map(_unfolding, sanitizer.sanitize_code_outputs([output]))


def plain_markdown(text):
    """Leave no markup but Markdown's own, and no links but to pages: a `javascript:` would run at a click."""
    text = re.sub(r"<(?=[a-zA-Z/!?])", "< ", text)
    return re.sub(r"(\]\(|\]:)(?!\s*(?:https?://|#))", r"\1#", text)


def _unfolding(output):
    if "text/html" in output.get("data", ()):
        output.data["text/html"] = output.data["text/html"].replace("<summary>", TRIANGLE)
    return output


def _shorten(output):
    if output.output_type == "stream":
        output.text = _cut(output.text)
    elif output.output_type == "error":
        output.traceback = [_cut(line, 1000) for line in output.traceback][-100:]
        output.update(ename=_cut(output.ename, 100), evalue=_cut(output.evalue, 1000))
    else:
        output.metadata = {}
        for key, value in list(output.data.items()):
            is_too_much = key == "text/html" and str(value).count("<") > MOST_TAGS
            output.data[key] = value if key in IMAGES else _cut(value)
            if key == "text/markdown":
                output.data[key] = plain_markdown(output.data[key])
            if is_too_much or (key in IMAGES and not _is_image(value)):
                del output.data[key]


def _cut(text, most=MOST_TEXT):
    text = "".join(map(str, text)) if isinstance(text, list) else str(text)
    return text if len(text) <= most else text[:most] + _("… (The rest was left out.)")


def _is_image(data):
    try:
        return len(data) < MOST_IMAGE and bool(base64.b64decode("".join(data.split()), validate=True))
    except (TypeError, AttributeError, ValueError):
        return False
