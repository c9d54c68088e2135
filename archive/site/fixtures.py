"""From the documents and the curated reading of them to one Django fixture.

fixtures/documents/<slug>.txt is a source text, verbatim; <slug>.yaml beside it says what is known of it. The files under
fixtures/records/<name>/ (see `records.RECORDS`) are lists of records in the plain form. Nothing is read from the database.
"""

import itertools
from pathlib import Path

import yaml
from django.core import serializers

from archive.core.plain import PlainError, Reader
from archive.site.records import MODELS, RECORDS
from archive.sources.models import Document, Passage


class PlainLoader(yaml.BaseLoader):
    """YAML without guesses: every scalar is text, so that NO is Norway and 2003 a date. A key given twice is an error."""

    def construct_mapping(self, node, deep=False):
        seen = set()
        for key_node, _ in node.value:
            if key_node.value in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key “{key_node.value}” is here twice", key_node.start_mark
                )
            seen.add(key_node.value if isinstance(key_node.value, str) else None)
        return super().construct_mapping(node, deep)


def read_yaml(path, place=None):
    """The contents of the YAML file at `path`; raises PlainError, naming it as `place` with the line, when it is malformed."""
    place = place or str(path)
    try:
        return yaml.load(Path(path).read_text(encoding="utf-8"), Loader=PlainLoader)  # noqa: S506 (text is all it makes)
    except UnicodeDecodeError as error:
        raise PlainError([(place, f"This is not UTF-8 text (byte {error.start}).")]) from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f":{mark.line + 1}" if mark else ""
        raise PlainError(
            [(f"{place}{line}", f"This is not well-formed YAML: {getattr(error, 'problem', None) or error}.")]
        ) from None


class Batch:
    """Records that are read together and may refer to one another in any order, none of them saved."""

    def __init__(self):
        self.entries = []  # (place, model, plain, instance)
        self.records = {}  # (model, key) -> instance
        self.passages = {}  # natural key -> passage
        self.problems = []
        self.numbers = itertools.count(1)

    def add(self, model, plain, place):
        """Takes a record's plain form, to be read by `read`; `place` names it in what goes wrong."""
        key = plain.get(model.key) if isinstance(plain, dict) else None
        if not isinstance(key, str) or not key:
            self.problems.append((place, f"A {model._meta.verbose_name} needs a {model.key}."))
            return
        place = f"{place}: {key}"
        if (model, key) in self.records:
            self.problems.append((place, f"There is another {model._meta.verbose_name} with the {model.key} “{key}”."))
            return
        # A provisional primary key lets others refer to the record, and constraints be checked, before anything is saved.
        self.records[model, key] = model(**{model.key: key}, pk=next(self.numbers))
        self.entries.append((place, model, plain, self.records[model, key]))

    def lookup(self, model, key):
        return self.records.get((model, key))

    def read(self, progress):
        """Every instance that the batch makes, in fixture order; raises PlainError with all that is wrong."""
        drafts = []
        for place, model, plain, instance in progress(self.entries):
            reader = Reader(self.lookup)
            drafts.append((place, reader.read(model, plain, instance, "")))
            self.problems += [(f"{place}: {where}" if where else place, sentence) for where, sentence in reader.problems]
        instances = [self.finish(part) for _, draft in drafts for part in draft.walk()]
        if not self.problems:
            self.refuse_circles(drafts)
        if self.problems:
            raise PlainError(self.problems)
        order = {model: number for number, model in enumerate(MODELS)}
        return sorted([*self.passages.values(), *instances], key=lambda instance: order[type(instance)])

    def finish(self, draft):
        """The draft's instance with its many-to-many values where a serializer finds them."""
        instance = draft.instance
        instance.pk = instance.pk or next(self.numbers)
        instance._prefetched_objects_cache = {
            name: as_queryset(type(instance)._meta.get_field(name).related_model, map(self.keep, targets))
            for name, targets in draft.related.items()
        }
        return instance

    def keep(self, target):
        """`target`, or, of a passage that several facts quote, the one that was met first."""
        return self.passages.setdefault(target.natural_key(), target) if isinstance(target, Passage) else target

    def refuse_circles(self, drafts):
        # Only now does every record know what stands above it.
        for place, draft in drafts:
            reader = Reader(self.lookup)
            reader.check(draft.instance, "")
            self.problems += [(f"{place}: {where}" if where else place, sentence) for where, sentence in reader.problems]


