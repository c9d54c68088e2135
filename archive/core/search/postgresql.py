"""The full text of a table in PostgreSQL: a table of tsvectors beside it, with a GIN index.

A table of its own, because whoever wants a million ids reads its narrow rows instead of the records': 0.5 s for two common words in
a million statements, where an index on an expression took 7.7. The vectors are made from words, not by a text parser, which
knows locales, addresses and numbers, and parts words where SQLite does not. They keep no positions: those end at the
16,383rd word and after 256 of a kind, and so a phrase is looked for in the text of the rows that have all its words.
"""

from archive.core.search.language import needle

# The number in their names goes up whenever text.indexed or these statements change: every index is then made anew.
TRIGGERS = ["{table}_words_follow_1", "{table}_words_update_1", "{table}_words_truncate_1"]

PAUSE = [f"DROP TRIGGER IF EXISTS {name} ON {{table}}" for name in TRIGGERS]
DROP = [*PAUSE, "DROP FUNCTION IF EXISTS {table}_words_follow", "DROP TABLE IF EXISTS {table}_words"]

VECTOR = "array_to_tsvector(array_remove(array_remove(string_to_array({row}folded, ' '), ''), '¶'))"
BUILD = [
    "CREATE TABLE {table}_words (id bigint NOT NULL, words tsvector NOT NULL)",
    f"INSERT INTO {{table}}_words SELECT id, {VECTOR.replace('{row}', '')} FROM {{table}}",  # noqa: S608
    "ALTER TABLE {table}_words ADD PRIMARY KEY (id)",
    # Without a list of pending words, which whoever searches would have to read.
    "CREATE INDEX {table}_words_gin ON {table}_words USING gin (words) WITH (fastupdate = off)",
    f"""
    CREATE FUNCTION {{table}}_words_follow() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'INSERT' THEN
            INSERT INTO {{table}}_words VALUES (new.id, {VECTOR.replace("{row}", "new.")});
        ELSIF TG_OP = 'UPDATE' THEN
            UPDATE {{table}}_words SET words = {VECTOR.replace("{row}", "new.")} WHERE id = new.id;
        ELSIF TG_OP = 'DELETE' THEN
            DELETE FROM {{table}}_words WHERE id = old.id;
        ELSE
            TRUNCATE {{table}}_words;
        END IF;
        RETURN NULL;
    END $$
    """,  # noqa: S608
    f"CREATE TRIGGER {TRIGGERS[0]} AFTER INSERT OR DELETE ON {{table}} FOR EACH ROW EXECUTE FUNCTION {{table}}_words_follow()",
    f"CREATE TRIGGER {TRIGGERS[1]} AFTER UPDATE OF folded ON {{table}} FOR EACH ROW "
    "WHEN (old.folded <> new.folded) EXECUTE FUNCTION {table}_words_follow()",
    f"CREATE TRIGGER {TRIGGERS[2]} AFTER TRUNCATE ON {{table}} EXECUTE FUNCTION {{table}}_words_follow()",
    "ANALYZE {table}_words",
]

# Ids first, then the rows. Left to choose, the planner walks a list's order and looks each row up among the found ones:
# 815 ms for the newest of a rare pair of words, instead of 3.
SUBQUERY = "(SELECT unnest(ARRAY({})))"
AS_TEXT = "SELECT string_agg(id::text, ',') FROM ({}) found"
TEXTS = "SELECT id, left(folded, %s) FROM {table} WHERE id = ANY(%s::bigint[])"
READ = 1  # ids of a word that are read in the time in which one row is looked into
FEW = 2_000  # rows that are looked into at once: the planner itself then reads the ids of a word first, or does not


def many(pks):
    """`pks` as one parameter; psycopg would look at each."""
    return f"{{{','.join(map(str, pks))}}}"


def is_complete(cursor, table):
    wanted = {name.format(table=table) for name in TRIGGERS}
    cursor.execute("SELECT tgname FROM pg_trigger WHERE tgrelid = to_regclass(%s)", [table])
    return wanted <= {name for (name,) in cursor.fetchall()}


def select(table, query, of_names):
    """(SQL, parameters) for the ids of the rows of `table` that `query` finds."""
    words = " & ".join(filter(None, (clause_tsquery(clause, of_names) for clause in query.clauses)))
    phrases = [clause for clause in query.clauses if any(is_phrase(term, of_names) for term in clause)]
    sql = f"SELECT w.id FROM {table}_words w" + (f" JOIN {table} t ON t.id = w.id" if phrases else "")  # noqa: S608
    conditions, params = (["w.words @@ %s::tsquery"], [words]) if words else ([], [])
    for clause in phrases:
        rules, values = zip(*(term_rule(term, of_names) for term in clause), strict=True)
        conditions.append(f"({' OR '.join(rules)})")
        params += [value for some in values for value in some]
    return f"{sql} WHERE {' AND '.join(conditions)}", params


def select_among(table, query, of_names):
    """As `select`, of those rows alone whose ids are the last parameter."""
    sql, params = select(table, query, of_names)
    return f"{sql} AND w.id = ANY(%s::bigint[])", params


def is_phrase(term, of_names):
    return any(len(words) > 1 for words in term.spellings(of_names))


def clause_tsquery(clause, of_names):
    """The tsquery of a clause, with a phrase as its words in any order; "" when that would lose something."""
    if any(term.excluded and is_phrase(term, of_names) for term in clause):
        return ""
    return f"({' | '.join(term_tsquery(term, of_names) for term in clause)})"


def term_tsquery(term, of_names):
    spellings = (lexemes(words, term.prefix) for words in term.spellings(of_names))
    return f"{'!' * term.excluded}({' | '.join(spellings)})"


def lexemes(words, prefix):
    """The tsquery for all of `words`; they are letters and digits, and need no escaping."""
    return " & ".join(f"'{word}'" for word in words) + ":*" * prefix


def term_rule(term, of_names):
    """(SQL, parameters) for a term, phrases as such, of the rows t and w."""
    rules, params = [], []
    for words in term.spellings(of_names):
        if len(words) > 1:
            rules.append("' ' || t.folded || ' ' LIKE %s")
            params.append(f"%{needle(words, term.prefix)}%")
        else:
            rules.append("w.words @@ %s::tsquery")
            params.append(lexemes(words, term.prefix))
    return f"{'NOT ' * term.excluded}({' OR '.join(rules)})", params
