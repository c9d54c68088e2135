"""Cases: one event saved in the admin, what every worker then answers and how late, and readers while others edit."""

import statistics
import subprocess
import sys
import time
from html.parser import HTMLParser
from importlib import import_module
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, get_user_model

from bench import servers
from bench.measuring import percentile
from bench.report import Figure, Row, milliseconds, number
from bench.truth import WrongAnswerError, expect, expect_equal, site_list
from events.models import Event

NAME = "bench"
SAVES = 10
SECONDS = 10  # of reading, with edits and without
RATE = 10  # edits a second


def writing(bench):
    return [saving(bench), disturbed(bench)]


def saving(bench):
    """An event withdrawn and published again, in turn, in the admin: the total must follow in each worker's next answer."""
    curator = get_user_model().objects.create_superuser(NAME)
    session = log_in(curator)
    saved, late, usual, wrong = [], [], [], []
    try:
        event = Event.objects.published().exclude(date=None).order_by("pk").first()
        form = Form(bench, event, session)
        before = totals(bench)[0]
        for round_number in range(SAVES):
            usual += totals(bench)[1]
            step = "published" if round_number % 2 else "withdrawn"
            saved.append(form.save(step))
            found, seconds = totals(bench)
            late += seconds
            right = [total - (step == "withdrawn") for total in before]
            try:
                expect_equal(found, right, "the total in each worker")
            except WrongAnswerError as error:
                wrong.append(str(error))
    except WrongAnswerError as error:
        wrong.append(str(error))
    finally:
        curator.delete()
        session.flush()
    upkeep = (statistics.median(late) - statistics.median(usual)) * 1000 if late else None
    figures = [
        Figure("index upkeep", upkeep, " ms", 20, most=True),
        Figure("right answers", SAVES - len(wrong) if saved else 0, "", SAVES),
    ]
    said = {"list as it was": usual, "list after the save": late, "the save itself": saved}
    said = {name: milliseconds(statistics.median(times)) for name, times in said.items() if times}
    return Row("one event saved in the admin", figures, said, wrong[:2])


def totals(bench):
    """([the total of all events in each worker], [the seconds of each answer]) of pages that nobody has asked for yet."""
    answers = [reader.get(f"/events/?page={next(bench.pages)}") for reader in bench.readers.values()]
    return [site_list(answer, "event")[0] for answer in answers], [answer.seconds for answer in answers]


def log_in(user):
    """A session of `user`; the servers have this process's key."""
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    return session


class Form:
    """An event's form in the admin, as a browser fills and sends it."""

    def __init__(self, bench, event, session):
        self.reader, self.path = bench.reader, f"/admin/events/event/{event.pk}/change/"
        self.cookies = f"{settings.SESSION_COOKIE_NAME}={session.session_key}"

    def save(self, step):
        """Opens the form and sends it with the button of a step ("withdrawn"); returns the seconds of the sending."""
        page = self.reader.get(self.path, Cookie=self.cookies)
        expect(page.status == 200, f"the form was answered with {page.status}")
        fields = Fields.of(page.text)
        fields |= {f"_step_{step}": ["1"], "why": ["bench"]}
        # Django takes the form's own token for the cookie's.
        headers = {
            "Cookie": f"{self.cookies}; {settings.CSRF_COOKIE_NAME}={fields['csrfmiddlewaretoken'][0]}",
            "Content-Type": "application/x-www-form-urlencoded",
            "Origin": f"https://127.0.0.1:{self.reader.port}",
        }
        answer = self.reader.ask("POST", self.path, headers, urlencode(fields, doseq=True))
        expect(answer.status == 302, f"the save was answered with {answer.status}")
        return answer.seconds


class Fields(HTMLParser):
    """What a browser would send of the event's form: `values` by name, each a list."""

    def __init__(self):
        super().__init__()
        self.values, self.select, self.text = {}, None, None

    @classmethod
    def of(cls, html):
        parser = cls()
        parser.feed(html[html.index('id="event_form"') :])
        return {name: values for name, values in parser.values.items() if "__prefix__" not in name}

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        name = given.get("name")
        if tag == "input" and name and given.get("type") != "submit":
            if given.get("type") not in ("checkbox", "radio") or "checked" in given:
                self.values.setdefault(name, []).append(given.get("value", ""))
        elif tag == "select":
            self.select = name
        elif tag == "option" and self.select and "selected" in given:
            self.values.setdefault(self.select, []).append(given.get("value", ""))
        elif tag == "textarea" and name:
            self.text = name
            self.values[name] = [""]

    def handle_data(self, data):
        if self.text:
            self.values[self.text] = [self.values[self.text][0] + data]

    def handle_endtag(self, tag):
        if tag == "select":
            self.select = None
        elif tag == "textarea" and self.text:
            self.values[self.text] = [self.values[self.text][0].removeprefix("\n")]  # is none of the text
            self.text = None


def disturbed(bench):
    """Readers of filtered lists, alone, and while another process makes ten edits a second."""
    alone = read_for(bench, SECONDS)
    editor = subprocess.Popen([sys.executable, "-m", "bench.editing", str(RATE)], cwd=servers.ROOT, stdout=subprocess.PIPE)  # noqa: S603
    time.sleep(3)  # until it has started
    with_edits = read_for(bench, SECONDS)
    editor.terminate()
    rate = float(editor.communicate()[0] or 0)
    p95, p95_with_edits = percentile(alone, 0.95), percentile(with_edits, 0.95)
    figure = Figure("readers' p95 with edits ÷ without", p95_with_edits / p95, " ×", 2, most=True)
    said = {
        "p95 alone": milliseconds(p95),
        "p95 with edits": milliseconds(p95_with_edits),
        "medians": f"{milliseconds(statistics.median(alone))} and {milliseconds(statistics.median(with_edits))}",
    }
    return Row(f"{number(rate)} edits a second", [figure], said)


def read_for(bench, seconds):
    """The seconds of each answer to first visits of filtered lists, from all workers in turn."""
    times, end = [], time.monotonic() + seconds
    while time.monotonic() < end:
        for reader in bench.readers.values():
            one = bench.next_address()
            answer = reader.get(one)
            expect(answer.status == 200, f"{one}: status {answer.status}")
            times.append(answer.seconds)
    return times
