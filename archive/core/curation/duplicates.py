"""Probable duplicates: pairs of records that are alike, kept up with the ledger.

`catch_up` compares what has changed since the last time, a bounded number at once; `compare_all` compares everything. Of a pair
that somebody has judged to be two nothing is asked again.
"""

from bisect import bisect_right
from collections import Counter, defaultdict
from datetime import timedelta

from django.apps import apps
from django.db import transaction
from django.db.models import Q

from archive.core import ledger
from archive.core.among import Among
from archive.core.curation.likeness import ENOUGH, MOST_SPAN, MOST_WORDS, Facts, alike, compare, keys, words_of
from archive.core.models import Compared, Entry, Pair
from archive.core.search.fulltext import found_pks
from archive.core.search.language import parse
from archive.core.search.names import kept_names
from archive.core.text import words

AT_ONCE = 200  # changed records that a page compares before it is shown
SMALL = 2_000  # records of an archive that a page compares altogether
MOST_CANDIDATES = 300  # with which one record is compared
MOST_PAIRS = 20  # that one record makes with those it is likest
MOST_IN_BLOCK = 400  # records with one key, beyond which it says too little
MOST_BEARERS = 5_000  # of one word
LONGEST_TYPED = 200  # characters of a name that is being typed
SHORTEST = 3  # letters of a name that is looked for


def compared_models():
    """The models of which probable duplicates are looked for."""
    return [model for model in apps.get_models() if getattr(model, "likeness", None)]


def open_pairs(model):
    """The pairs of `model` that nobody has judged yet, the likeliest first."""
    return Pair.objects.filter(model=model._meta.label_lower, different=False)


def count_pairs():
    """How many pairs wait for somebody's judgement, of all models together."""
    return Pair.objects.filter(different=False).count()


# What is compared


def facts_of(model, pks=None):
    """{primary key: Facts} of the records `pks` of `model`, or of all."""
    likeness, among = model.likeness, {} if pks is None else {"pk__in": Among(pks)}
    columns = [*likeness.names, *([likeness.place] if likeness.place else [])]
    dates = ["date_earliest", "date_latest"] if likeness.dated else []
    found = {}
    for pk, *values in model._base_manager.filter(**among).order_by().values_list("pk", *dates, *columns).iterator():
        first, last = values[:2] if dates else (None, None)
        names = values[len(dates) :][: len(likeness.names)]
        place = values[-1] if likeness.place else ""
        found[pk] = Facts(pk, [name for name in names if name], first=first, last=last, place=place)
    for part, fields, take in (("names", ["name"], add_name), ("identifiers", ["scheme", "identifier"], add_identifier)):
        if part in model.parts:
            rows = model._meta.get_field(part).related_model
            among = {} if pks is None else {f"{rows.owner}__in": Among(pks)}
            for pk, *values in rows._base_manager.filter(**among).order_by().values_list(rows.owner, *fields).iterator():
                if pk in found:
                    take(found[pk], *values)
    return found


def add_name(facts, name):
    facts.names.append(name)


def add_identifier(facts, scheme, identifier):
    facts.identifiers.add((scheme, identifier))


def candidates(model, facts):
    """The primary keys of at most MOST_CANDIDATES records that may be like `facts`: drafts too."""
    found = Counter()
    for scheme, identifier in facts.identifiers:
        rows = model._meta.get_field("identifiers").related_model
        same = rows._base_manager.filter(scheme=scheme, identifier=identifier).values_list(rows.owner, flat=True)
        found.update(dict.fromkeys(same[:MOST_CANDIDATES], 100))
    if model.likeness.dated:
        found.update(at_the_time_of(model, facts))
    for name, telling in facts.worded:
        found.update(bearers(model, telling) if "names" in model.parts else having(model, name))
    found.pop(facts.pk, None)
    return [pk for pk, _ in found.most_common(MOST_CANDIDATES)]


def bearers(model, telling, prefix=False):
    """The records with a name that has one of the words `telling`, once for each word that it has."""
    names = kept_names(model).at(ledger.state())
    found = Counter()
    with names.lock:
        for number, word in enumerate(telling):
            forms = names.beginning(word) if prefix and number == len(telling) - 1 and len(word) > 1 else [word]
            if len(telling) == 1 and len(word) > 3:
                forms = names.beginning(word[:4])
            owners = set()
            for form in forms:
                owners.update(names.owners[place] for place in names.places.get(form, ())[:MOST_BEARERS])
                if len(owners) > MOST_BEARERS:
                    break
            found.update(owners)
    return found


def having(model, text, ending=""):
    """The records with all words of `text` in their own; none, where they are so many that it says nothing."""
    query = parse(" ".join(words(text)) + ending)
    found = found_pks(model, query, MOST_IN_BLOCK) if query else None
    return [] if found is None else [int(pk) for pk in found]


def at_the_time_of(model, facts):
    """The dated records that begin on the day that `facts` does, and then those about that time."""
    if not facts.first:
        return []
    rows = model._base_manager.order_by("pk").values_list("pk", flat=True)
    around = Q(date_earliest__gte=facts.first - timedelta(MOST_SPAN), date_earliest__lte=facts.last, date_latest__gte=facts.first)
    on_the_day = list(rows.filter(date_earliest=facts.first)[:MOST_CANDIDATES])
    return [*on_the_day, *on_the_day, *rows.filter(around)[:MOST_CANDIDATES]]


# Keeping the pairs


def pairs_among(model, facts, others):
    """The Pairs, unsaved, that `facts` makes with those of the Facts `others` that are like it."""
    pairs = [pair for other in others if (pair := pair_of(model, facts, other))]
    return sorted(pairs, key=lambda pair: -pair.score)[:MOST_PAIRS]  # a crowd of like names is no crowd of duplicates


