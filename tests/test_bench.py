"""The archive that is measured is what bench/ says that it is."""

import os
import sqlite3
import subprocess
import sys

import pytest

from archive.sources.models import Passage
from bench.checking import CheckError, check_rows
from bench.world import World
from events.models import Event, Statement
from tests.cast import Cast


def bench_data(path, *options):
    environment = {**os.environ, "DATABASE_URL": f"sqlite:///{path}"}
    command = [sys.executable, "-m", "bench.data", "--events", "40", *options]
    return subprocess.run(command, env=environment, capture_output=True, text=True)


def test_it_is_built_once_and_flushed_only_when_told_to(tmp_path):
    path = tmp_path / "bench.sqlite3"
    built = bench_data(path)
    assert built.returncode == 0, built.stderr
    file = sqlite3.connect(path)
    tables = {"events_event": 40, "events_participation": 120, "events_statement": 80, "sources_passage": 120, "core_entry": 1}
    assert {table: file.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in tables} == tables  # noqa: S608
    assert file.execute("PRAGMA foreign_key_check").fetchall() == []
    again = bench_data(path)
    assert again.returncode == 1
    assert "holds records" in again.stderr


def test_the_same_seed_is_the_same_archive():
    assert list(World(20).many()) == list(World(20).many())
    assert list(World(20).many()) != list(World(20, seed=1).many())


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("model", "wrong", "message"),
    [
        (Event, {"folded": "x"}, r"events.Event \d+: folded is 'x'"),
        (Statement, {"kind": "x"}, r"events.Statement \d+: .*kind"),
        (Passage, {"exact": "x"}, r"sources.Document \d+: .*would break passages"),
    ],
)
def test_a_row_that_its_model_would_not_have_made_is_named(model, wrong, message):
    Cast()
    check_rows(lambda sentence: None)
    model.objects.filter(pk=model.objects.first().pk).update(**wrong)
    with pytest.raises(CheckError, match=message):
        check_rows(lambda sentence: None, sample=1_000_000)  # whichever numbers the rows have
