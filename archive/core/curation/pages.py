"""Pages of a record's admin that are no forms of one record: their addresses, their links, and what they all show."""

from functools import wraps

from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.template.response import TemplateResponse
from django.urls import path, reverse

from archive.core import ledger


class WithPages:
    """An admin with pages of its own. A mixin adds to `pages`, `tools` and `list_tools` by super()."""

    change_form_template = "admin/record/change_form.html"
    change_list_template = "admin/record/change_list.html"

    def pages(self):
        """[(name, address, view)]: ("merge", "<path:object_id>/merge/", self.merge_view) is admin:people_person_merge."""
        return []

    def tools(self, request, record):
        """[(words, address)]: the links above the form of `record` that whoever asks may follow."""
        return []

    def list_tools(self, request):
        """[(words, address)]: the same, above the list."""
        return []

    def get_urls(self):
        own = [path(address, self.admin_site.admin_view(view), name=self.page_name(name)) for name, address, view in self.pages()]
        return own + super().get_urls()

    def page_name(self, name):
        return f"{self.opts.app_label}_{self.opts.model_name}_{name}"

    def page_url(self, name, *args):
        return reverse(f"{self.admin_site.name}:{self.page_name(name)}", args=args)

    def record_or_404(self, request, object_id):
        """The record that an address names, for whoever may see it."""
        record = self.get_object(request, unquote(object_id))
        if record is None:
            raise Http404(f"There is no such {self.opts.verbose_name}.")
        if not self.has_view_permission(request, record):
            raise PermissionDenied
        return record

    def page(self, request, template, title, record=None, status=200, **context):
        """A page of the admin that stands under this list, and under `record` where it is about one."""
        shown = {"title": title, "opts": self.opts, "record": record, "media": self.media, **context}
        return TemplateResponse(request, template, {**self.admin_site.each_context(request), **shown}, status=status)

    def change_view(self, request, object_id, form_url="", extra_context=None):
        record = self.get_object(request, unquote(object_id))
        shown = {"tools": self.tools(request, record) if record else [], **(extra_context or {})}
        return super().change_view(request, object_id, form_url, shown)

    def changelist_view(self, request, extra_context=None):
        shown = {"loaded": ledger.state()[0], "tools": self.list_tools(request), **(extra_context or {})}
        return super().changelist_view(request, shown)


def needs(permission):
    """A view of an admin that only those with `permission` ("core.merge_record") may see; others are answered 403."""

    def decorator(view):
        @wraps(view)
        def checked(self, request, *args, **kwargs):
            if not request.user.has_perm(permission):
                raise PermissionDenied
            return view(self, request, *args, **kwargs)

        return checked

    return decorator
