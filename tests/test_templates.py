"""The templates of the public's pages: whole, escaped, and never silent about a name that is not there."""

from html import unescape

import pytest
from django.template import engines
from django.template.loader import get_template
from django.views import defaults
from jinja2 import UndefinedError

from archive.core.dates import PartialDate
from tests.test_hostile import HOSTILE

PUBLIC = engines["jinja2"].env
NAMES = PUBLIC.list_templates(filter_func=lambda name: not name.startswith("django/"))


def show(template, **context):
    return engines["jinja2"].from_string(template).render(context)


@pytest.mark.parametrize("name", NAMES)
def test_every_template_can_be_read(name):
    assert PUBLIC.get_template(name)


def test_the_admin_has_templates_of_its_own():
    assert get_template("admin/base_site.html").backend.name == "django"
    assert get_template("sources/admin/passages.html").backend.name == "django"


def test_a_name_that_is_not_there_is_an_error():
    with pytest.raises(UndefinedError):
        show("{{ titel }}")


def test_what_the_archive_supplied_stands_in_brackets_with_its_reason(cast):
    cast.summit.supplied = {"place": 'Not in "the text" <i>'}
    cast.summit.place = " <b>Hall</b> "
    shown = show("{{ event.place|fact(event, 'place') }} {{ event.title|fact(event, 'title') }}", event=cast.summit)
    assert shown == (
        '<span class="supplied" title="Supplied by the archive: Not in &#34;the text&#34; &lt;i&gt;">'
        "[&lt;b&gt;Hall&lt;/b&gt;]</span> Summit of Freedonia"
    )
    assert show("{{ ''|fact(event, 'place') }}", event=cast.summit) == ""


def test_dates_are_for_machines_where_html_can_write_them():
    dates = {text: show("{{ partial_date(date) }}", date=PartialDate.parse(text)) for text in ("2015-05-03", "2021/..")}
    assert dates == {"2015-05-03": '<time datetime="2015-05-03">3 May 2015</time>', "2021/..": "since 2021"}
    assert show("{{ partial_date(date) }}", date=None) == ""


@pytest.mark.parametrize("name", [HOSTILE["quotes"], "</a><a>", "&lt;", HOSTILE["right to left"]])
def test_a_link_holds_nothing_but_the_name(cast, name):
    cast.freedonia.name = name
    shown = show("{{ link(country, 'who') }}", country=cast.freedonia)
    assert shown.startswith('<a class="who" href="/countries/fr/">')
    assert shown.count("<") == 2
    assert unescape(shown.removesuffix("</a>").partition('/countries/fr/">')[2]) == name


def test_the_query_string_keeps_the_rest(rf):
    request = rf.get("/events/?country=fr&country=sy&page=3&q=%26")
    shown = {changed: show(f"{{{{ querystring(request, page={changed}) }}}}", request=request) for changed in ("4", "None")}
    assert shown == {"4": "?country=fr&amp;country=sy&amp;page=4&amp;q=%26", "None": "?country=fr&amp;country=sy&amp;q=%26"}
    assert show("{{ querystring(request) }}", request=rf.get("/events/")) == ""


def test_errors_have_pages_whatever_has_failed(rf):
    request = rf.get("/")
    answers = [
        defaults.server_error(request),
        defaults.bad_request(request, ValueError()),
        defaults.permission_denied(request, PermissionError()),
        defaults.page_not_found(request, LookupError()),
    ]
    assert [answer.status_code for answer in answers] == [500, 400, 403, 404]
    assert all('<article class="message">' in answer.content.decode() for answer in answers)
