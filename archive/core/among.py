"""Many primary keys in one parameter."""

import json

from django.db import models
from django.db.models import Expression


class Among(Expression):
    """A list of primary keys as a subquery with one parameter; thousands of parameters take longer than the rows."""

    def __init__(self, pks):
        super().__init__(output_field=models.BigIntegerField())
        self.pks = list(pks)

    def as_sql(self, compiler, connection):
        return "(SELECT unnest(%s::bigint[]))", [self.pks]

    def as_sqlite(self, compiler, connection):
        return "(SELECT value FROM json_each(%s))", [json.dumps(self.pks)]
