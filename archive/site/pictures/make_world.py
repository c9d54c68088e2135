"""Makes world.json, the shapes of the map: `python -m archive.site.pictures.make_world node_modules`.

The folder named is what `npm install world-atlas@2.0.2 i18n-iso-countries@7.14.0` makes: Natural Earth's countries at 1:50 million
(public domain), and the ISO 3166-1 codes that they are known by here. Needs `shapely`, 2.1 or newer, which the site does not.

The projection is Equal Earth (Šavrič, Patterson and Jenny 2018), equal in area, with 11° E in the middle: so the edge of the map
runs through the Bering Strait, and through no country.
"""

import json
import math
import sys
from collections import Counter
from itertools import pairwise
from pathlib import Path

HERE = Path(__file__).resolve().parent
MIDDLE = 11  # degrees east
WIDTH = 1000  # units of the map, as world.json has it
SOUTH = -56  # degrees: below it is nothing but Antarctica
DETAIL = 0.6  # square units of a bend of a border that is still drawn
LEAST = 2.5  # square units of an island that is still drawn, unless it is all that a country has
SMALL = 30  # square units of a country that gets a ring, being too small to be met with a finger or seen
NAMED = {"Kosovo": "XK"}  # Natural Earth's countries without an ISO code, and what they are known by

A1, A2, A3, A4 = 1.340264, -0.081106, 0.000893, 0.003796


def equal_earth(longitude, latitude):
    """Degrees as x and y of the projection, in units of the earth's radius, y growing southwards."""
    turned = math.radians((longitude - MIDDLE + 180) % 360 - 180)
    theta = math.asin(math.sqrt(3) / 2 * math.sin(math.radians(latitude)))
    t2 = theta * theta
    t6 = t2**3
    x = 2 * math.sqrt(3) * turned * math.cos(theta) / (3 * (9 * A4 * t6 * t2 + 7 * A3 * t6 + 3 * A2 * t2 + A1))
    return x, -theta * (A4 * t6 * t2 + A3 * t6 + A2 * t2 + A1)


def scale():
    """Units of the map in a radius of the earth."""
    return WIDTH / (2 * equal_earth(MIDDLE + 179.9999, 0)[0])


def project(longitude, latitude):
    x, y = equal_earth(longitude, latitude)
    return x * scale() + WIDTH / 2, y * scale() - equal_earth(0, 84)[1] * scale()


def read_arcs(topology):
    """The arcs of a TopoJSON topology as lists of (longitude, latitude)."""
    (kx, ky), (tx, ty) = topology["transform"]["scale"], topology["transform"]["translate"]
    for arc in topology["arcs"]:
        x = y = 0
        points = []
        for dx, dy in arc:
            x, y = x + dx, y + dy
            points.append((x * kx + tx, y * ky + ty))
        yield points


def ring(arcs, indexes):
    """The points of a ring, which is arcs after another, those with a negative index backwards."""
    points = []
    for index in indexes:
        arc = arcs[index] if index >= 0 else arcs[~index][::-1]
        points += arc[1:] if points else arc
    return points


def unrolled(points):
    """The points of a ring without its leaps from 180° to -180°, moved so that the ring lies east of this map's edge."""
    turns, along = 0, []
    for (before, _), (longitude, latitude) in zip([points[0], *points], points, strict=False):
        turns += 360 * ((longitude - before < -180) - (longitude - before > 180))
        along.append((longitude + turns, latitude))
    middle = sum(longitude for longitude, _ in along) / len(along)
    moved = 360 * ((middle < MIDDLE - 180) - (middle > MIDDLE + 180))
    return [(longitude + moved, latitude) for longitude, latitude in along]


def shape_of(polygons):
    import shapely

    parts = [shapely.Polygon(outer, holes) for outer, *holes in ([unrolled(one) for one in polygon] for polygon in polygons)]
    return shapely.union_all([shapely.make_valid(part) for part in parts])


def projected(shape):
    import shapely

    edge = MIDDLE - 180 + 1e-6
    shape = shapely.intersection(shape, shapely.box(edge, SOUTH, edge + 360 - 2e-6, 90))
    return shapely.transform(shape, lambda points: [project(*point) for point in points])


def countries(topology, codes):
    """(code or "", name, shape in degrees) of each country."""
    arcs = list(read_arcs(topology))
    for one in topology["objects"]["countries"]["geometries"]:
        name = one["properties"]["name"]
        polygons = one["arcs"] if one["type"] == "MultiPolygon" else [one["arcs"]]
        polygons = [[ring(arcs, indexes) for indexes in polygon] for polygon in polygons]
        yield codes.get(one.get("id")) or NAMED.get(name, ""), name, shape_of(polygons)


def parts_of(shape):
    """The polygons of a shape, the largest first, without the islands that are too small."""
    polygons = [part for part in getattr(shape, "geoms", [shape]) if part.geom_type == "Polygon"]
    polygons.sort(key=lambda part: -part.area)
    return [part for number, part in enumerate(polygons) if not number or part.area >= LEAST]


def path(polygons):
    """The polygons as data of an SVG path, in tenths of the map's units."""
    lines = [line for polygon in polygons for line in (polygon.exterior, *polygon.interiors)]
    return "".join(filter(None, map(path_of_ring, lines)))


def path_of_ring(line):
    points = [(round(x * 10), round(y * 10)) for x, y in line.coords[:-1]]
    points = [point for number, point in enumerate(points) if point != points[number - 1]]
    if len(points) < 3:
        return ""
    steps = [step for (x0, y0), (x, y) in pairwise(points) for step in (x - x0, y - y0)]
    return f"M{points[0][0]} {points[0][1]}l{' '.join(map(str, steps)).replace(' -', '-')}z"


def main(modules):
    import shapely

    modules = Path(modules)
    topology = json.loads((modules / "world-atlas" / "countries-50m.json").read_text())
    codes = {number: code for code, _, number, *_ in json.loads((modules / "i18n-iso-countries" / "codes.json").read_text())}
    found = [one for one in countries(topology, codes) if one[0] != "AQ"]
    shapes = [projected(shape) for _, _, shape in found]
    simple = shapely.coverage_simplify(shapes, DETAIL)
    lands, areas, nameless, rings = {}, Counter(), [], {}
    for (code, name, _), shape, exact in zip(found, simple, shapes, strict=True):
        data = path(parts_of(shape) or parts_of(exact))
        if not code:
            nameless.append({"name": name, "path": data})
            continue
        lands[code] = lands.get(code, "") + data
        areas[code] += exact.area
        point = parts_of(exact)[0].representative_point()
        rings.setdefault(code, [round(point.x * 10), round(point.y * 10)])
    world = {
        "width": WIDTH * 10,
        "height": round(max(shape.bounds[3] for shape in shapes) * 10) + 20,
        "lands": dict(sorted(lands.items())),
        "nameless": nameless,
        "rings": {code: rings[code] for code in sorted(rings) if areas[code] < SMALL},
    }
    (HERE / "world.json").write_text(json.dumps(world, ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
