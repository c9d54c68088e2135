"""A record's address in the admin: who may change one that is public, and which old ones lead to it."""

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError

from archive.core.addresses import old_addresses
from archive.core.states import MAY_PUBLISH

FIXED = "It is public: an editor can change it."
MOVES = "The last part of the page’s address. It is public: if you change it, the old address leads to the new one for good."


def is_fixed(request, record):
    """Whether the record's address is public, and whoever asks may not change it."""
    return was_public(record) and not request.user.has_perm(MAY_PUBLISH)


def was_public(record):
    return getattr(record, "address_is_public", False)


class WithAddresses:
    """A record's form: its address is fixed for curators once it is public; old addresses are shown."""

    def get_object(self, request, object_id, from_field=None):
        record = super().get_object(request, object_id, from_field)
        if record:  # remembered before the form changes the state
            record.address_is_public = record.has_public_address
        return record

    def get_readonly_fields(self, request, obj=None):
        fixed = [self.address_field] if is_fixed(request, obj) else []
        return [*super().get_readonly_fields(request, obj), *fixed, "old_addresses"]

    def get_prepopulated_fields(self, request, obj=None):
        # Of a country the code is the address.
        return {} if was_public(obj) or self.model.key != "slug" else {"slug": [self.address_from]}

    def get_fieldsets(self, request, obj=None):
        """With the old addresses, if there are any, below the address."""
        fieldsets = super().get_fieldsets(request, obj)
        if obj is None or not old_addresses(obj):
            return fieldsets
        (title, options), *rest = fieldsets
        fields = list(options["fields"])
        place = next((n for n, name in enumerate(fields, 1) if self.address_field in (name, *(name if is_line(name) else ()))), 0)
        return [(title, {**options, "fields": [*fields[:place], "old_addresses", *fields[place:]]}), *rest]

    def get_form(self, request, obj=None, change=False, **kwargs):
        help_texts = {self.address_field: MOVES} if was_public(obj) else {}
        return super().get_form(request, obj, change, **{"help_texts": help_texts, **kwargs})

    @property
    def address_field(self):
        return self.model.key

    @admin.display(description="old addresses")
    def old_addresses(self, obj):
        """The addresses that lead here for good."""
        return ", ".join(old_addresses(obj))


def is_line(name):
    return isinstance(name, (list, tuple))


class AddressFixedForm(forms.ModelForm):
    """A record's row in the form of another, as those fill it in who may not publish."""

    def clean_slug(self):
        slug, stored = self.cleaned_data["slug"], self.instance.slug
        if self.instance.has_public_address and slug != stored:
            raise ValidationError(FIXED)
        return slug


class FixedRows:
    """Rows that are records themselves: a public one keeps its address but for those who may publish."""

    def get_formset(self, request, obj=None, **kwargs):
        if hasattr(self.model, "State") and not request.user.has_perm(MAY_PUBLISH):
            form = kwargs.get("form", self.form)
            kwargs["form"] = type(form.__name__, (AddressFixedForm, form), {})
        return super().get_formset(request, obj, **kwargs)
