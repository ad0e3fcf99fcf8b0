"""A line of amounts over days, as the shapes of an SVG: drawn here, so that pages need neither script nor style.

Called by `template_tags.value_chart`. Knows amounts, days and whole numbers, and nothing of accounts.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

Point = tuple[date, Decimal]

# The drawing's own units; the page stretches it.
WIDTH, HEIGHT = 1000, 240
MOST_POINTS = 120


@dataclass(frozen=True)
class Chart:
    """Paths of an SVG that is WIDTH by HEIGHT, and what stands beside it; `base` is the line of $0.00, or an edge."""

    points: list[Point]
    plot: str
    area: str
    base: str
    dot: str
    highest: Decimal
    lowest: Decimal

    @property
    def first(self) -> Point:
        return self.points[0]

    @property
    def last(self) -> Point:
        return self.points[-1]

    @property
    def change(self) -> Decimal:
        return self.last[1] - self.first[1]

    @property
    def labels(self) -> list[Decimal]:
        """Return what stands beside the drawing, from top to bottom."""
        middle = ((self.highest + self.lowest) / 2).quantize(Decimal("0.01"))
        return [self.highest, middle, self.lowest] if self.highest != self.lowest else [self.highest]


def draw(points: list[Point]) -> Chart | None:
    """Return the drawing of one amount a day, oldest first; None where there is nothing to draw.

    Of more than 120 days, each stretch shows its highest and its lowest, so that no peak is lost.
    """
    if not points:
        return None
    kept = thinned(points)
    amounts = [amount for _, amount in kept]
    highest, lowest = max(amounts), min(amounts)
    places = [(_across(day, kept), _down(amount, highest, lowest)) for day, amount in kept]
    line = " L".join(f"{x} {y}" for x, y in places)
    ends = f"{places[0][0]}", f"{places[-1][0]}"
    floor = _floor(highest, lowest)
    return Chart(
        points=kept,
        plot=f"M{line}",
        area=f"M{ends[0]} {floor} L{line} L{ends[1]} {floor} Z" if len(places) > 1 else "",
        base=f"M0 {floor} L{WIDTH} {floor}",
        dot=f"M{places[-1][0]} {places[-1][1]} h0",
        highest=highest,
        lowest=lowest,
    )


def _floor(highest: Decimal, lowest: Decimal) -> int:
    """Return how far down $0.00 stands; where it is out of sight, the edge that is nearer to it."""
    if lowest < 0 < highest:
        return _down(Decimal(0), highest, lowest)
    return HEIGHT if lowest >= 0 else 0


def thinned(points: list[Point]) -> list[Point]:
    """Return at most MOST_POINTS of them: the first, the last, and of each stretch between its highest and lowest."""
    if len(points) <= MOST_POINTS:
        return points
    inner, stretches = points[1:-1], MOST_POINTS // 2 - 1
    kept = [points[0]]
    for n in range(stretches):
        stretch = inner[n * len(inner) // stretches : (n + 1) * len(inner) // stretches]
        ends = {min(stretch, key=lambda point: point[1]), max(stretch, key=lambda point: point[1])}
        kept += sorted(ends)
    return [*kept, points[-1]]


def _across(day: date, points: list[Point]) -> int:
    """Return how far to the right a day stands; a lone one stands in the middle."""
    first, last = points[0][0], points[-1][0]
    return (day - first).days * WIDTH // (last - first).days if last > first else WIDTH // 2


def _down(amount: Decimal, highest: Decimal, lowest: Decimal) -> int:
    """Return how far down an amount stands; where all are the same, they stand in the middle."""
    return int((highest - amount) * HEIGHT / (highest - lowest)) if highest > lowest else HEIGHT // 2
