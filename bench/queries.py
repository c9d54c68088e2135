"""The same rows by hand-written SQL, in this process: what the databases themselves take. None of them counts facets."""

# ruff: noqa: S608 (what is put into these statements is ours)

import time

from django.db import connection

PUBLIC_ROW = """
    (p.person_id IS NULL OR EXISTS (SELECT 1 FROM people_person w WHERE w.id = p.person_id AND w.state = 'published'))
    AND (p.organization_id IS NULL
         OR EXISTS (SELECT 1 FROM people_organization o WHERE o.id = p.organization_id AND o.state = 'published'))
"""
FILTERED = f"""
    FROM events_event e LEFT JOIN people_country h ON h.id = e.host_country_id
    WHERE e.state = 'published' AND e.date_earliest <= %(last)s AND e.date_latest >= %(first)s AND e.id IN (
        SELECT id FROM events_event WHERE host_country_id = %(country)s
        UNION
        SELECT p.event_id FROM events_participation p
        WHERE p.country_id = %(country)s AND p.role NOT IN ('invited', 'mentioned') AND {PUBLIC_ROW})
"""
EVERYTHING = "FROM events_event e LEFT JOIN people_country h ON h.id = e.host_country_id WHERE e.state = 'published'"
ROW = """
    SELECT e.slug, e.title, e.date, e.kind, e.standing, e.place, h.name,
        (SELECT count(*) FROM events_statement s WHERE s.event_id = e.id AND s.state = 'published')
"""
NEWEST = "ORDER BY e.date_earliest DESC NULLS LAST, e.date_latest DESC NULLS LAST, e.id DESC"
PAGE = 25

EVENT = """
    SELECT e.*, h.name FROM events_event e LEFT JOIN people_country h ON h.id = e.host_country_id WHERE e.slug = %(slug)s
"""
BEHIND_EVENT = [
    """
    SELECT t.slug, t.name FROM events_event_topics et JOIN events_topic t ON t.id = et.topic_id
    WHERE et.event_id = %(id)s AND t.state = 'published'
    """,
    f"""
    SELECT p.*, w.name, o.name, c.name FROM events_participation p LEFT JOIN people_person w ON w.id = p.person_id
    LEFT JOIN people_organization o ON o.id = p.organization_id LEFT JOIN people_country c ON c.id = p.country_id
    WHERE p.event_id = %(id)s AND {PUBLIC_ROW} ORDER BY p."order"
    """,
    """
    SELECT s.* FROM events_statement s WHERE s.event_id = %(id)s AND s.state = 'published' ORDER BY s."order"
    """,
    """
    SELECT q.*, d.slug, d.title FROM sources_passage q JOIN sources_document d ON d.id = q.document_id
    WHERE d.state = 'published' AND q.id IN (
        SELECT passage_id FROM events_event_passages WHERE event_id = %(id)s
        UNION
        SELECT sp.passage_id FROM events_statement_passages sp JOIN events_statement s ON s.id = sp.statement_id
        WHERE s.event_id = %(id)s)
    """,
]
RANKED = {
    "sqlite": """
        SELECT s.slug, s.text FROM events_statement_words w JOIN events_statement s ON s.id = w.rowid
        JOIN events_event e ON e.id = s.event_id
        WHERE events_statement_words MATCH %(query)s AND s.state = 'published' AND e.state = 'published' ORDER BY w.rank LIMIT 25
    """,
    "postgresql": """
        SELECT s.slug, s.text FROM events_statement_words w JOIN events_statement s ON s.id = w.id
        JOIN events_event e ON e.id = s.event_id
        WHERE w.words @@ plainto_tsquery('simple', %(query)s) AND s.state = 'published' AND e.state = 'published'
        ORDER BY ts_rank(w.words, plainto_tsquery('simple', %(query)s)) DESC LIMIT 25
    """,
}


def filtered(country, year):
    """(total, the slugs of the first page) of the events that `country` (a primary key) hosted or took part in during `year`."""
    given = {"country": country, "first": f"{year}-01-01", "last": f"{year}-12-31"}
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) {FILTERED}", given)
        [total] = cursor.fetchone()
        cursor.execute(f"{ROW} {FILTERED} {NEWEST} LIMIT {PAGE}", given)
        return total, [row[0] for row in cursor.fetchall()]


def unfiltered(page):
    """(total, the slugs of page number `page`) of all events."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) {EVERYTHING}")
        [total] = cursor.fetchone()
        cursor.execute(f"{ROW} {EVERYTHING} {NEWEST} LIMIT {PAGE} OFFSET {(page - 1) * PAGE}")
        return total, [row[0] for row in cursor.fetchall()]


def event(slug):
    """How many rows stand on an event's page."""
    with connection.cursor() as cursor:
        cursor.execute(EVENT, {"slug": slug})
        given, total = {"id": cursor.fetchone()[0]}, 1
        for query in BEHIND_EVENT:
            cursor.execute(query, given)
            total += len(cursor.fetchall())
        return total


def ranked(query):
    """The slugs of the best statements with all the words of `query`."""
    with connection.cursor() as cursor:
        cursor.execute(RANKED[connection.vendor], {"query": query})
        return [row[0] for row in cursor.fetchall()]


def timed(query, *values):
    """(seconds, answer) of one of the functions above."""
    start = time.perf_counter()
    answer = query(*values)
    return time.perf_counter() - start, answer
