"""The page of a record as readers would see it if it were published now: for the staff alone."""

import copy

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import resolve

from archive.core.curation import proposals
from archive.core.difference import part_models
from archive.core.plain import PlainError
from archive.core.revising import as_if
from archive.core.states import State


class WithPreview:
    def pages(self):
        return [("preview", "<path:object_id>/preview/", self.preview_view), *super().pages()]

    def tools(self, request, record):
        return [("Preview", self.page_url("preview", record.pk)), *super().tools(request, record)]

    def preview_view(self, request, object_id):
        """The public page, with what is proposed where something is; what else is not public is not on it."""
        record = self.record_or_404(request, object_id)
        proposal = proposals.waiting(record)
        plain = proposals.rebased(proposal, record) if proposal else proposals.present(record)
        model, plain, pk = with_owner(record, as_published(type(record), plain))
        try:
            with as_if(model, plain, pk):
                return page_of(request, type(record)._base_manager.get(pk=record.pk))
        except PlainError as error:
            messages.warning(request, " ".join(["This cannot be shown:", *(sentence for _, sentence in error.problems)]))
            return HttpResponseRedirect(self.page_url("change", record.pk))


def as_published(model, plain):
    """`plain` with the record and those among its parts published."""
    plain = {**plain, "state": str(State.PUBLISHED)}
    for accessor, part in part_models(model).items():
        if hasattr(part, "State") and accessor in plain:
            plain[accessor] = [as_published(part, row) for row in plain[accessor]]
    return plain


def with_owner(record, plain):
    """(model, plain form, primary key) of what has to be published for `record` to be: itself, or what it is a part of."""
    if not getattr(record, "owner", None):
        return type(record), plain, record.pk
    owner = getattr(record, record.owner)
    accessor = record._meta.get_field(record.owner).remote_field.get_accessor_name()
    rows = [plain if row[record.key] == getattr(record, record.key) else row for row in proposals.present(owner)[accessor]]
    whole = {**proposals.present(owner), "state": str(State.PUBLISHED), accessor: rows}
    return type(owner), whole, owner.pk


def page_of(request, record):
    """The page of `record` in its present state, as a reader gets it but for a line that says what it is."""
    reader = copy.copy(request)
    reader.path = reader.path_info = record.get_absolute_url()
    reader.GET, reader.is_preview = reader.GET.copy(), True
    view = resolve(reader.path)
    response = view.func(reader, *view.args, **view.kwargs)
    content = response.render().content if hasattr(response, "render") else response.content
    shown = HttpResponse(content, status=response.status_code)
    shown["Cache-Control"], shown["X-Robots-Tag"] = "no-store", "noindex"
    return shown
