"""The only place where the shapes of countries become a drawing: Natural Earth's borders, through world-atlas.

The file is TopoJSON with borders shared between neighbours, so each border is projected and thinned out once, and
neighbours still meet. Borders are those of the data's makers, and say nothing of anybody's claims.
"""

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pycountry

SHAPES = Path(__file__).parents[1] / "static/vendor/world/countries-50m.json"
WIDTH, HEIGHT = 960, 455  # the sheet; its south ends below Tierra del Fuego
LEAST = 1.2  # units between two points that are both drawn
SMALL = 2.0  # units of width or height below which a country is drawn as a dot as well
LEFT_OUT = frozenset({"AQ"})  # half the sheet, and nobody's host
Point = tuple[float, float]


@dataclass(frozen=True)
class Shape:
    """A country as drawn: its ISO code ("" where it has none), its path, and its middle if it is all but invisible."""

    code: str
    path: str
    dot: Point | None


@cache
def shapes() -> tuple[Shape, ...]:
    """Every country of the map, each once; none where the file was not installed. Half a second, once."""
    if not SHAPES.is_file():
        return ()
    world = json.loads(SHAPES.read_text())
    arcs = [_thinned(_projected(arc, world["transform"])) for arc in world["arcs"]]
    drawn = [_shape(one, arcs) for one in world["objects"]["countries"]["geometries"]]
    merged: dict[str, Shape] = {}
    for number, shape in enumerate(one for one in drawn if one):  # a country's far islands may come by themselves
        first = merged.get(shape.code or str(number))
        merged[shape.code or str(number)] = Shape(shape.code, first.path + shape.path, None) if first else shape
    return tuple(merged.values())


@cache
def backdrop() -> str:
    """All of them without a word or a number, as a picture that browsers may keep; "" where there are no shapes."""
    path = "".join(shape.path for shape in shapes())
    return path and (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}">'
        f'<path d="{path}" fill="#dfe1e2" stroke="#fff" stroke-width=".5"/></svg>'
    )


def project(longitude: float, latitude: float) -> Point:
    """Where a place in degrees lies on the sheet, by the Natural Earth projection (Patterson, Savric and others)."""
    x, y = math.radians(longitude), math.radians(latitude)
    y2 = y * y
    y4 = y2 * y2
    across = x * (0.870700 - 0.131979 * y2 + y4 * (-0.013791 + y4 * (0.003971 * y2 - 0.001529 * y4)))
    up = y * (1.007226 + y2 * (0.015085 + y4 * (-0.044475 + 0.028874 * y2 - 0.005916 * y4)))
    scale = WIDTH / (2 * 0.870700 * math.pi)
    return WIDTH / 2 + across * scale, 262 - up * scale  # the equator lies 262 below the top


def _projected(arc: list[list[int]], transform: dict[str, Any]) -> list[tuple[Point, float]]:
    """The points of a border on the sheet, each with its longitude, which tells where it crosses the sheet's edge."""
    (kx, ky), (x0, y0) = transform["scale"], transform["translate"]
    x = y = 0
    points = []
    for step_x, step_y in arc:
        x, y = x + step_x, y + step_y
        longitude, latitude = x * kx + x0, y * ky + y0
        points.append((project(longitude, latitude), longitude))
    return points


def _thinned(points: list[tuple[Point, float]]) -> list[tuple[Point, float]]:
    """Fewer points: those that lie far enough from the last one kept, and both ends, where borders meet."""
    kept = [points[0]]
    for point in points[1:-1]:
        if math.dist(point[0], kept[-1][0]) >= LEAST:
            kept.append(point)
    return [*kept, points[-1]]


def _shape(geometry: dict[str, Any], arcs: list[list[tuple[Point, float]]]) -> Shape | None:
    known = pycountry.countries.get(numeric=str(geometry.get("id", "")).zfill(3))
    code = known.alpha_2 if known else ""
    if code in LEFT_OUT:
        return None
    polygons = [geometry["arcs"]] if geometry["type"] == "Polygon" else geometry["arcs"]
    rings = [ring for polygon in polygons for border in polygon for ring in _rings(border, arcs)]
    points = [point for ring in rings for point in ring]
    across, down = ([point[side] for point in points] for side in (0, 1))
    middle = ((min(across) + max(across)) / 2, (min(down) + max(down)) / 2)
    small = max(across) - min(across) < SMALL * 2 and max(down) - min(down) < SMALL * 2
    drawn = "".join(_path(ring) for ring in rings if len(ring) > 3 or small)
    return Shape(code, drawn, (round(middle[0], 1), round(middle[1], 1)) if small else None)


def _rings(border: list[int], arcs: list[list[tuple[Point, float]]]) -> Iterator[list[Point]]:
    """A ring of borders as points; one that steps over the sheet's edge is drawn in pieces, one on each side."""
    ring: list[tuple[Point, float]] = []
    for number in border:
        arc = arcs[number] if number >= 0 else arcs[~number][::-1]
        ring += arc[1:] if ring else arc
    pieces: list[list[Point]] = [[]]
    for (point, longitude), (_, last) in zip(ring, [ring[0], *ring], strict=False):
        if abs(longitude - last) > 180:
            pieces.append([])
        pieces[-1].append(point)
    if len(pieces) > 2:  # begun in the middle of a piece: its two ends belong together
        pieces[0] = pieces.pop() + pieces[0]
    yield from pieces


def _path(ring: list[Point]) -> str:
    return "M" + "L".join(f"{x:.1f},{y:.1f}" for x, y in ring) + "Z"
