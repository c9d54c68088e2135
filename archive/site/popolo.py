"""Popolo JSON, as civic-data projects publish it (popoloproject.com), as changes of plain forms.

What Popolo calls an id is kept as an identifier, by which the record is found again: importing twice changes nothing the second
time. A record that is here already keeps whatever Popolo does not say. What has no place in the archive is counted in `left_out`.
"""

from collections import Counter, defaultdict
from functools import partial

from archive.core.curation.filling import slug_of, unwritable
from archive.core.curation.plans import Row, addresses_taken
from archive.core.difference import part_models
from events.models import Event
from people.models import Membership, Organization, Person

ID = "popolo"  # the scheme of ids
KINDS = {"persons": Person, "organizations": Organization, "events": Event}
LISTS = (*KINDS, "memberships", "posts", "areas")
ALSO = {"people": "persons"}
TEXTS = {  # field -> the keys that say it, the first of which counts
    Person: {"name": ("name",), "sort_name": ("sort_name",), "summary": ("summary", "biography")},
    Organization: {"name": ("name",), "summary": ("abstract", "description")},
    Event: {"title": ("name",), "summary": ("description",), "place": ("location",)},
}
DATES = {Person: (), Organization: ("founding_date", "dissolution_date"), Event: ("start_date", "end_date")}
ABOVE = {Organization: ("parent", "parent_id"), Event: ("part_of", "parent_id")}
READ = {  # keys that are read elsewhere than in TEXTS and DATES
    Person: {"id", "other_names", "identifiers", "memberships", "honorific_prefix", "honorific_suffix"},
    Organization: {"id", "other_names", "identifiers", "memberships", "posts", "classification", "parent_id"},
    Event: {"id", "identifiers", "classification", "parent_id", "attendees", "organization_id", "memberships"},
}
MEMBERSHIP = {
    "person_id",
    "organization_id",
    "member_id",
    "member_type",
    "post_id",
    "role",
    "label",
    "start_date",
    "end_date",
    "id",
}
ROLES = {"chair": "chair", "president": "chair", "presidency": "chair", "observer": "observer", "founder": "founder"}


