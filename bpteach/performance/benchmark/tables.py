"""The benchmark's numbers as tables to read."""

from bpteach.locale import _, aligned


def tables(result):
    lines = [_("{processor}, Python {python}, NumPy {numpy}, bpteach {bpteach}").format(**result["machine"])]
    unheld = _(
        "The linear algebra could not be held to one thread: install threadpoolctl, or set OPENBLAS_NUM_THREADS=1 "
        "before you start. The ratios below may be off."
    )
    lines += [_("One BLAS thread.") if result["one_thread"] else unheld, *_busy(result["machine"]["facts"])]
    if result["missing"]:
        lines.append(_("Not installed, or broken, so left out: {names}.").format(names=_(", ").join(result["missing"])))
    title = _("One step of gradient descent, network {sizes}: medians, and in brackets the quartiles")
    lines += ["", title.format(sizes=result["sizes"])]
    for dtype in dict.fromkeys(part["dtype"] for part in result["steps"]):
        lines += ["", *step_table(dtype, [part for part in result["steps"] if part["dtype"] == dtype])]
    lines += ["", *map(growth_line, result["growth"]), "", *program_lines(result["programs"])]
    return "\n".join(lines).rstrip()


def _busy(facts):
    """Warn if every core had something else to do, where pyperf knows."""
    load, cores = facts.get("load_avg_1min", 0), facts.get("cpu_count", 1)
    if load >= cores:
        sentence = _("The machine was busy before it began (load {load:.1f} on {cores} cores): wait, and run it again.")
        yield sentence.format(load=load, cores=cores)


def step_table(dtype, parts):
    """Lay the steps of one precision out, one column a mini-batch size."""
    roofs = [part["roofline"] for part in parts]
    rows = [(dtype, [_("m = {m}").format(m=part["m"]) for part in parts])]
    for index, ratio in enumerate(parts[0]["ratios"]):
        name = _("{of} ÷ {to}").format(of=_(ratio["of"]), to=_(ratio["to"]))
        rows.append((name, [spread(part["ratios"][index]) for part in parts]))
    rows += [
        (_("matrix step, µs"), [spread(part["seconds"]["matrix step"], 1e6) for part in parts]),
        (_("share of the peak, %"), [spread(part["share_of_peak"], 100) for part in parts]),
        (_("the peak, 10⁹ operations/s"), [spread(part["peak"], 1e-9) for part in parts]),
        (_("operations"), [f"{roof['flops']:,}" for roof in roofs]),
        (_("bytes"), [f"{roof['bytes']:,}" for roof in roofs]),
        (_("operations a byte"), [f"{roof['intensity']:.2g}" for roof in roofs]),
        (_("what binds"), [roof["binds"] for roof in roofs]),
        (_("least time on this roof, µs"), [short(1e6 * roof["seconds"]) for roof in roofs]),
    ]
    return [aligned((name, *cells), 30, *[-30] * len(cells)) for name, cells in rows]


def growth_line(part):
    sentence = _(
        "Time of a step in {dtype} grows as {of}^{exponent:.2f}; its operations as {of}^{expected:.2f} ({of} from "
        "{first} to {last})."
    )
    return sentence.format(first=part["fitted"][0], last=part["fitted"][-1], **part | {"of": _(part["of"])})


def program_lines(runs):
    """Sum the runs of each whole program up in a line, which shows the run with the middle time."""
    if runs:
        yield _("Whole programs, from the start of Python to 95 % of the test digits")
    for recipe in dict.fromkeys(run["recipe"] for run in runs):
        own = sorted((run for run in runs if run["recipe"] == recipe), key=lambda run: run["seconds"])
        middle = own[(len(own) - 1) // 2]
        found = [run["megabytes"] for run in own if run["megabytes"] is not None]
        line = _("{recipe} {seconds:7.2f} s (all runs: {all})  {megabytes}  {epochs} epochs, {accuracy:.2%}")
        yield line.format(
            recipe=aligned([_(recipe)], 12),
            seconds=middle["seconds"],
            all=_(", ").join(f"{run['seconds']:.2f}" for run in own),
            megabytes=_("{found:.0f} MB").format(found=max(found)) if found else _("memory not known"),
            epochs=len(middle["accuracy"]),
            accuracy=max(middle["accuracy"]),
        )


def spread(quartiles, scale=1):
    """Write a median and, in brackets, the quartiles, such as "2.5 (2.4 to 2.7)"."""
    numbers = {name: short(scale * quartiles[name]) for name in ("median", "low", "high")}
    return _("{median} ({low} to {high})").format(**numbers)


def short(number):
    """Write a number with three digits, or more where whole thousands need them, such as "0.0123" or "12,345"."""
    return f"{number:,.0f}" if abs(number) >= 1000 else f"{number:.3g}"
