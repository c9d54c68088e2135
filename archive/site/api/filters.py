"""The lists' own filters at the door of the API, and how the schema describes them."""

from django import forms
from rest_framework.exceptions import ValidationError
from rest_framework.filters import BaseFilterBackend

from archive.core.filters import MOST_VALUES, SLUG, YearsField
from archive.site.api.pages import PARAMETERS

# In the dialect of JSON Schema, and as narrow as YearsField: what does not match is refused.
YEARS = r"^\s*([0-9]{1,4}(\s*[-–/](\s*[0-9]{1,4})?)?|[-–/]\s*[0-9]{1,4})\s*$"


class ListFilters(BaseFilterBackend):
    """The filters of a list's page, with one difference: what no filter knows is refused."""

    def filter_queryset(self, request, queryset, view):
        """`queryset` as it is: `view.filterset`, which this sets, says which of its records the list has, and in which order."""
        filterset = view.filterset_class(request.query_params, queryset=queryset.none(), request=request)
        problems = {name: self.problem(name, values, filterset) for name, values in request.query_params.lists()}
        problems = {name: [problem] for name, problem in problems.items() if problem} or filterset.errors
        if problems:
            raise ValidationError(problems)
        view.filterset = filterset
        return queryset

    def problem(self, name, values, filterset):
        if name not in filterset.filters and name not in PARAMETERS:
            return f"There is no such parameter. There are {', '.join([*filterset.filters, *PARAMETERS])}."
        return "" if all(value.strip() for value in values) else "Give a value, or leave the parameter out."

    def get_schema_operation_parameters(self, view):
        fields = view.filterset_class(queryset=view.model.objects.none()).form.fields
        return [parameter(name, field) for name, field in fields.items()]


def parameter(name, field):
    """The OpenAPI description of the filter `name` by its form field."""
    said = {"name": name, "in": "query", "required": False, "description": describe(field)}
    if getattr(field.widget, "allow_multiple_selected", False):
        schema = {"type": "array", "items": items_of(field), "minItems": 1, "maxItems": MOST_VALUES}
        return said | {"schema": schema, "style": "form", "explode": True}
    if isinstance(field, forms.ChoiceField):
        return said | {"schema": one_of(field)}
    pattern = YEARS if isinstance(field, YearsField) else r"\S"
    return said | {"schema": {"type": "string", "pattern": pattern, "maxLength": field.max_length}}


def items_of(field):
    if hasattr(field, "queryset"):
        return {"type": "string", "pattern": f"^{SLUG.pattern}$"}
    return one_of(field) if hasattr(field, "choices") else {"type": "string", "pattern": r"\S"}


def one_of(field):
    return {"type": "string", "enum": [value for value, _ in field.choices if value]}


def describe(field):
    """The filter's label, with what it takes: slugs, or values and their meanings."""
    label = f"{field.label}."
    if hasattr(field, "queryset"):
        return f"{label} Slugs of {field.queryset.model._meta.verbose_name_plural}; with several, any of them will do."
    if isinstance(field, forms.ChoiceField):
        return f"{label} {', '.join(f'`{value}` ({meaning})' for value, meaning in field.choices if value)}."
    return f"{label} {field.help_text or field.widget.attrs.get('placeholder', '')}".strip()
