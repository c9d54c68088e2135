"""Accounts and groups, which superusers alone administer."""

from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, User
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef
from django.shortcuts import redirect

from archive.accounts.models import SecondFactor, remove
from archive.core.curation.pages import WithPages

admin.site.unregister(User)
admin.site.unregister(Group)


class ForSuperusers:
    """An admin that no permission opens: whoever may change accounts can make themselves a superuser."""

    def has_module_permission(self, request):
        return is_superuser(request)

    def has_view_permission(self, request, obj=None):
        return is_superuser(request)

    has_add_permission = has_change_permission = has_delete_permission = has_view_permission


def is_superuser(request):
    return request.user.is_active and request.user.is_superuser


@admin.register(Group)
class OwnGroupAdmin(ForSuperusers, GroupAdmin):
    pass


@admin.register(User)
class AccountAdmin(ForSuperusers, WithPages, UserAdmin):
    list_display = ["username", "full_name", "group_names", "is_staff", "has_second_factor", "last_login"]

    def get_queryset(self, request):
        theirs = SecondFactor.objects.filter(user=OuterRef("pk"))
        return super().get_queryset(request).annotate(has_factor=Exists(theirs)).prefetch_related("groups")

    @admin.display(description="name", ordering="last_name")
    def full_name(self, user):
        return user.get_full_name()

    @admin.display(description="groups")
    def group_names(self, user):
        return ", ".join(sorted(group.name for group in user.groups.all()))

    @admin.display(description="second factor", boolean=True, ordering="has_factor")
    def has_second_factor(self, user):
        return user.has_factor

    def get_fieldsets(self, request, obj=None):
        more = [("Second factor", {"fields": ["has_second_factor"]})] if obj else []
        return [*super().get_fieldsets(request, obj), *more]

    def get_readonly_fields(self, request, obj=None):
        return [*super().get_readonly_fields(request, obj), "has_second_factor"]

    def pages(self):
        return [*super().pages(), ("second_factor", "<path:object_id>/second-factor/", self.second_factor_view)]

    def tools(self, request, user):
        # One's own is switched off on its own page, which asks for a password and a code.
        is_lost = user.has_factor and user != request.user
        more = [("Remove second factor", self.page_url("second_factor", user.pk))] if is_lost else []
        return [*super().tools(request, user), *more]

    def second_factor_view(self, request, object_id):
        """Takes away the second factor of somebody who has lost their phone, after asking once."""
        user = self.record_or_404(request, object_id)
        if user == request.user:
            raise PermissionDenied
        if request.method != "POST":
            return self.page(
                request, "accounts/remove.html", "Remove second factor", user, account=user, required=settings.REQUIRE_SECOND_FACTOR
            )
        if remove(user, by=request.user):
            messages.success(request, f"{user} has no second factor any more.")
        return redirect(self.page_url("change", user.pk))
