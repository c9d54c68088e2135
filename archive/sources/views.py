"""The public list and pages of documents."""

from django.db.models import Prefetch
from django.http import FileResponse, Http404
from django.utils.translation import gettext_lazy as _

from archive.core.lists import RecordList
from archive.core.pages import RecordPage, answer_without
from archive.sources.filters import DocumentFilter
from archive.sources.marking import paragraphs
from archive.sources.models import Document, Passage
from archive.sources.querysets import citing


class Documents(RecordList):
    model = Document
    filterset_class = DocumentFilter
    intro = _("The texts that everything here rests on, verbatim.")


class DocumentPage(RecordPage):
    model = Document

    def get_context_data(self, **kwargs):
        passages = [passage for passage in cited_passages(self.object) if passage.rests]
        for number, passage in enumerate(passages, 1):
            passage.number = number
        return super().get_context_data(paragraphs=paragraphs(self.object.text, passages), passage_count=len(passages), **kwargs)


def cited_passages(document, **place):
    """The passages of `document`, all or that at a `place` (start and end), in the order of the text.

    Each has `rests`: the published records and parts that rest on it, in a fixed order.
    """
    passages = (
        document.passages.filter(**place)
        .order_by("start", "-end")
        .prefetch_related(
            *(
                Prefetch(relation.get_accessor_name(), relation.related_model.objects.published().with_labels())
                for relation in citing(Passage)
            )
        )
    )
    for passage in passages:
        passage.rests = [record for relation in citing(Passage) for record in getattr(passage, relation.get_accessor_name()).all()]
    return passages


def document_file(request, slug):
    """The file that a published document came from, to be saved, never shown in place: it may be any curator's PDF."""
    document = Document.objects.published().filter(slug=slug).first()
    if document is None:
        return answer_without(request, Document, slug)
    if not document.file:
        raise Http404("This document has no file.")
    return FileResponse(document.file.open("rb"), as_attachment=True)
