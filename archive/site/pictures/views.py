"""The pages of the pictures, and the page with all of them in small."""

from django.http import HttpResponseRedirect
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView

from archive.site.pictures.network import NetworkPicture
from archive.site.pictures.topics import TopicsPicture
from archive.site.pictures.world import PARTS, MapPicture
from archive.site.pictures.years import YearsPicture
from events.models import Event, Statement


class Picture(TemplateView):
    """A page without parameters but the `choice` that a subclass names: (parameter, {value: label}), the first goes without saying.

    Any other address is redirected to the one that says the same.
    """

    choice = None
    extra_context = {"model": Event}

    def get(self, request, *args, **kwargs):
        if (address := self.address(self.chosen)) != request.get_full_path():
            return HttpResponseRedirect(address)
        return super().get(request, *args, **kwargs)

    @property
    def chosen(self):
        """The value of the choice that is asked for, the first one where that is none; None without a choice."""
        if not self.choice:
            return None
        name, labels = self.choice
        asked = self.request.GET.get(name)
        return asked if asked in labels else next(iter(labels))

    def address(self, value):
        if not self.choice or value == next(iter(self.choice[1])):
            return self.request.path
        return f"{self.request.path}?{self.choice[0]}={value}"

    @property
    def choices(self):
        """(label, address, whether it is chosen) of each value of the choice."""
        return [(label, self.address(value), value == self.chosen) for value, label in self.choice[1].items()]


class Pictures(Picture):
    template_name = "pictures/index.html"

    def get_context_data(self, **kwargs):
        return super().get_context_data(
            years=YearsPicture(), world=MapPicture(), network_picture=NetworkPicture(), topics=TopicsPicture(), **kwargs
        )


class Years(Picture):
    template_name = "pictures/years.html"

    def get_context_data(self, **kwargs):
        return super().get_context_data(picture=YearsPicture(), **kwargs)


class World(Picture):
    template_name = "pictures/map.html"
    choice = ("as", PARTS)

    def get_context_data(self, **kwargs):
        return super().get_context_data(picture=MapPicture(self.chosen), choices=self.choices, **kwargs)


class Network(Picture):
    template_name = "pictures/network.html"

    def get_context_data(self, **kwargs):
        return super().get_context_data(picture=NetworkPicture(), **kwargs)


class Topics(Picture):
    template_name = "pictures/topics.html"
    choice = ("of", {"events": _("Events"), "statements": _("Statements")})

    def get_context_data(self, **kwargs):
        counted = {"events": Event, "statements": Statement}[self.chosen]
        return super().get_context_data(picture=TopicsPicture(self.chosen), counted=counted, choices=self.choices, **kwargs)
