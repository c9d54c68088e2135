"""Querysets of documents and passages, each loaded with what its page needs."""

import functools
import operator

from django.db.models import Count, Exists, F, OuterRef, Prefetch
from django.db.models.functions import Greatest, Least, Substr

from archive.core.querysets import RecordQuerySet

AROUND = 500  # characters before and behind a passage that are read with it: most paragraphs are shorter


class DocumentQuerySet(RecordQuerySet):
    def for_list(self):
        """What a list of documents shows: everything but the text, and how many passages were marked."""
        return self.defer("text", "folded").annotate(passage_count=Count("passages"))

    def for_page(self):
        return self


class PassageQuerySet(RecordQuerySet):
    def get_by_natural_key(self, document, start, end):
        return self.get(document__slug=document, start=start, end=end)

    def cited(self):
        """Passages that something rests on, published or not."""
        rests = [Exists(relation.through.objects.filter(passage=OuterRef("pk"))) for relation in citing(self.model)]
        return self.filter(functools.reduce(operator.or_, rests))

    def broken(self):
        """Passages whose words their document no longer has in their place: written around the models, which refuse it."""
        there = Substr("document__text", F("start") + 1, F("end") - F("start"))
        return self.alias(there=there).exclude(exact=F("there"))

    def with_document(self):
        """With what a quotation shows of its document, and the text around it, without the document's whole text."""
        around = {
            "before": Substr("document__text", Greatest(F("start") + 1 - AROUND, 1), Least(F("start"), AROUND)),
            "behind": Substr("document__text", F("end") + 1, AROUND),
        }
        with_text = self.select_related("document").defer("document__text", "document__folded").annotate(**around)
        return with_text.order_by("document", "start", "end")


def citing(passage_model):
    """The relations by which the models that are `Cited` point at passages: whatever has a many-to-many to them."""
    return [relation for relation in passage_model._meta.related_objects if relation.many_to_many]


def published_evidence(lookup="passages"):
    """The Prefetch of the published passages that records rest on, through `lookup`."""
    from archive.sources.models import Passage

    return Prefetch(lookup, Passage.objects.published().with_document())
