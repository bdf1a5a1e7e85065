"""A request finds the replica that has what it is about, also when others come and go."""

from __future__ import annotations

from collections import Counter

from ali5.site.app.cluster.routing import MOST_HOMES, Homes, is_for_a_gpu

REPLICAS = ["a", "b", "c", "d"]


def first(homes: Homes, route: str, replicas: list[str]) -> str:
    return homes.ranks(route, replicas)[0][0]


def test_all_who_lead_requests_agree_and_spread_them() -> None:
    ways = {f"vgg16/paper/{number}": "" for number in range(2000)}
    ways = {route: first(Homes(), route, REPLICAS) for route in ways}
    assert ways == {route: first(Homes(), route, REPLICAS[::-1]) for route in ways}
    assert all(400 < count < 600 for count in Counter(ways.values()).values())
    # One that goes takes only its own along, one that comes takes a share of all.
    moved = [route for route in ways if first(Homes(), route, REPLICAS[:3]) != ways[route]]
    assert all(ways[route] == "d" for route in moved)


def test_it_stays_where_it_went() -> None:
    homes = Homes()
    other = homes.ranks("route", REPLICAS)[0][1]
    homes.note("route", other)
    assert homes.ranks("route", REPLICAS)[0] == [other]
    rest = [each for each in REPLICAS if each != other]
    assert sorted(homes.ranks("route", REPLICAS)[1]) == rest
    assert len(homes.ranks("route", rest)) == 1, (
        "its replica is gone: all others come into question"
    )
    assert homes.ranks("route", []) == []


def test_only_so_many_are_remembered() -> None:
    homes = Homes()
    for number in range(MOST_HOMES + 10):
        homes.note(str(number), "a")
    assert len(homes._homes) == MOST_HOMES


def test_what_takes_long_goes_to_a_gpu_where_there_is_one() -> None:
    assert is_for_a_gpu("vgg16/paper/untrained/a-digest")
    assert is_for_a_gpu("resnet50/torchvision/published")
    for route in ("lenet5/compact/bundled/a-digest", "resnet18/compact/bundled", "0f0f", "7", ""):
        assert not is_for_a_gpu(route)
