"""Records that bear a name already, in any order of its words, any case, and any script that can be romanized."""

from archive.core.columns import label_of
from archive.core.querysets import names_of
from archive.core.romanization import romanized

MOST_READ = 200_000  # names; in a larger archive only the same letters are found


def namesakes(model, names):
    """For each of `names` (key, name) of a record of `model` that bears it, or None."""
    wanted = {name: compared(name) for name in names}
    keys, found = set(wanted.values()) - {()}, {}
    for key, name in borne(model, names):
        if (spelling := compared(name)) in keys:
            found.setdefault(spelling, (key, name))
    return [found.get(wanted[name]) for name in names]


def compared(name):
    return tuple(sorted(romanized(name)))


def borne(model, names):
    """Yields (key, name) of the names that records bear, or, where they are too many, of those that are written alike."""
    label, all_records = label_of(model), model._base_manager.order_by()
    if all_records.count() > MOST_READ:
        for start in range(0, len(names), 500):
            yield from all_records.filter(**{f"{label}__in": names[start : start + 500]}).values_list(model.key, label)
        return
    yield from all_records.values_list(model.key, label).iterator()
    if "names" in model.parts:
        rows = names_of(model)
        yield from rows._base_manager.order_by().values_list(f"{rows.owner}__{model.key}", "name").iterator()
