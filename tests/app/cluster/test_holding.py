"""What no visitor of any site holds any more goes, once, whatever becomes of the sites."""

from __future__ import annotations

from ali5.site.app.cluster.holding import MOST_GONE, SILENT_S, Holding


def test_it_goes_when_the_last_one_lets_go() -> None:
    holding = Holding()
    holding.hold("a", frozenset({"x", "y"}))
    holding.hold("b", frozenset({"y"}))
    holding.hold("a", frozenset())
    assert (holding.count, holding.since(0)) == (1, ["x"])
    holding.hold("b", frozenset())
    assert (holding.since(1), holding.since(2), holding.held) == (["y"], [], frozenset())


def test_a_site_that_has_ended_holds_nothing() -> None:
    now = 0.0
    holding = Holding(lambda: now)
    holding.hold("a", frozenset({"x"}))
    holding.hold("b", frozenset({"y"}))
    now = SILENT_S - 1
    holding.hold("b", frozenset({"y"}))
    holding.look()
    assert holding.count == 0
    now = SILENT_S + 1
    holding.look()
    assert holding.since(0) == ["x"]


def test_who_has_missed_much_hears_what_is_remembered() -> None:
    holding = Holding()
    for number in range(MOST_GONE + 5):
        holding.hold("a", frozenset({str(number)}))
    assert holding.count == MOST_GONE + 4
    assert holding.since(0)[0] == "4"
    assert len(holding.since(0)) == MOST_GONE
    assert holding.since(holding.count - 1) == [str(MOST_GONE + 3)]
    assert holding.since(holding.count + 9) == holding.since(0), "the board was made anew"
