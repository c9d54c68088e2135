"""The Jinja2 environment that makes the public's pages."""

from functools import cache, lru_cache
from importlib import import_module

from django.conf import settings
from django.template import defaultfilters
from django.templatetags.static import static
from django.urls import reverse
from django.utils import translation
from django.utils.http import urlencode
from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

DJANGO_FILTERS = ("capfirst", "date", "linebreaks", "truncatewords")


def environment(helpers, **options):
    """The environment with the GLOBALS and FILTERS of the modules `helpers`: what each floor gives to templates of its own."""
    # A name that a template misspells is an error, in the tests and everywhere, not an empty place on a page.
    options |= {"autoescape": True, "undefined": StrictUndefined, "trim_blocks": True, "lstrip_blocks": True}
    env = Environment(**options, extensions=["jinja2.ext.i18n"])  # noqa: S701 (it escapes)
    env.policies["ext.i18n.trimmed"] = True
    env.install_gettext_callables(gettext, ngettext, newstyle=True)
    # What the extension puts around these finds out anew for every word of a page whether it escapes.
    env.globals.update(_=gettext, gettext=gettext, ngettext=ngettext, pgettext=pgettext)
    env.globals.update(
        static=cache(static),
        url=url,
        list_url=list_url,
        querystring=querystring,
        versions=versions,
        spoken=translation.get_language,
    )
    env.filters.update({name: defaultfilters.register.filters[name] for name in DJANGO_FILTERS})
    for module in map(import_module, helpers):
        env.globals.update(module.GLOBALS)
        env.filters.update(module.FILTERS)
    return env


def gettext(message, /, **variables):
    """`message` in the language that is spoken now, with its `variables` escaped: `_("page %(number)s", number=2)`."""
    text = translated(message, translation.get_language())
    return text % variables if "%" in text else text


def pgettext(context, message, /, **variables):
    text = translated(message, translation.get_language(), context)
    return text % variables if "%" in text else text


def ngettext(singular, plural, num, /, **variables):
    return Markup(translation.ngettext(singular, plural, num)) % {"num": num, **variables}  # noqa: S704


@lru_cache(maxsize=5_000)
def translated(message, language, context=None):
    """A page says a hundred things, and Django looks each up in a chain of catalogues."""
    text = translation.pgettext(context, message) if context else translation.gettext(message)
    return Markup(text)  # noqa: S704 (the catalogues are the archive's own)


def url(name, *args):
    """The address that `name` has in the URLconf, in the language that is spoken now."""
    return reverse(name, args=args) if args else fixed_url(name, translation.get_language())


@cache
def fixed_url(name, language):
    """Every page has a dozen, and each takes longer to work out than a row of a list."""
    return reverse(name)


def list_url(name, query):
    """The address of the list `name`, filtered by the dict `query`."""
    return f"{url(name)}?{urlencode(query, doseq=True)}" if query else url(name)


def querystring(request, **changes):
    """The query string of the page that was asked for, with `changes`; a parameter that is None is left out."""
    parameters = dict(request.GET.lists()) | changes
    query = urlencode({name: value for name, value in parameters.items() if value is not None}, doseq=True)
    return f"?{query}" if query or request.GET else ""


def versions(request):
    """(language, its own name for itself, address) of the page that was asked for, in each language that it comes in.

    Nothing for a page that comes in one, such as an error's or a curator's.
    """
    match = getattr(request, "resolver_match", None)
    addresses = {code: address_in(code, match) for code, _ in settings.LANGUAGES} if match else {}
    if len(set(addresses.values())) < len(settings.LANGUAGES):
        return []
    query = request.META.get("QUERY_STRING", "")
    return [(code, name, f"{addresses[code]}?{query}" if query else addresses[code]) for code, name in settings.LANGUAGES]


def address_in(language, match):
    with translation.override(language):
        return reverse(match.view_name, args=match.args, kwargs=match.kwargs)
