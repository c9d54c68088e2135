"""Form fields with which curators say where a fact is written, and what the archive supplied itself."""

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AutocompleteSelect
from django.core.exceptions import ValidationError
from django.template.loader import render_to_string

from archive.core.admin import KnownKeys, is_key
from archive.core.records import SluggedPart
from archive.sources.models import Document, Passage, plain_newlines
from archive.sources.quotes import QuoteError, occurrence_of


class DocumentSelect(KnownKeys, AutocompleteSelect):
    """A document by typing a part of its title. `known` holds titles already loaded, so that a row costs no query."""

    def __init__(self):
        super().__init__(Passage._meta.get_field("document"), admin.site, attrs={"data-placeholder": "Choose the document"})
        self.known = {}

    def optgroups(self, name, value, attr=None):
        selected = [int(pk) for pk in value if is_key(pk)]
        if not selected or any(pk not in self.known for pk in selected):
            return super().optgroups(name, value, attr)
        options = [self.create_option(name, pk, self.known[pk], True, place) for place, pk in enumerate(selected, 1)]
        return [(None, [self.create_option(name, "", "", False, 0), *options], 0)]


class PassageForm(forms.Form):
    """One passage: a document, and the quote pasted from it. An emptied quote takes the passage away."""

    document = forms.ModelChoiceField(Document.objects.all(), required=False, widget=DocumentSelect)
    quote = forms.CharField(
        required=False, strip=False, widget=forms.Textarea(attrs={"rows": 2, "placeholder": "Paste the document’s own words"})
    )
    occurrence = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=10_000,
        widget=forms.NumberInput(attrs={"placeholder": "1", "title": "Which occurrence"}),
    )

    def clean(self):
        data = super().clean()
        quote, document = data.get("quote") or "", data.get("document")
        if not quote.strip() or self.errors:
            return data
        if document is None:
            self.add_error("document", "Choose the document that the quote is from.")
            return data
        try:
            data["passage"] = Passage.find(document, quote, data.get("occurrence"))
        except QuoteError as error:
            self.add_error("quote", str(error))
        return data


PassageFormSet = forms.formset_factory(PassageForm, extra=1, max_num=200, absolute_max=200)


class PassagesWidget(forms.Widget):
    """The passages that a record rests on, a row for each, and an empty row."""

    default_document = None  # the document that an empty row starts with

    @property
    def media(self):
        return PassageForm().media

    def render(self, name, value, attrs=None, renderer=None):
        formset = value if isinstance(value, PassageFormSet) else self.formset(name, value or [])
        return render_to_string("sources/admin/passages.html", {"formset": formset})

    def formset(self, name, passages):
        titles = {passage.document_id: str(passage.document) for passage in passages}
        last = passages[-1].document if passages else self.default_document
        formset = PassageFormSet(prefix=name, initial=[*map(row_of, passages)])
        for form in formset.forms:
            form.fields["document"].widget.known = titles | ({last.pk: str(last)} if last else {})
        if last:
            formset.forms[-1].initial = {"document": last.pk}
        return formset

    def value_from_datadict(self, data, files, name):
        return PassageFormSet(data, prefix=name)

    def id_for_label(self, id_):
        return ""


def row_of(passage):
    return {
        "document": passage.document_id,
        "quote": passage.exact,
        "occurrence": occurrence_of(passage.document.text, passage.start, passage.end),
    }


class PassagesField(forms.Field):
    """Passages as a list of unsaved Passage objects; `CitedForm` saves them with the record."""

    widget = PassagesWidget

    def __init__(self, **kwargs):
        super().__init__(**{"required": False, "label": "Evidence", **kwargs})

    def clean(self, formset):
        if not formset.is_valid():
            raise ValidationError("The evidence cannot be kept as it is: see what is marked beside the quote.")
        found = [form.cleaned_data["passage"] for form in formset.forms if form.cleaned_data.get("passage")]
        return list({passage.natural_key(): passage for passage in found}.values())

    def has_changed(self, initial, formset):
        if not formset.is_valid():
            return True
        return {p.natural_key() for p in initial or []} != {p.natural_key() for p in self.clean(formset)}


class SuppliedField(forms.CharField):
    """What the archive supplied, a line for each field ("host_country: the text names only the city"), as a dict."""

    def __init__(self, **kwargs):
        widget = forms.Textarea(attrs={"rows": 2, "class": "vLargeTextField"})
        super().__init__(**{"required": False, "widget": widget, "max_length": 5000, **kwargs})

    def prepare_value(self, value):
        return "\n".join(f"{name}: {reason}" for name, reason in value.items()) if isinstance(value, dict) else value

    def to_python(self, value):
        supplied, text = {}, super().to_python(value)
        super().run_validators(text)
        for line in text.splitlines():
            name, colon, reason = line.partition(":")
            if not line.strip():
                continue
            if not colon or not reason.strip():
                raise ValidationError(f"“{line[:80]}” is not of the form “field: reason”.")
            if name.strip() in supplied:
                raise ValidationError(f"“{name.strip()[:80]}” is here twice.")
            supplied[name.strip()] = reason.strip()
        return supplied

    def run_validators(self, value):
        """The validators of text have run, on the text."""

    def has_changed(self, initial, data):
        try:
            return (initial or {}) != self.to_python(data)
        except ValidationError:
            return True


class VerbatimField(forms.CharField):
    r"""Text kept as it is, but for the \r\n that browsers make of every line end."""

    def __init__(self, **kwargs):
        super().__init__(**{"strip": False, **kwargs})

    def to_python(self, value):
        return plain_newlines(super().to_python(value))

    def has_changed(self, initial, data):
        return super().has_changed(initial, self.to_python(data))


class CitedForm(forms.ModelForm):
    """The form of everything that rests on passages."""

    passages = PassagesField(
        help_text="Choose the document and paste the quote: its place is found. To take a passage away, empty its quote."
    )
    supplied = SuppliedField(
        label="Supplied by the archive",
        help_text="What this says that its documents do not, a line for each field: “host_country: Moscow is in Russia; the text "
        "names only the city.” Readers see such values in [brackets], with the reason.",
    )

    def _get_validation_exclusions(self):
        # A row's short name that is left empty is made on saving, so two empty ones are no duplicates.
        excluded = super()._get_validation_exclusions()
        unnamed = isinstance(self.instance, SluggedPart) and not self.cleaned_data.get("slug")
        return excluded | {"slug"} if unnamed else excluded

    def _save_m2m(self):
        if "passages" in self.cleaned_data:
            self.cleaned_data["passages"] = [Passage.keep(passage) for passage in self.cleaned_data["passages"]]
        super()._save_m2m()
