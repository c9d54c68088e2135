"""The pictures of the archive: exact, public, and each mark a way to what it counts."""

import html
import re

import pytest
from django.core.management import call_command
from django.urls import get_resolver

from archive.core import ledger
from archive.core.index import store
from archive.site.pictures import drawing, make_world
from archive.site.pictures.scales import classes, lines
from archive.site.pictures.world import world
from events.models import Event
from people.models import Person
from tests.cast import country, event, organization, participation, person, statement, topic
from tests.test_facets import total

PAGES = ["/pictures/", "/pictures/years/", "/pictures/map/", "/pictures/network/", "/pictures/topics/"]
MARK = re.compile(r'<a\b[^>]*href="([^"]*)"')


@pytest.fixture
def archive_of_pictures(cast):
    """Beside the summit of 2015: events of other kinds and years, planned, cancelled, lasting and undated; and drafts."""
    with ledger.unit():
        gala = event("Gala", date="2016", kind="session", standing="planned", host_country=cast.sylvania)
        gala.topics.add(topic("War"))
        participation(gala, person=cast.firefly, organization=cast.league)
        participation(gala, country=country("Tajikistan", "TJ"))
        fair = event("Fair", date="2012-11/2015-02", host_country=country("Soviet Union", "SUHH"))
        fair.topics.add(cast.peace)
        event("Ball", date="2018-01", kind="conference", standing="cancelled", host_country=country("Andorra", "AD"))
        event("Undated")
        hidden = event("Hidden", date="1999", state="draft", host_country=country("Japan", "JP"))
        participation(hidden, person=person("Secret Person", state="draft"), organization=organization("Unnamed League"))
        participation(cast.summit, person=person("Withdrawn Person", state="withdrawn"), organization=cast.secretariat)
        statement(gala, "War is dear", attribution="the experts").topics.add(cast.peace)
    return cast


def picture(client, address):
    page = client.get(address)
    assert page.status_code == 200
    return page.context["picture"]


def test_years_and_kinds(client, archive_of_pictures):
    years = picture(client, "/pictures/years/")
    assert {column.label: column.count for column in years.columns if column.count} == {
        "2012": 1,
        "2013": 1,
        "2014": 1,
        "2015": 2,
        "2016": 1,
        "2018": 1,
    }
    pieces = {(column.label, str(piece.series.label)): piece for column in years.columns for piece in column.pieces}
    assert {series: piece.count for (year, series), piece in pieces.items() if year > "2014"} == {
        "Meeting": 2,
        "Planned": 1,
        "Cancelled": 1,
    }
    assert years.undated == 1
    assert {str(series.label): series.total for series in years.series} == {"Meeting": 3, "Planned": 1, "Cancelled": 1}
    assert all(total(client, series.url) == series.total for series in years.series)
    assert years.lasting
    for column in years.columns:
        assert not column.url or total(client, column.url) == column.count
        assert sum(piece.count for piece in column.pieces) == column.count
        for piece in column.pieces:
            assert total(client, piece.url) == piece.count


@pytest.mark.parametrize(
    ("part", "expected"),
    [
        ("", {"Freedonia": 1, "Sylvania": 2, "Tajikistan": 1, "Soviet Union": 1, "Andorra": 1}),
        ("?as=host", {"Freedonia": 1, "Sylvania": 1, "Soviet Union": 1, "Andorra": 1}),
        ("?as=participant", {"Freedonia": 1, "Sylvania": 1, "Tajikistan": 1}),
    ],
)
def test_countries(client, archive_of_pictures, part, expected):
    drawn = picture(client, f"/pictures/map/{part}")
    assert {land.name: land.count for land in drawn.lands} == expected
    assert all(total(client, land.url) == land.count for land in drawn.lands)
    if not part:
        assert [land.name for land in drawn.beside] == ["Soviet Union"]
        assert [land.name for land in drawn.rings] == ["Andorra"]


def test_topics_of_events_and_of_statements(client, archive_of_pictures):
    for of, expected in [("", {"Peace": 2, "War": 1}), ("?of=statements", {"Peace": 2})]:
        drawn = picture(client, f"/pictures/topics/{of}")
        assert {row.name: row.count for row in drawn.rows} == expected
        for row in drawn.rows:
            assert total(client, row.url) == row.count
            for bar in row.bars:
                assert total(client, bar.url) == bar.count
    assert drawn.all_topics == ""


def test_who_appears_with_whom(client, archive_of_pictures):
    drawn = picture(client, "/pictures/network/")
    assert {frozenset([tie.first.name, tie.second.name]): tie.count for tie in drawn.ties} == {
        frozenset(["Rufus Firefly", "League of Nations"]): 2,
        frozenset(["Rufus Firefly", "Ambassador Trentino"]): 1,
        frozenset(["League of Nations", "Ambassador Trentino"]): 1,
    }
    for tie in drawn.ties:
        assert (tie.first.kind == tie.second.kind) == (tie.url == "")
        assert not tie.url or total(client, tie.url) == tie.count
    for node, _ in drawn.rows:
        assert total(client, node.url) == node.count
    assert {place for node in drawn.nodes.values() for place in node.place} <= {round(n / 1e4, 4) for n in range(10001)}