class Popolo:
    """What a file says, as rows of a plan: `rows`, the `problems` that there are, and what is `left_out`, with how often."""

    def __init__(self, data, name):
        self.name, self.rows, self.problems, self.left_out = name, [], [], Counter()
        self.lists = {kind: [] for kind in LISTS}
        self.keys = {}  # (model, id) -> slug
        self.parts = defaultdict(lambda: defaultdict(list))  # (model, id) -> accessor -> rows
        if self.take_lists(data):
            self.posts = {said(post, "id"): post for post in self.lists["posts"]}
            self.left_out.update({"areas": len(self.lists["areas"])} if self.lists["areas"] else {})
            self.name_records()
            for membership in self.lists["memberships"]:
                self.take_membership(membership)
            for kind, model in KINDS.items():
                for number, record in enumerate(self.lists[kind], 1):
                    self.take(model, record, f"{name}: {kind}[{number}]")

    def problem(self, place, sentence):
        self.problems.append((place, sentence))

    # What is in the file

    def take_lists(self, data):
        """Takes the lists apart, embedded ones too; whether the file is Popolo at all."""
        if not isinstance(data, dict) or not set(data) & {*LISTS, *ALSO}:
            self.problem(self.name, f"Popolo has lists of {', '.join(LISTS)}; here is none of them.")
            return False
        if sentence := unwritable(data):
            self.problem(self.name, sentence)
            return False
        for key, records in data.items():
            kind = ALSO.get(key, key)
            if kind not in LISTS:
                self.left_out[key] += 1
            elif not isinstance(records, list):
                self.problem(f"{self.name}: {key}", "Here belongs a list.")
            else:
                self.take_list(kind, records)
        return True

    def take_list(self, kind, records):
        for number, record in enumerate(records, 1):
            if not isinstance(record, dict):
                self.problem(f"{self.name}: {kind}[{number}]", f"Here belongs an object, not {record!r:.60}.")
                continue
            self.lists[kind].append(record)
            owner = {"persons": "person_id", "organizations": "organization_id"}.get(kind)
            for inner in ("memberships", "posts") if owner else ():
                rows = [row for row in in_list(record, inner) if isinstance(row, dict)]
                self.lists[inner] += [row if row.get(owner) else {**row, owner: record.get("id")} for row in rows]

    def name_records(self):
        """Finds every record by its ids, or makes an address for it."""
        for kind, model in KINDS.items():
            found, identifiers = {}, part_models(model)["identifiers"]
            for record in self.lists[kind]:
                found[said(record, "id")] = None
            rows = identifiers.objects.filter(scheme=ID).values_list("identifier", f"{identifiers.owner}__slug")
            there = [(number, slug) for number, slug in rows.iterator() if number in found]
            self.keys |= {(model, number): slug for number, slug in there}
            new = [record for record in self.lists[kind] if (model, said(record, "id")) not in self.keys]
            bases = {id(record): slug_of(said(record, "name")) or model._meta.model_name for record in new}
            used = {slug for _, slug in there}
            while new:
                taken, left = addresses_taken(model, sorted(set(bases.values()))) | used, []
                for record in new:
                    slug = bases[id(record)]
                    if slug in taken:
                        base, _, number = slug.rpartition("-")
                        bases[id(record)] = f"{base}-{int(number) + 1}" if base and number.isdecimal() else f"{slug}-2"
                        left.append(record)
                    else:
                        taken.add(slug)
                        used.add(slug)
                        self.keys[model, said(record, "id")] = slug
                new = left

    # Records

    def take(self, model, record, place):
        number = said(record, "id")
        if not number or not said(record, "name"):
            self.problem(place, "This needs an id and a name.")
            return
        read = {key for keys in TEXTS[model].values() for key in keys} | set(DATES[model]) | READ[model]
        self.count(
            model._meta.verbose_name_plural,
            [key for key, value in record.items() if key not in read and value not in (None, "", [], {})],
        )
        texts = {key for keys in TEXTS[model].values() for key in keys} | {*DATES[model], "classification", "parent_id"}
        unread = [key for key in sorted(texts) if record.get(key) not in (None, "") and not said(record, key)]
        self.count(model._meta.verbose_name_plural, [f"{key}, which is no text" for key in unread])
        plain = {
            field: text
            for field, keys in TEXTS[model].items()
            if (text := next(filter(None, (said(record, key) for key in keys)), ""))
        }
        if date := interval(*(self.day(record, key) for key in DATES[model])) if DATES[model] else "":
            plain["date"] = date
        if titles := ", ".join(filter(None, (said(record, f"honorific_{which}") for which in ("prefix", "suffix")))):
            plain["titles"] = titles
        if kind := said(record, "classification"):
            plain |= self.kind(model, kind)
        if model in ABOVE and (above := said(record, ABOVE[model][1])):
            plain |= {ABOVE[model][0]: self.key(ABOVE[model][0] and model, above, place)}
        rows = self.parts[model, number]
        rows["identifiers"] = [{"scheme": ID, "identifier": number}, *self.identifiers(record)]
        if model is not Event:
            rows["names"] = self.other_names(record)
        else:
            rows["participations"] = self.participations(record, place)
        self.rows.append(
            Row(f"{place} “{said(record, 'name'):.60}”", model, self.keys[model, number], partial(joined, model, plain, rows))
        )

    def count(self, kind, keys):
        self.left_out.update(f"{kind}: {key}" for key in keys)

    def key(self, model, number, place):
        """The slug of the record with an id; what is not in the file may be in the archive under that id, and else is a problem."""
        if (model, number) not in self.keys:
            self.problem(place, f"There is no {model._meta.verbose_name} with the id “{number:.100}”.")
        return self.keys.get((model, number))

    def day(self, record, key):
        day, time, _ = said(record, key).partition("T")
        self.left_out.update([f"time of day in {key}"] if time else [])
        return day

    def kind(self, model, classification):
        names = {word.lower(): value for value, label in model.Kind.choices for word in (value, str(label))}
        if classification.lower() in names:
            return {"kind": names[classification.lower()]}
        self.left_out[f"classification “{classification:.60}”, which is no kind here"] += 1
        return {"kind": "other"}

    def identifiers(self, record):
        rows = [
            {"scheme": said(row, "scheme") or "unknown", "identifier": said(row, "identifier")}
            for row in objects(record, "identifiers")
        ]
        return [row for row in rows if row["identifier"]]

    def other_names(self, record):
        rows = {}
        for row in objects(record, "other_names"):
            name = said(row, "name")
            if name and name != said(record, "name"):
                is_former = said(row, "end_date") or said(row, "note").lower().startswith("former")
                language = {"language": said(row, "lang")} if said(row, "lang") else {}
                rows.setdefault(name, {"name": name, **({"kind": "former"} if is_former else {}), **language})
            self.count(
                "other names", [key for key, value in row.items() if value and key not in ("name", "lang", "end_date", "note")]
            )
        return list(rows.values())

    def participations(self, record, place):
        rows = []
        for row in objects(record, "attendees"):
            number = said(row, "id") or said(row, "person_id")
            if slug := self.key(Person, number, place) if number else None:
                rows.append({"slug": slug, "person": slug})
            elif not number:
                self.left_out["attendees without an id"] += 1
        if (number := said(record, "organization_id")) and (slug := self.key(Organization, number, place)):
            rows.append({"slug": slug, "organization": slug, "role": "organizer"})
        return rows

    # Memberships

    def take_membership(self, row):
        self.count("memberships", [key for key, value in row.items() if value and key not in MEMBERSHIP])
        organization, place = said(row, "organization_id"), f"{self.name}: memberships"
        post = self.posts.get(said(row, "post_id"), {})
        organization = organization or said(post, "organization_id")
        where = self.key(Organization, organization, place) if organization else None
        date = interval(self.day(row, "start_date"), self.day(row, "end_date"))
        dated = {"date": date} if date else {}
        if person := said(row, "person_id"):
            if self.key(Person, person, place):
                title = said(row, "label") or said(post, "label") or said(post, "role") or said(row, "role") or "Member"
                position = {"title": title, **({"organization": where} if where else {}), **dated}
                self.add_part((Person, person), "positions", position, f"{title} {where or ''} {date[:4]}")
        elif (member := said(row, "member_id")) and where:
            if slug := self.key(Organization, member, place):
                role = ROLES.get(said(row, "role").lower(), Membership.Role.MEMBER)
                self.add_part(
                    (Organization, organization),
                    "members",
                    {"member": slug, "role": str(role), **dated},
                    f"{slug} {role} {date[:4]}",
                )
        else:
            self.left_out["memberships of nobody"] += 1

    def add_part(self, owner, accessor, row, words):
        rows, base = self.parts[owner][accessor], slug_of(words)[:90] or "row"
        same = [one for one in rows if {**one, "slug": ""} == {**row, "slug": ""}]
        if not same:
            slugs = {one["slug"] for one in rows}
            slug = next(name for name in (base, *(f"{base}-{number}" for number in range(2, len(rows) + 3))) if name not in slugs)
            rows.append({"slug": slug, **row})


