"""The admin's list of probable duplicates, and its word to whoever enters what is there already."""

from django import forms
from django.contrib import messages
from django.contrib.admin.utils import quote
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpResponseRedirect, JsonResponse
from django.utils import timezone
from django.utils.html import format_html, format_html_join

from archive.core.curation.duplicates import LONGEST_TYPED, catch_up, open_pairs, there_already
from archive.core.models import Pair

PAGE = 30  # pairs


class WithDuplicates:
    """An admin whose records may be there twice: those of a model that says in `likeness` what tells two of them apart."""

    def pages(self):
        own = [("duplicates", "duplicates/", self.duplicates_view), ("there_already", "there-already/", self.there_already_view)]
        return [*super().pages(), *(own if self.model.likeness else [])]

    def list_tools(self, request):
        tools = super().list_tools(request)
        if not (self.model.likeness and self.has_change_permission(request)):
            return tools
        waiting = open_pairs(self.model).count()
        words = f"Probable duplicates ({waiting:,})" if waiting else "Probable duplicates"
        return [*tools, (words, self.page_url("duplicates"))]

    @property
    def media(self):
        own = ["annals/there-is-already.js"] if self.model.likeness else []
        return super().media + forms.Media(js=own)

    # The list of pairs

    def duplicates_view(self, request):
        if not self.has_change_permission(request):
            raise PermissionDenied
        if request.method == "POST":
            return self.judge(request)
        left = catch_up(self.model)
        is_judged = "judged" in request.GET
        pairs = Pair.objects.filter(model=self.opts.label_lower, different=True) if is_judged else open_pairs(self.model)
        page = Paginator(pairs.select_related("by"), PAGE).get_page(request.GET.get("page"))
        shown = {"page": page, "rows": self.rows(request, page), "left": left, "is_judged": is_judged, "bare": request.path}
        return self.page(
            request, "admin/record/duplicates.html", "Judged to be two" if is_judged else "Probable duplicates", **shown
        )

    def rows(self, request, pairs):
        """(pair, its two records with their addresses here, where they can be compared) for each pair of which both are there."""
        records = self.get_queryset(request).in_bulk({pk for pair in pairs for pk in (pair.first, pair.second)})
        rows = []
        for pair in pairs:
            two = [records[pk] for pk in (pair.first, pair.second) if pk in records]
            if len(two) == 2:
                links = [(record, self.page_url("change", quote(record.pk))) for record in two]
                rows.append((pair, links, self.merge_url(*two) if self.may_merge(request) else ""))
        return rows

    def judge(self, request):
        """Notes that the records of a pair are two, or that this is open again."""
        for choice, different in (("two", True), ("again", False)):
            key = request.POST.get(choice, "")
            if key.isascii() and key.isdecimal() and len(key) < 19:
                pair = Pair.objects.filter(model=self.opts.label_lower, pk=key).first()
                if pair is None:
                    raise Http404("There is no such pair any more.")
                pair.different, pair.by, pair.at = different, request.user, timezone.now()
                pair.save()
                said = (
                    "They are two: they will not be offered again."
                    if different
                    else "They are among the probable duplicates again."
                )
                self.message_user(request, said, messages.SUCCESS)
        return HttpResponseRedirect(request.get_full_path())

    # What is there already

    def there_already_view(self, request):
        """The records with a name like `name`, as JSON: for the form in which it is being typed."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        near = there_already(self.model, request.GET.get("name", "")[:LONGEST_TYPED])
        found = [
            {"name": str(record), "state": record.get_state_display(), "url": self.page_url("change", quote(record.pk))}
            for record in near
        ]
        return JsonResponse({"records": found})

    def response_add(self, request, obj, post_url_continue=None):
        request.added = obj
        return super().response_add(request, obj, post_url_continue)

    def add_view(self, request, form_url="", extra_context=None):
        response = super().add_view(request, form_url, extra_context)
        added = getattr(request, "added", None)
        if added is not None and self.model.likeness:  # only now, when its unit of work is at its end
            self.warn(request, added)
        return response

    def warn(self, request, added):
        """Says once that there may be the same record already, with the way to compare them."""
        name = getattr(added, self.model.likeness.names[0])
        near = [record for record in there_already(self.model, name, most=6) if record.pk != added.pk][:5]
        if not near or not self.has_view_permission(request):
            return
        may_merge = self.may_merge(request)
        links = [
            (self.comparison_url(record, added) if may_merge else self.page_url("change", quote(record.pk)), record)
            for record in near
        ]
        listed = format_html_join(", ", '<a href="{}">“{}”</a>', links)
        said = format_html("There is already {}. {}", listed, "Compare and merge, if it is the same." if may_merge else "")
        self.message_user(request, said, messages.WARNING)