@pytest.mark.parametrize("page", PAGES)
def test_pages_are_whole(client, archive_of_pictures, page):
    shown = client.get(page).content.decode()
    for hidden in ("Secret", "Unnamed", "Withdrawn", "Hidden", "Japan"):
        assert hidden not in shown
    assert " style=" not in shown
    assert "<script" not in shown
    addresses = {html.unescape(address) for address in MARK.findall(shown)}
    for address in addresses:
        if not address.startswith(("#", "/ru/")):
            answer = client.get(address)
            assert answer.status_code == 200, address
    assert client.get(f"/ru{page}").status_code == 200


def test_an_empty_archive_has_pages_too(client, db):
    for page in PAGES:
        assert client.get(page).status_code == 200


def test_one_picture_one_address(client, cast):
    for asked, canonical in [("map/?as=nonsense", "map/"), ("map/?as=either", "map/"), ("years/?x=1", "years/")]:
        assert client.get(f"/pictures/{asked}")["Location"] == f"/pictures/{canonical}"
    assert client.get("/pictures/topics/?of=statements").status_code == 200


def test_pictures_are_never_old(client, archive_of_pictures):
    Event.objects.filter(title="Gala").update(state="draft")
    assert "2016" not in {column.label for column in picture(client, "/pictures/years/").columns if column.count}
    assert "Tajikistan" not in {land.name for land in picture(client, "/pictures/map/").lands}
    assert {row.name for row in picture(client, "/pictures/topics/").rows} == {"Peace"}
    assert {tie.count for tie in picture(client, "/pictures/network/").ties} == {1}


def test_a_stored_drawing_shows_nobody_who_is_not_public_any_more(client, archive_of_pictures, settings, tmp_path, monkeypatch):
    """Of a large archive the places are kept, and only the places."""
    settings.INDEX_ROOT = tmp_path
    for module in (store, drawing):
        monkeypatch.setattr(module, "WORTH_IT", 1)
    call_command("draw_network", verbosity=0)
    before = picture(client, "/pictures/network/")
    assert before.drawn_on is None
    kept = "".join(path.read_text() for path in tmp_path.rglob("places.json"))
    assert "Firefly" not in kept
    Person.objects.filter(name="Rufus Firefly").update(state="draft")
    after = picture(client, "/pictures/network/")
    assert "Rufus Firefly" not in {node.name for node in after.nodes.values()}
    assert after.drawn_on
    places = {node.name: node.place for node in before.nodes.values()}
    assert all(places[node.name] == node.place for node in after.nodes.values())


def test_everybody_has_room_in_a_crowd():
    members = [("person", number) for number in range(drawing.NODES)]
    ties = [(members[0], other, 1) for other in members[1:]]
    places = drawing.laid_out(members, ties)
    assert places == drawing.laid_out(members, ties)
    points = [(x * drawing.PHONE[0], y * drawing.PHONE[1]) for x, y in places.values()]
    assert all(0 <= x <= 1 and 0 <= y <= 1 for x, y in places.values())
    nearest = min((x - u) ** 2 + (y - v) ** 2 for n, (x, y) in enumerate(points) for u, v in points[:n])
    assert nearest > 20**2


def test_the_shapes_of_the_world_are_where_they_should_be():
    """The projection, checked by places that are known: a ring stands where its country is."""
    for code, (longitude, latitude) in {"SG": (103.8, 1.3), "MT": (14.4, 35.9), "WS": (-172.4, -13.7)}.items():
        x, y = make_world.project(longitude, latitude)
        assert world()["rings"][code] == pytest.approx([x * 10, y * 10], abs=25)
    assert {"TJ", "RU", "XK", "EH", "TW"} <= set(world()["lands"])
    assert all(re.fullmatch(r"(M\d+ \d+l[-\d ]+z)*", path) for path in world()["lands"].values())


@pytest.mark.parametrize("most", [0, 1, 3, 5, 17, 100, 3036, 999_999])
def test_scales_are_round_and_reach_the_top(most):
    found = lines(most)
    assert found[0] == 0
    assert found[-1] >= most
    assert 2 <= len(found) <= 7
    groups = classes(most)
    assert len(groups) <= 5
    assert [last + 1 for _, last in groups[:-1]] == [first for first, _ in groups[1:]]
    assert (groups[0][0], groups[-1][1]) == (1, most) if most else groups == []


def test_every_picture_has_a_test_here():
    names = {name for name in get_resolver().reverse_dict if isinstance(name, str) and name.startswith("pictures")}
    assert len(names) == len(PAGES)


def test_lives_on_pages(client, archive_of_pictures):
    page = client.get("/people/rufus-firefly/").context["timeline"]
    assert {lane.name: len(lane.marks) for lane in page.lanes} == {"Positions": 1, "Events": 2, "Statements": 1}
    page = client.get("/countries/sy/").context["timeline"]
    assert {lane.name: len(lane.marks) for lane in page.lanes} == {"Events on its soil": 1, "Events it took part in": 1}
    page = client.get("/organizations/league-of-nations/").context["timeline"]
    assert {lane.name for lane in page.lanes} == {"Presidencies", "Events", "Statements"}
    for lane in page.lanes:
        if lane.counted:
            assert all(total(client, row.url) == row.count for row in lane.rows)


def test_many_events_of_a_life_are_counted_by_year(client, archive_of_pictures):
    with ledger.unit():
        for number in range(30):
            participation(event(f"Meeting {number}", date=f"20{number % 3:02}"), person=archive_of_pictures.trentino)
    (lane,) = client.get("/people/ambassador-trentino/").context["timeline"].lanes
    assert {row.label: row.count for row in lane.rows} == {"2000": 10, "2001": 10, "2002": 10, "2015": 1}
    assert all(total(client, row.url) == row.count for row in lane.rows)
