"""The full text of a table in SQLite: an FTS5 index beside it, which keeps no text of its own."""

from archive.core.search.language import needle

# The number in their names goes up whenever text.indexed or these statements change: every index is then made anew.
TRIGGERS = ["{table}_words_insert_1", "{table}_words_update_1", "{table}_words_delete_1"]

PAUSE = [f"DROP TRIGGER IF EXISTS {name}" for name in TRIGGERS]
DROP = [*PAUSE, "DROP TABLE IF EXISTS {table}_words"]

ADD = "INSERT INTO {table}_words (rowid, folded) VALUES (new.id, new.folded);"
REMOVE = "INSERT INTO {table}_words ({table}_words, rowid, folded) VALUES ('delete', old.id, old.folded);"
BUILD = [
    # The ascii tokenizer takes all but ASCII for letters: so it parts the words where text.indexed did, and knows no
    # Unicode to disagree in. Sizes of rows are for bm25() alone.
    "CREATE VIRTUAL TABLE {table}_words USING fts5("
    "folded, content={table}, content_rowid=id, tokenize=ascii, prefix='2 3', columnsize=0)",
    "INSERT INTO {table}_words ({table}_words) VALUES ('rebuild')",
    # It leaves the words in a dozen places, and whoever looks for one has to look in each.
    "INSERT INTO {table}_words ({table}_words) VALUES ('optimize')",
    f"CREATE TRIGGER {TRIGGERS[0]} AFTER INSERT ON {{table}} BEGIN {ADD} END",
    f"CREATE TRIGGER {TRIGGERS[1]} AFTER UPDATE OF folded ON {{table}} WHEN old.folded <> new.folded BEGIN {REMOVE} {ADD} END",
    f"CREATE TRIGGER {TRIGGERS[2]} AFTER DELETE ON {{table}} BEGIN {REMOVE} END",
]

SUBQUERY = "({})"
AS_TEXT = "SELECT group_concat(id) FROM ({})"
TEXTS = "SELECT id, substr(folded, 1, %s) FROM {table} WHERE id IN (SELECT value FROM json_each(%s))"
READ = 10  # ids of a word that are read in the time in which one row is looked into
FEW = 150  # rows that are looked into at once: to read the ids of a word first would hardly be quicker


def many(pks):
    """`pks` as one parameter."""
    return f"[{','.join(map(str, pks))}]"


def is_complete(cursor, table):
    wanted = {name.format(table=table) for name in [*TRIGGERS, "{table}_words"]}
    cursor.execute("SELECT name FROM sqlite_master WHERE type IN ('table', 'trigger')")
    return wanted <= {name for (name,) in cursor.fetchall()}


def select(table, query, of_names):
    """(SQL, parameters) for the ids of the rows of `table` that `query` finds."""
    is_negative, expression = query_expression(query, of_names)
    found = f"SELECT rowid AS id FROM {table}_words WHERE {table}_words MATCH %s"  # noqa: S608
    if is_negative:
        found = f"SELECT id FROM {table} WHERE id NOT IN ({found})"  # noqa: S608
    return found, [expression]


def select_among(table, query, of_names):
    """As `select`, of those rows alone whose ids are the last parameter: FTS5 would go through all that it finds."""
    rules, params = [], []
    for clause in query.clauses:
        tests = [(term, words) for term in clause for words in [term.spellings(of_names)]]
        rules.append(" OR ".join(f"{'NOT ' * term.excluded}({' OR '.join([HAS] * len(words))})" for term, words in tests))
        params += [needle(one, term.prefix) for term, words in tests for one in words]
    rule = " AND ".join(f"({rule})" for rule in rules)
    return f"SELECT id FROM {table} t WHERE {rule} AND id IN (SELECT value FROM json_each(%s))", params  # noqa: S608


HAS = "instr(' ' || t.folded || ' ', %s)"


# FTS5 can subtract, and cannot negate. So each of these returns (whether it is to be negated, expression): by De Morgan's laws
# a whole query is one expression, and negated at most as a whole.


def query_expression(query, of_names):
    parts = [clause_expression(clause, of_names) for clause in query.clauses]
    wanted = " AND ".join(expression for is_negative, expression in parts if not is_negative)
    unwanted = " OR ".join(expression for is_negative, expression in parts if is_negative)
    return subtracted(wanted, unwanted)


def clause_expression(clause, of_names):
    wanted = " OR ".join(term_expression(term, of_names) for term in clause if not term.excluded)
    unwanted = " AND ".join(term_expression(term, of_names) for term in clause if term.excluded)
    if not unwanted:
        return False, f"({wanted})"
    return True, subtracted(unwanted, wanted)[1]  # "a or not b" is all but what has b and not a


def subtracted(wanted, unwanted):
    if wanted and unwanted:
        return False, f"(({wanted}) NOT ({unwanted}))"
    return bool(unwanted), f"({wanted or unwanted})"


def term_expression(term, of_names):
    phrases = [f'"{" ".join(words)}"{" *" * term.prefix}' for words in term.spellings(of_names)]
    return f"({' OR '.join(phrases)})"