def pair_of(model, one, other):
    first, second = sorted([one, other], key=lambda facts: facts.pk)
    score, reasons = compare(model.likeness, first, second)
    if score < ENOUGH or first.pk == second.pk:
        return None
    return Pair(model=model._meta.label_lower, first=first.pk, second=second.pk, score=score, reasons=reasons)


def keep(pairs):
    """Writes pairs; one that somebody has judged stays as it was judged."""
    Pair.objects.bulk_create(pairs, batch_size=500, ignore_conflicts=True)


def catch_up(model):
    """Compares what has changed, at most AT_ONCE records, and returns how many are left; None when all are, too many for a page."""
    known = Compared.objects.filter(model=model._meta.label_lower).values_list("entry", flat=True).first()
    newest = ledger.state()[0]
    if known is None or known < ledger.last_of_everything() or known > newest:
        if model._base_manager.count() > SMALL:
            return None
        compare_all(model)
        return 0
    entries = Entry.objects.filter(model=model._meta.label_lower, pk__gt=known, pk__lte=newest).order_by("pk")
    changed, upto = {}, newest
    for number, pk in entries.values_list("pk", "record").iterator():
        if pk not in changed and len(changed) == AT_ONCE:
            break
        changed[pk], upto = None, number
    else:
        upto = newest
    if changed:
        compare_anew(model, list(changed), upto)
    return 0 if upto == newest else entries.filter(pk__gt=upto).values("record").distinct().order_by().count()


def compare_anew(model, pks, upto):
    """Finds the pairs of the records `pks` again, and notes that all is known up to the entry `upto`."""
    facts = facts_of(model, pks) if pks else {}
    others = {pk: candidates(model, one) for pk, one in facts.items()}
    known = facts | (facts_of(model, {pk for near in others.values() for pk in near} - set(facts)) if facts else {})
    pairs = [
        pair for pk, near in others.items() for pair in pairs_among(model, facts[pk], [known[one] for one in near if one in known])
    ]
    with transaction.atomic():
        concerned = Pair.objects.filter(Q(first__in=Among(pks)) | Q(second__in=Among(pks)), model=model._meta.label_lower)
        if pks:
            concerned.filter(different=False).delete()
            gone = [pk for pk in pks if pk not in facts]
            concerned.filter(Q(first__in=gone) | Q(second__in=gone)).delete()
        keep(pairs)
        Compared.objects.update_or_create(model=model._meta.label_lower, defaults={"entry": upto})


def compare_all(model, progress=iter):
    """Compares all records of `model`, and returns how many pairs wait; `progress` wraps the list of what is compared."""
    upto, facts = ledger.state()[0], facts_of(model)
    holders, pairs = holders_of(model.likeness, facts), []
    for pk in progress(list(facts)):
        near = {other for key in keys(model.likeness, facts[pk]) for other in following(holders[key], pk, key)}
        pairs += pairs_among(model, facts[pk], [facts[other] for other in near])
    with transaction.atomic():
        open_pairs(model).delete()
        there = model._base_manager.order_by().values("pk")
        Pair.objects.filter(model=model._meta.label_lower).exclude(first__in=there, second__in=there).delete()
        keep(pairs)
        Compared.objects.update_or_create(model=model._meta.label_lower, defaults={"entry": upto})
    return open_pairs(model).count()


def holders_of(likeness, facts):
    """{key: the primary keys of those that have it, in order}."""
    holders = defaultdict(list)
    for pk in sorted(facts):
        for key in keys(likeness, facts[pk]):
            holders[key].append(pk)
    return holders


def following(pks, pk, key):
    """Those behind `pk` among `pks`, the records with one `key`, with which it is compared."""
    place = bisect_right(pks, pk)
    if len(pks) <= MOST_IN_BLOCK:
        return pks[place:]
    return pks[place : place + 1] if key[0] in ("=", "is") else []  # the same name many times: each with the next


# While somebody types


def there_already(model, typed, most=5):
    """The records of `model` that bear a name like the one that is being typed, the likest first."""
    typed = typed[:LONGEST_TYPED].replace("\x00", "")
    # As it is written, too: the spelling of a word's beginning is not the beginning of its spelling.
    spellings = [words_of(typed), tuple(words(typed)[:MOST_WORDS])]
    if len("".join(spellings[1])) < SHORTEST:
        return []
    scores = {
        pk: max((nearness(spellings, name) for name in facts.worded), default=0)
        for pk, facts in facts_of(model, begun(model, typed, spellings)).items()
    }
    likest = sorted((pk for pk, score in scores.items() if score >= ENOUGH), key=lambda pk: (-scores[pk], pk))[:most]
    records = model._base_manager.in_bulk(likest)
    return [records[pk] for pk in likest if pk in records]


def begun(model, typed, spellings):
    """The primary keys of at most MOST_CANDIDATES records of which a name may begin with what is typed, or be like it."""
    if "names" not in model.parts:
        return having(model, typed, "*")
    found = Counter()
    for spelling in spellings:
        found.update(bearers(model, spelling, prefix=True))
    return [pk for pk, _ in found.most_common(MOST_CANDIDATES)]


def nearness(spellings, name):
    """How near what is typed is to a name, (as written, its words): its last word may go on, and more words may follow."""
    written, telling = name
    scores = [alike(spellings[0], telling)]
    for typed, others in zip(spellings, (telling, words(written)), strict=True):
        *first, last = typed or [""]
        goes_on = len(last) > 2 and any(other.startswith(last) for other in others)
        if goes_on and all(word in others for word in first) and (first or len(last) > SHORTEST):
            scores.append(90)
    return max(scores)
