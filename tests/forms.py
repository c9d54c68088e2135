"""The admin's forms as a browser fills them in, posts them, and reads what comes back."""

import html
from copy import copy

from django import forms
from django.urls import reverse

from archive.sources.forms import PassagesField


def address(model, page, *args):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def posted(form):
    """What a browser posts of `form` when nobody touches it: all but empty values, line ends as \\r\\n."""
    data = {}
    for field in form:
        value = field.value()
        if isinstance(field.field, PassagesField):
            formset = value if field.form.is_bound else field.field.widget.formset(field.html_name, value or [])
            for row in [formset.management_form, *formset.forms]:
                data |= posted(row)
        elif value is not None and value is not False and value != "" and not isinstance(field.field, forms.FileField):
            data[field.html_name] = value.replace("\n", "\r\n") if isinstance(value, str) else value
    return data


class Page:
    """A form of the admin as it is opened: `data` is what it would post."""

    def __init__(self, client, model, pk=None):
        self.client = client
        self.url = address(model, "change", pk) if pk else address(model, "add")
        self.read(client.get(self.url))

    def read(self, response):
        """Takes for its own what the form that came with `response` would post."""
        admin_form = response.context["adminform"]
        self.data, self.empty_rows = posted(admin_form.form), {}
        # What the form carries besides its fields.
        self.data |= {name: response.context[name] for name in ("loaded", "loaded_proposal") if name in response.context}
        for name in admin_form.readonly_fields:
            self.data.pop(name, None)
        for inline in response.context["inline_admin_formsets"]:
            self.empty_rows[inline.formset.prefix] = posted(inline.formset.empty_form)
            for form in [inline.formset.management_form, *inline.formset.forms]:
                self.data |= posted(form)

    @classmethod
    def of(cls, client, record):
        return cls(client, type(record), record.pk)

    def opened_by(self, client):
        """The form as somebody else has it open, who sees the same on it."""
        other = copy(self)
        other.client, other.data = client, dict(self.data)
        return other

    def add_row(self, prefix, **values):
        """One more row of an inline, as its “Add another” makes it."""
        number = self.data[f"{prefix}-TOTAL_FORMS"]
        self.data[f"{prefix}-TOTAL_FORMS"] = number + 1
        self.data |= {name.replace("__prefix__", str(number)): value for name, value in self.empty_rows[prefix].items()}
        self.data |= {f"{prefix}-{number}-{name}": value for name, value in values.items()}

    def save(self, changes=()):
        return self.client.post(self.url, self.data | dict(changes))


def evidence(document, quote, occurrence="", row=0):
    """The changes that fill a row of a form's evidence."""
    return {
        f"passages-{row}-document": document.pk,
        f"passages-{row}-quote": quote,
        f"passages-{row}-occurrence": occurrence,
    }


def is_saved(response):
    return response.status_code == 302


def says(response, *sentences):
    """Whether the form came back and says all `sentences`."""
    shown = html.unescape(response.content.decode())
    return response.status_code == 200 and all(sentence in shown for sentence in sentences)
