"""Catalogues, read from the PO files that translators edit: no compiled file lags behind."""

import gettext
import io
import json
import re
import struct

#: of an entry, each keyword with its strings, one a line
FIELD = re.compile(r'^(msgctxt|msgid|msgid_plural|msgstr(?:\[\d\])?) ((?:".*"\n?)+)', re.MULTILINE)


def entries(text):
    """Give each entry of a PO file that is translated, as keyword → text; what is marked fuzzy is none."""
    for entry in text.split("\n\n"):
        fields = {name: "".join(map(json.loads, lines.splitlines())) for name, lines in FIELD.findall(entry)}
        said = [value for name, value in fields.items() if name.startswith("msgstr")]
        if said and all(said) and not re.search("^#,.*fuzzy", entry, re.MULTILINE):
            yield fields


def read_catalogue(text):
    """Give the catalogue of a PO file for `gettext`, which reads the compiled form: it is made in memory."""
    messages = {}
    for fields in entries(text):
        key = "\0".join(fields[name] for name in ("msgid", "msgid_plural") if name in fields)
        key = f"{fields['msgctxt']}\4{key}" if "msgctxt" in fields else key
        messages[key.encode()] = "\0".join(v for name, v in fields.items() if name.startswith("msgstr")).encode()
    count, data, tables = len(messages), b"", ([], [])
    for pair in sorted(messages.items()):
        for table, part in zip(tables, pair, strict=True):
            table += len(part), 28 + 16 * count + len(data)
            data += part + b"\0"
    head = struct.pack("<7I", 0x950412DE, 0, count, 28, 28 + 8 * count, 0, 0)
    return gettext.GNUTranslations(io.BytesIO(head + struct.pack(f"<{4 * count}I", *tables[0], *tables[1]) + data))
