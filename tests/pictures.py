"""Read the pictures of widgets: the still one as a reader gets it, and marks as a page shows them."""

import base64
import html
import re
import xml.etree.ElementTree as ET

SVG = "{http://www.w3.org/2000/svg}"


def still(widget):
    data, _metadata = widget._repr_mimebundle_()
    assert set(data) == {"text/plain", "text/html", "application/vnd.jupyter.widget-view+json"}
    assert data["text/plain"] == repr(widget)
    assert "To step through it, run the notebook in Jupyter." in data["text/html"]
    alt, source = re.search('<img alt="([^"]+)" src="data:image/svg[+]xml;base64,([^"]+)"', data["text/html"]).groups()
    return ET.fromstring(base64.b64decode(source)), html.unescape(alt)


def texts_of(widget):
    return [each.text or "" for each in still(widget)[0].iter(f"{SVG}text")]


def colourless(widget):
    picture, _alt = still(widget)
    style = picture.find(f"{SVG}style").text
    kinds = {each.get("class") for each in picture if each.get("class") and each.tag != f"{SVG}text"}
    return [kind for kind in kinds if not re.search(rf"\.{kind}\b(?!-)", style)]


def words_of(marks):
    return [mark["text"] for mark in marks if "text" in mark]


def on_page(picture):
    """List the marks of a picture in the page, each with its attributes and its text."""
    return picture.evaluate(
        """svg => [...svg.querySelectorAll('*:not(g)')].map(each => ({
            tag: each.tagName, text: each.textContent,
            ...Object.fromEntries([...each.attributes].map(({ name, value }) => [name, value])),
        }))"""
    )


def as_on_page(marks):
    return [{"text": "", **{name: _as_text(value) for name, value in each.items()}} for each in marks]


def _as_text(value):
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
