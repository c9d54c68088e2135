"""What is refused before the API's own views see it is said in JSON too."""

from django.http import JsonResponse

from archive.site.api.views import ERRORS

PREFIX = "/api/"


def speak_json(get_response):
    """Answers an error under /api/ that another part of the site has made a page of in the API's one shape."""

    def middleware(request):
        answer = get_response(request)
        is_ours = request.path_info.startswith(PREFIX)
        if not is_ours or answer.status_code < 400 or "json" in answer.get("Content-Type", ""):
            return answer
        detail = ERRORS.get(answer.status_code, "Something went wrong here. It is not your fault.")
        return JsonResponse({"detail": detail}, status=answer.status_code, json_dumps_params={"ensure_ascii": False})

    return middleware
