"""What every answer tells browsers about what its page may do, and who may use it. The content policy is in the settings."""

import re

from csp.constants import HEADER
from csp.middleware import CSPMiddleware
from csp.utils import build_policy
from django.conf import settings
from django.utils.functional import cached_property

from archive.core.caching import is_file
from archive.core.middleware import is_for_curators

# What no page here has a use for. Only names that browsers know: each other one is an error in the console.
UNUSED = [
    "accelerometer",
    "camera",
    "display-capture",
    "encrypted-media",
    "fullscreen",
    "geolocation",
    "gyroscope",
    "magnetometer",
    "microphone",
    "midi",
    "payment",
    "picture-in-picture",
    "publickey-credentials-get",
    "screen-wake-lock",
    "usb",
    "xr-spatial-tracking",
]
FOR_ALL = {
    "Permissions-Policy": ", ".join(f"{feature}=()" for feature in UNUSED),
    "Cross-Origin-Resource-Policy": "same-origin",
}
FOR_EVERYBODY = {"Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin"}  # of data that others read
DATA = re.compile(r"^/(api|oai|documents/[^/]+/annotations)/|\.(?!png$)[a-z]+$")


class ContentPolicy(CSPMiddleware):
    """django-csp's middleware for a site whose views have one policy, without nonces: it is built once, not twice an answer."""

    def process_request(self, request):
        pass  # there is no nonce to be had

    def process_response(self, request, response):
        if settings.DEBUG:
            return super().process_response(request, response)  # Django's page of an error has styles inline
        response.headers.setdefault(HEADER, self.policy)
        return response

    @cached_property
    def policy(self):
        return build_policy()


def say_what_pages_may(get_response):
    """Adds FOR_ALL to every answer, errors and files included, or for data FOR_EVERYBODY, where its view has not said otherwise.

    A 304 says nothing of resources: browsers would put it in the place of what the view has said of the answer that they keep.
    """

    def middleware(request):
        response = get_response(request)
        said = FOR_ALL | FOR_EVERYBODY if is_data(request) else FOR_ALL
        for name, value in said.items():
            if response.status_code != 304 or name != "Cross-Origin-Resource-Policy":
                response.headers.setdefault(name, value)
        return response

    return middleware


def is_data(request):
    """Whether the address is one of data, which the pages of others may read: the API's, or a file's that is no picture."""
    return bool(DATA.search(request.path_info)) and not is_for_curators(request) and not is_file(request)
