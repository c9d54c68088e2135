"""The house stands: each floor sees only those below, in its imports and in its foreign keys."""

import ast
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings

FLOORS = ["archive.core", "archive.sources", "people", "events", "archive.accounts", "archive.site"]
FILES = sorted(path for floor in FLOORS for path in (settings.BASE_DIR / floor.replace(".", "/")).rglob("*.py"))


def floor_of(module):
    """The number of the floor that `module` (a dotted name) is on, or None for anything outside of the house."""
    return next((number for number, floor in enumerate(FLOORS) if module == floor or module.startswith(f"{floor}.")), None)


def imports(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: write imports from the top"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def module_of(path):
    return ".".join(Path(path).relative_to(settings.BASE_DIR).with_suffix("").parts)


@pytest.mark.parametrize("path", FILES, ids=module_of)
def test_no_import_points_up(path):
    here = floor_of(module_of(path))
    up = [name for name in imports(path) if (floor_of(name) or 0) > here]
    assert not up, f"{module_of(path)} is on floor {here} and imports {up}"


def test_no_foreign_key_points_up():
    up = [
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models()
        for field in model._meta.get_fields()
        if field.is_relation and not field.auto_created and field.related_model
        if floor_of(model.__module__) is not None
        if (floor_of(field.related_model.__module__) or 0) > floor_of(model.__module__)
    ]
    assert not up


def test_nothing_but_the_project_stands_at_its_top():
    top = {path.name for path in (settings.BASE_DIR / "archive").glob("*.py")}
    assert top == {"__init__.py", "settings.py", "urls.py", "wsgi.py", "asgi.py"}


@pytest.mark.parametrize("app", ["archive/sources", "people", "events"])
def test_the_record_apps_have_the_same_rooms(app):
    rooms = {path.name for path in (settings.BASE_DIR / app).glob("*.py")}
    assert {"models.py", "querysets.py", "admin.py", "filters.py", "views.py", "urls.py"} <= rooms
