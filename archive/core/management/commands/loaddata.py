"""Django's loaddata, as one unit of work in the ledger."""

from django.core.management.commands import loaddata

from archive.core import ledger


class Command(loaddata.Command):
    def loaddata(self, fixture_labels):
        # Django calls this within its own transaction; the entries belong into the same one.
        with ledger.unit(why=f"loaddata {' '.join(fixture_labels)}"):
            super().loaddata(fixture_labels)
