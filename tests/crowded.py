"""An archive that strains every page: an event with 120 participants and 300 statements, a person with 40 positions, a document of
60 pages, names of 120 characters, and scripts that run from right to left.

    manage.py shell -c "from tests.crowded import crowd; crowd()"    adds it to an archive, to be looked at
"""

from archive.core import ledger
from events.models import AgendaItem
from tests.cast import country, document, event, organization, participation, passage, person, statement, topic

LONG = "Extraordinary Interparliamentary Committee for the Coordination of Humanitarian, Hydrological and Seismological Affairs"
WORD = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"
ARABIC, HEBREW = "عبد الرحمن بن محمد بن خلدون الحضرمي", "משה בן מימון הספרדי"
CYRILLIC = "Мирзо Ҷалолиддин Ғафуров-Хуҷандӣ"
PARAGRAPH = (
    "{n}. The delegation noted that the waters of the river had been measured {n} times since the last session, and that the "
    "measurements agree. It was proposed to measure them again in spring, when the snow has melted, and to publish what is found "
    "in the languages of all the members. The chair thanked the delegation; the question stays on the agenda of the next session. "
)
ROLES = [*["participant"] * 6, "speaker", "chair", "invited", "mentioned"]


def crowd(statements=300, paragraphs=240):
    """Makes the archive, with so many statements of its congress and paragraphs of its document; returns its records by name."""
    with ledger.unit(why="A crowded archive, to look at"):
        return {**who(), **what(statements, paragraphs)}


def who():
    nations = [country(f"Nation {chr(65 + n // 26)}{chr(65 + n % 26)}", f"X{chr(65 + n)}") for n in range(24)]
    called = [f"{LONG} {n}" if n % 5 == 0 else f"Institute No. {n}" for n in range(30)]
    bodies = [organization(name, slug=f"body-{n}", acronym=f"I{n}") for n, name in enumerate(called)]
    names = [LONG, WORD, ARABIC, HEBREW, CYRILLIC, *(f"Delegate Number {n}" for n in range(1, 60))]
    people = [person(name, slug=f"delegate-{n}") for n, name in enumerate(names)]
    holder = people[5]
    for n in range(40):
        edtf = [f"{1980 + n}", f"{1980 + n}-05/{1984 + n}-11", f"{1980 + n}~", f"{1985 + n}/.."][n % 4]
        holder.positions.create(
            title=f"Deputy Head of Division {n}", organization=bodies[n % 30], country=nations[n % 24], date=edtf
        )
    for n, (name, language) in enumerate([(ARABIC, "ar"), (HEBREW, "he"), (CYRILLIC, "tg")]):
        holder.names.create(name=name, language=language, order=n + 1)
    for n, nation in enumerate(nations):
        bodies[0].members.create(country=nation, role=["member", "observer", "chair", "founder"][n % 4], date=f"{1990 + n}/..")
    return {"nations": nations, "bodies": bodies, "people": people, "person": holder}


def what(statements, paragraphs):
    from people.models import Country, Organization, Person

    nations, bodies, people = (list(model.objects.order_by("pk")) for model in (Country, Organization, Person))
    nations, bodies, people = nations[-24:], bodies[-30:], people[-64:]
    topics = [topic(f"Topic {n}: {WORD}" if n == 7 else f"Topic {n}", slug=f"topic-{n}") for n in range(20)]
    book = document(
        f"Proceedings of the {LONG}",
        slug="proceedings",
        text="\n\n".join(PARAGRAPH.format(n=n) * 3 for n in range(1, paragraphs + 1)),
        date="1999",
        publisher=LONG,
        language="en",
    )
    congress = event(
        f"First World Congress of the {LONG}",
        slug="congress",
        date="1999-06-01/1999-06-12",
        place=WORD,
        host_country=nations[0],
        kind="conference",
        format="hybrid",
        summary=PARAGRAPH.format(n="Fourteen"),
    )
    congress.topics.set(topics[:12])
    congress.passages.add(passage(book, "1. The delegation noted", occurrence=1))
    questions = [AgendaItem.objects.create(event=congress, text=PARAGRAPH.format(n=n)[:160]) for n in range(1, 13)]
    rows = [
        participation(
            congress,
            person=people[n % 64] if n % 4 else None,
            organization=bodies[n % 30] if n % 3 else None,
            country=nations[n % 24] if n % 5 or not (n % 4 or n % 3) else None,
            role=ROLES[n % len(ROLES)],
            capacity=["", "Deputy Director", f"Acting Secretary of the {LONG}"][n % 3],
            talk="On the measuring of rivers" if n % 17 == 0 else "",
        )
        for n in range(120)
        if n % 4 or n % 3 or n % 5 or True
    ]
    quotes = [passage(book, f"{n}. The delegation noted that the waters", occurrence=1) for n in range(100, 110)]
    for n in range(statements):
        said = statement(
            congress,
            f"{n}: {PARAGRAPH.format(n=n)}" if n % 7 else f"{n}: Peace is cheap.",
            slug=f"congress-{n}",
            kind=["quoted", "reported"][n % 2],
            attribution="" if n % 6 else "the experts",
            agenda_item=questions[n % 12] if n % 3 else None,
        )
        if n % 6:
            said.speakers.set([rows[n % 120]] if n % 10 else rows[n % 100 : n % 100 + 4])
        said.topics.set(topics[n % 20 : n % 20 + 2])
        said.passages.add(quotes[n % 10])
    for n in range(40):
        small = event(
            f"Session {n} of the {bodies[n % 30]}",
            slug=f"session-{n}",
            date=str(1985 + n),
            kind=["session", "meeting", "training"][n % 3],
            host_country=nations[n % 24],
            standing="planned" if n > 37 else "held",
        )
        small.topics.set(topics[n % 20 : n % 20 + 2])
        for offset in range(4):
            participation(small, person=people[(n * offset + 5) % 64], country=nations[(n + offset) % 24], role="participant")
        participation(small, person=people[5], role="chair", organization=bodies[n % 30])
    return {"event": congress, "document": book, "topic": topics[7]}
