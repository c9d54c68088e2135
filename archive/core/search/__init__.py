"""Search: what a reader types, and the records that it finds.

`language` reads a query once, for both databases. `fulltext` keeps and asks the databases' own full text (FTS5 in SQLite,
tsvector with GIN in PostgreSQL). `names` finds records by any name that they bear, `algebra` joins what words and names find,
`ranking` puts the best first, `snippets` shows the words found, and `suggestions` says what was probably meant.
"""

from archive.core.search.algebra import evaluate
from archive.core.search.fulltext import ensure, found_ids, matching, owners_of, paused, rebuild
from archive.core.search.language import Query, Term, parse
from archive.core.search.names import bearing, bearing_ids
from archive.core.search.ranking import ranked
from archive.core.search.snippets import snippet
from archive.core.search.suggestions import Vocabulary, suggest
from archive.core.search.texts import remember_common_words

__all__ = [
    "Query",
    "Term",
    "Vocabulary",
    "bearing",
    "bearing_ids",
    "ensure",
    "evaluate",
    "found_ids",
    "matching",
    "owners_of",
    "parse",
    "paused",
    "ranked",
    "rebuild",
    "remember_common_words",
    "snippet",
    "suggest",
]