def as_queryset(model, instances):
    """`instances` as a queryset that asks nothing: the shape in which a serializer reads a prefetched relation."""
    queryset = model._default_manager.none()
    queryset._result_cache = list(instances)
    return queryset


def read_archive(folder, progress=iter):
    """Every instance of the archive written in `folder` (fixtures/), unsaved and in fixture order.

    `progress` wraps the list of records while they are read. Raises PlainError with every problem that there is, each
    named by its file, its record and its place in the record.
    """
    folder, batch = Path(folder), Batch()
    refuse_stray_files(batch, folder)
    for path in sorted((folder / "documents").glob("*.yaml")):
        collect(batch, lambda path=path: add_document(batch, folder, path))
    if batch.problems:  # every quote from a document that cannot be read would be a problem more
        raise PlainError(batch.problems)
    for name, model in RECORDS.items():
        for path in sorted((folder / "records" / name).glob("*.yaml")):
            collect(batch, lambda path=path, model=model: add_records(batch, folder, path, model))
    return batch.read(progress)


def refuse_stray_files(batch, folder):
    """Names every file that would be passed over, so that none is left out in silence."""
    for path in sorted((folder / "documents").iterdir()):
        if path.suffix == ".txt" and not path.with_suffix(".yaml").exists():
            batch.problems.append((str(path.relative_to(folder)), f"What is known of it, {path.stem}.yaml, is missing."))
        elif path.suffix not in (".txt", ".yaml"):
            batch.problems.append((str(path.relative_to(folder)), "Here belong .txt and .yaml files."))
    for path in sorted((folder / "records").rglob("*")):
        inside = path.relative_to(folder / "records").parts
        if inside[0] not in RECORDS:
            batch.problems.append((str(path.relative_to(folder)), f"This belongs into one of {', '.join(RECORDS)}."))
        elif len(inside) > 1 and (path.suffix != ".yaml" or len(inside) > 2):
            batch.problems.append((str(path.relative_to(folder)), "Here belong .yaml files."))


def collect(batch, add):
    try:
        add()
    except PlainError as error:
        batch.problems += error.problems


def add_document(batch, folder, path):
    place = str(path.relative_to(folder))
    plain, text = read_yaml(path, place), path.with_suffix(".txt")
    if not isinstance(plain, dict):
        raise PlainError([(place, "Here belong keys and values.")])
    if not text.exists():
        raise PlainError([(place, f"Its text, {text.name}, is missing.")])
    try:
        verbatim = text.read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        raise PlainError([(str(text.relative_to(folder)), f"This is not UTF-8 text (byte {error.start}).")]) from None
    batch.add(Document, {"slug": path.stem, **plain, "text": verbatim}, place)


def add_records(batch, folder, path, model):
    place = str(path.relative_to(folder))
    plains = read_yaml(path, place)
    if not isinstance(plains, list):
        raise PlainError([(place, "Here belongs a list of records.")])
    for number, plain in enumerate(plains, 1):
        batch.add(model, plain, place if isinstance(plain, dict) and plain.get(model.key) else f"{place}: record {number}")


def as_fixture(instances):
    """`instances` as the text of a Django fixture with natural keys: the same text for the same instances."""
    text = serializers.serialize(
        "json", instances, indent=1, use_natural_foreign_keys=True, use_natural_primary_keys=True, ensure_ascii=False
    )
    return f"{text.rstrip()}\n"