def joined(model, plain, parts, before):
    """The plain form `before` with what Popolo says: its fields, and those of its rows that are not there yet."""
    after = {"kind": before["kind"]} if before and plain.get("kind") == "other" and before.get("kind") else {}
    after = {**(before or {}), **plain, **after}
    for accessor, part in part_models(model).items():
        if new := parts.get(accessor):
            rows = list(after.get(accessor, []))
            if accessor == "identifiers":
                known = {(row["scheme"], row["identifier"]) for row in rows}
                rows += [row for row in unique(new) if (row["scheme"], row["identifier"]) not in known]
            else:
                places = {row[part.key]: place for place, row in enumerate(rows)}
                for row in new:
                    if row[part.key] in places:
                        rows[places[row[part.key]]] = rows[places[row[part.key]]] | row
                    else:
                        rows.append(row)
            after[accessor] = rows
    return after


def unique(rows):
    return [row for place, row in enumerate(rows) if row not in rows[:place]]


def interval(start, end):
    """Two days of Popolo, each as partial as it is, as an EDTF date; what is not said stays unknown."""
    if start and end:
        return start if start == end else f"{start}/{end}"
    return f"{start}/" if start else f"/{end}" if end else ""


def in_list(record, key):
    return record[key] if isinstance(record.get(key), list) else []


def objects(record, key):
    return [row for row in in_list(record, key) if isinstance(row, dict)]


def said(record, key):
    """The text behind a key of Popolo; numbers are ids too, and everything else says nothing."""
    value = record.get(key)
    return value.strip() if isinstance(value, str) else str(value) if isinstance(value, int) and not isinstance(value, bool) else ""
