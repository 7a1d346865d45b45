"""The benchmark's numbers as tables to read."""

WORDS = {
    "machine": "{processor}, Python {python}, NumPy {numpy}, bpteach {bpteach}",
    "one thread": "One BLAS thread.",
    "more threads": "The linear algebra could not be held to one thread: install threadpoolctl, or set "
    "OPENBLAS_NUM_THREADS=1 before you start. The ratios below may be off.",
    "missing": "Not installed, so left out: {names}.",
    "steps": "One step of gradient descent, network {sizes}: medians, and in brackets the quartiles",
    "column": "m = {m}",
    "ratio": "{of} ÷ {to}",
    "spread": "{median} ({low} to {high})",
    "µs": "matrix step, µs",
    "share": "share of the peak, %",
    "peak": "the peak, 10⁹ operations/s",
    "operations": "operations",
    "bytes": "bytes",
    "intensity": "operations a byte",
    "binds": "what binds",
    "roof": "least time on this roof, µs",
    "growth": "Time of a step in {dtype} grows as {of}^{exponent:.2f}; its operations as {of}^{expected:.2f} "
    "({of} from {first} to {last}).",
    "memory": "Memory of a training at most, in MB: {bytes}, for {epochs} epochs.",
    "evaluation": "evaluate is {spread} times as fast as a loop over the examples.",
    "programs": "Whole programs, from the start of Python to 95 % of the test digits",
    "program": "{recipe:12} {seconds:7.2f} s (all runs: {all})  {megabytes}  {epochs} epochs, {accuracy:.2%}",
    "megabytes": "{found:.0f} MB",
    "not known": "memory not known",
}


def report(result):
    """Lay everything out as text.

    Parameters
    ----------
    result : dict
        What `benchmark` has measured.

    Returns
    -------
    str
        Lines.
    """
    lines = [WORDS["machine"].format(**result["machine"])]
    lines.append(WORDS["one thread" if result["one_thread"] else "more threads"])
    if result["missing"]:
        lines.append(WORDS["missing"].format(names=", ".join(result["missing"])))
    lines += ["", WORDS["steps"].format(sizes=result["sizes"])]
    for dtype in dict.fromkeys(part["dtype"] for part in result["steps"]):
        lines += ["", *step_table(dtype, [part for part in result["steps"] if part["dtype"] == dtype])]
    lines += [""]
    for part in result["growth"]:
        lines.append(WORDS["growth"].format(first=part["fitted"][0], last=part["fitted"][-1], **part))
    memory = result["memory"]
    sizes = ", ".join(f"{number / 1e6:.1f}" for number in memory["bytes"])
    lines.append(WORDS["memory"].format(bytes=sizes, epochs=", ".join(map(str, memory["epochs"]))))
    lines.append(WORDS["evaluation"].format(spread=spread(result["evaluation"])))
    lines += ["", WORDS["programs"]]
    for recipe in dict.fromkeys(run["recipe"] for run in result["programs"]):
        lines.append(program_line(recipe, [run for run in result["programs"] if run["recipe"] == recipe]))
    return "\n".join(lines)


def step_table(dtype, parts):
    """Lay the steps of one precision out, one column a mini-batch size.

    Parameters
    ----------
    dtype : str
        The precision.
    parts : list of dict
        From `measure_steps`.

    Returns
    -------
    list of str
        Lines.
    """
    rows = [(dtype, [WORDS["column"].format(m=part["m"]) for part in parts])]
    for index, ratio in enumerate(parts[0]["ratios"]):
        rows.append((WORDS["ratio"].format(**ratio), [spread(part["ratios"][index]) for part in parts]))
    rows.append((WORDS["µs"], [spread(part["seconds"]["matrix step"], 1e6) for part in parts]))
    rows.append((WORDS["share"], [spread(part["share_of_peak"], 100) for part in parts]))
    rows.append((WORDS["peak"], [spread(part["peak"], 1e-9) for part in parts]))
    roofs = [part["roofline"] for part in parts]
    rows.append((WORDS["operations"], [f"{roof['flops']:,}" for roof in roofs]))
    rows.append((WORDS["bytes"], [f"{roof['bytes']:,}" for roof in roofs]))
    rows.append((WORDS["intensity"], [f"{roof['intensity']:.2g}" for roof in roofs]))
    rows.append((WORDS["binds"], [roof["binds"] for roof in roofs]))
    rows.append((WORDS["roof"], [short(1e6 * roof["seconds"]) for roof in roofs]))
    return [f"{name:30}" + "".join(f"{cell:>30}" for cell in cells) for name, cells in rows]


def spread(quartiles, scale=1):
    """Write a median and, in brackets, the quartiles.

    Parameters
    ----------
    quartiles : dict
        "median", "low", "high".
    scale : float
        What they are multiplied by.

    Returns
    -------
    str
        Such as "2.5 (2.4 to 2.7)".
    """
    numbers = {name: short(scale * quartiles[name]) for name in ("median", "low", "high")}
    return WORDS["spread"].format(**numbers)


def short(number):
    """Write a number with three digits, or more where whole thousands need them.

    Parameters
    ----------
    number : float
        Any.

    Returns
    -------
    str
        Such as "0.0123", "12.3" or "12,345".
    """
    return f"{number:,.0f}" if abs(number) >= 1000 else f"{number:.3g}"


def program_line(recipe, runs):
    """Sum the runs of one program up; its line shows the run with the middle time.

    Parameters
    ----------
    recipe : str
        Its name.
    runs : list of dict
        From `run_program`.

    Returns
    -------
    str
        One line.
    """
    runs = sorted(runs, key=lambda run: run["seconds"])
    middle = runs[(len(runs) - 1) // 2]
    found = [run["megabytes"] for run in runs if run["megabytes"] is not None]
    return WORDS["program"].format(
        recipe=recipe,
        seconds=middle["seconds"],
        all=", ".join(f"{run['seconds']:.2f}" for run in runs),
        megabytes=WORDS["megabytes"].format(found=max(found)) if found else WORDS["not known"],
        epochs=len(middle["accuracy"]),
        accuracy=max(middle["accuracy"]),
    )
