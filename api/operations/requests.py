"""What came of every request: how many by route and status, how long they took.

Counting costs about a microsecond, so it is done with plain integers; `metrics.py` makes
Prometheus of them when asked.
"""

from bisect import bisect_left
from collections import Counter
from time import perf_counter

from starlette.types import Message, Send

from config.edges import Flood

BOUNDS_S = (0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
SLOW_S = 1.0
GONE = 499  # the client hung up before it was answered; nginx counts them under this number


class UnderWay:
    """One request. The application answers through `send`, so that we see the status."""

    __slots__ = ("_send", "started", "status")

    def __init__(self, send: Send) -> None:
        self._send = send
        self.started = perf_counter()
        self.status = GONE

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
        await self._send(message)


class Route:
    """The requests of one route: a count for each status, and durations in buckets."""

    __slots__ = ("buckets", "seconds", "statuses")

    def __init__(self) -> None:
        self.statuses: Counter[int] = Counter()
        self.buckets = [0] * (len(BOUNDS_S) + 1)  # the last one is for all that took longer
        self.seconds = 0.0


class Requests:
    """`routes` by the route's pattern, of which there are as many as the API has."""

    def __init__(self) -> None:
        self.in_flight = 0
        self.routes: dict[str, Route] = {}
        self._slow = Flood("slow_request")

    def began(self, send: Send) -> UnderWay:
        self.in_flight += 1
        return UnderWay(send)

    def ended(self, request: UnderWay, name: str, waited_s: float = 0.0) -> float:
        """How many seconds it took, less those that its sender wished to wait."""
        self.in_flight -= 1
        seconds = perf_counter() - request.started - waited_s
        if (route := self.routes.get(name)) is None:
            route = self.routes[name] = Route()
        route.statuses[request.status] += 1
        route.buckets[bisect_left(BOUNDS_S, seconds)] += 1
        route.seconds += seconds
        if seconds > SLOW_S:
            self._slow.happened(name, route=name, status=request.status, seconds=round(seconds, 3))
        return seconds
