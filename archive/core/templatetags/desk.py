"""The desk on the admin's first page."""

from django import template
from django.contrib import admin

from archive.core.curation import desk as work

register = template.Library()


@register.inclusion_tag("admin/record/desk.html", takes_context=True)
def desk(context):
    return {"sections": work.sections(context["request"], admin.site), "recent": work.recent()}
