"""How long each of our answers takes, by view and class of status. Named in MIDDLEWARE, behind the static files."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from brokerage import metrics

Answer = Callable[[HttpRequest], HttpResponse]
NO_VIEW = "none"  # an address that leads nowhere


def page_times(answer: Answer) -> Answer:
    """Return what times an answer. A view is called by the name of its address, of which there are only so many."""

    def answer_and_count(request: HttpRequest) -> HttpResponse:
        watch = metrics.Watch()
        response = answer(request)
        match = request.resolver_match
        metrics.page_answered((match.view_name if match else "") or NO_VIEW, response.status_code, watch.seconds)
        return response

    return answer_and_count
