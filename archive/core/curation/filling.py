"""The rows of a file as changes of records: a row changes what its columns say, and leaves everything else."""

from functools import partial

from cyrtranslit import to_latin
from django.utils.text import slugify

from archive.core.columns import label_of
from archive.core.curation.files import unknown_column
from archive.core.curation.plans import Row, addresses_taken
from archive.core.curation.tables import columns
from archive.core.plain import PlainError
from archive.core.xlsx import cell_text as written_in_xlsx

LONGEST = 100  # characters of an address that is made


def fill(plan, model, contents):
    """Adds a Row to `plan`, or the problems that there are, for each row of `contents`, a file's, about records of `model`."""
    table = {column.name: column for column in columns(model)}
    plan.problems += contents.problems
    named, nameless = [], []
    for number, values in contents.rows:
        place, problems = f"row {number}", []
        key, owner = values.get(model.key), values.get(getattr(model, "owner", ""), "")
        values = {name: value for name, value in values.items() if name not in (model.key, getattr(model, "owner", ""))}
        problems += [(f"{place}, {name}", unknown_column(name, list(table))) for name in values if name not in table]
        for name, value in {**values, model.key: key, "": owner}.items():
            if sentence := unwritable(value):
                problems.append((f"{place}, {name}".removesuffix(", "), sentence))
        for name, value in ((model.key, key), (getattr(model, "owner", ""), owner)):
            if value is not None and not isinstance(value, str):
                problems.append((f"{place}, {name}", f"Here belongs one text, not {value!r:.60}."))
        if problems:
            plan.problems += problems
            continue
        change = partial(overlaid, table, values, contents.are_texts)
        row = Row(place, model, (key or "").strip(), change, owner.strip())
        (named if row.key else nameless).append((row, values))
    plan.rows += [row for row, _ in named]
    name_rows(plan, model, nameless)
    plan.rows.sort(key=lambda row: int(row.place.split()[1]))


def overlaid(table, values, are_texts, before):
    """The plain form `before` with what a row says in its columns; raises PlainError with what its cells do not say."""
    after, problems = dict(before or {}), []
    for name, value in values.items():
        column = table[name]
        if are_texts:
            if before is not None and is_written_so(column, before, value):
                continue
            try:
                value = column.read(value)
            except ValueError as error:
                problems.append((f", {name}", str(error)))
                continue
            if sentence := unwritable(value):
                problems.append((f", {name}", sentence))
                continue
        if value not in (None, "", [], {}):
            after[name] = value
        elif name != "state":  # no step is taken by leaving something out
            after.pop(name, None)
    if problems:
        raise PlainError(problems)
    return {name: value for name, value in after.items() if name not in table or value != table[name].default or value == ""}


def is_written_so(column, before, text):
    """Whether a cell says what an export of the record would have in it, cut where a workbook's cells end."""
    written = column.write(before.get(column.name, column.default))
    return text == written or (len(text) > 1_000 and text == unescaped_cell(written))


def unescaped_cell(text):
    from html import unescape

    return unescape(written_in_xlsx(text))


def unwritable(value):
    """Why a value cannot be kept: a sentence, or None. The databases know no NUL, and UTF-8 no half characters."""
    if isinstance(value, dict):
        return next(filter(None, (unwritable(one) for pair in value.items() for one in pair)), None)
    if isinstance(value, list):
        return next(filter(None, map(unwritable, value)), None)
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= 2**63:
        return "This number is too large."
    if not isinstance(value, str):
        return None
    if "\x00" in value:
        return "Here is a NUL character."
    return None if value.isascii() or value == value.encode("utf-8", "ignore").decode() else "Here is half a character."


# Records without a key


def name_rows(plan, model, nameless):
    """Gives rows without a key one that is made from what the record is called."""
    label, bases = label_of(model), {}
    for row, values in nameless:
        name = values.get(label)
        if model.key != "slug":
            plan.problem(f"{row.place}, {model.key}", f"A {model._meta.verbose_name} needs its {model.key}.")
        elif not isinstance(name, str) or not name.strip():
            plan.problem(f"{row.place}, {label}", f"A new {model._meta.verbose_name} needs a {label}, or an address.")
        else:
            bases[row.place] = slug_of(name) or model._meta.model_name
    rows = [row for row, _ in nameless if row.place in bases]
    used = {row.key for row in plan.rows}
    number = 1
    while rows:
        candidates = {row.place: bases[row.place] + (f"-{number}" if number > 1 else "") for row in rows}
        there, left = addresses_taken(model, sorted(set(candidates.values()))), []
        for row in rows:
            if (key := candidates[row.place]) in there or key in used:
                left.append(row)
            else:
                row.key = key
                used.add(key)
                plan.rows.append(row)
        rows, number = left, number + 1


def slug_of(name):
    """ "Валерий Семериков" as the last part of an address: valerii-semerikov."""
    return slugify(to_latin(to_latin(name, "tj"), "ru").replace("'", ""))[:LONGEST].strip("-")
