"""What every answer tells browsers about what its page may do, and who may use it. The content policy is in the settings."""

from csp.constants import HEADER
from csp.middleware import CSPMiddleware
from csp.utils import build_policy
from django.conf import settings
from django.utils.functional import cached_property

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
    """Adds FOR_ALL to every answer, errors, files and 304 included, where its view has not said otherwise."""

    def middleware(request):
        response = get_response(request)
        for name, value in FOR_ALL.items():
            response.headers.setdefault(name, value)
        return response

    return middleware
