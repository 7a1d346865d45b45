// Has Python, in Node.js, run what it runs first in a page, and keeps what it has compiled meanwhile, in an archive.
// Reads {folder, packages, code, archive} as JSON.

const fs = require("fs");
const path = require("path");

const { folder, packages, code, archive } = JSON.parse(fs.readFileSync(0, "utf8"));
const { loadPyodide } = require(path.join(folder, "pyodide.js"));

// byte 4 says that a compiled file is taken as it is: dates of files say nothing in a page
const keep = `
import importlib.util, marshal, pathlib, sys, zipfile, zipimport
site = pathlib.Path(sys.modules["numpy"].__file__).parents[1]
specs = [spec for module in sys.modules.values() if (spec := getattr(module, "__spec__", None))]
library = {spec.name: spec.loader for spec in specs if isinstance(spec.loader, zipimport.zipimporter)}
head = importlib.util.MAGIC_NUMBER + bytes([1] + [0] * 11)
with zipfile.ZipFile("/compiled.zip", "w") as packed:
    for path in site.rglob("*.pyc"):
        packed.writestr(path.relative_to(site).as_posix(), head + path.read_bytes()[16:])
    for name, loader in library.items():
        path = pathlib.Path(loader.get_filename(name)).relative_to(loader.archive)
        packed.writestr(f"library/{path}c", head + marshal.dumps(loader.get_code(name)))
`;

async function main() {
  const pyodide = await loadPyodide({ indexURL: folder });
  await pyodide.loadPackage(packages, { messageCallback() {} });
  await pyodide.runPythonAsync(`import sys\nsys.dont_write_bytecode = False\n${code}${keep}`);
  fs.writeFileSync(archive, pyodide.FS.readFile("/compiled.zip"));
}

main();
