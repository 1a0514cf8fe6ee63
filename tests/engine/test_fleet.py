"""The capacity model in docs/scaling.md is correct for simulated servers."""

import pytest

from tests.engine.fleet import Balance, capacity, factor_alone, servers_for, simulate
from tests.engine.machines import Machine

pytestmark = pytest.mark.unmeasured  # measuring coverage would take most of the time; other tests cover the same code

_MACHINE = Machine(0.2, noise=0.1)


def test_three_servers_serve_three_times_as_many_people() -> None:
    """If each request goes to the server with the fewest open requests, distributing the work loses no capacity."""
    one = capacity(_MACHINE, servers=1, balance=Balance.LEAST)
    assert 0.9 <= one * factor_alone(_MACHINE) <= 1.3
    assert simulate(_MACHINE, servers=3, people=3 * one, balance=Balance.LEAST).served(patience=3.0)


def test_a_random_choice_of_the_server_costs_capacity() -> None:
    """If requests go to random servers, some users wait for a long time while other servers are nearly idle."""
    people = 3 * capacity(_MACHINE, servers=1, balance=Balance.LEAST)
    at_random = simulate(_MACHINE, servers=3, people=people, balance=Balance.RANDOM)
    assert not at_random.served(patience=3.0)
    assert at_random.busy < simulate(_MACHINE, servers=3, people=people, balance=Balance.LEAST).busy


@pytest.mark.parametrize("people", [10, 30])
def test_planned_servers_are_enough_even_if_one_of_them_fails(people: int) -> None:
    """The number of servers computed by `servers_for` is enough for all users, even while one of the servers is
    down."""
    planned = servers_for(people, factor=factor_alone(_MACHINE), use=0.7)
    assert simulate(_MACHINE, servers=planned - 1, people=people).served(patience=1.0)


def test_too_many_people_wait_but_hear_no_gaps() -> None:
    """With too many users, the time to the first audio increases, but speech that has started has hardly any gaps."""
    people = 2 * capacity(_MACHINE, servers=1, balance=Balance.LEAST)
    figures = simulate(_MACHINE, servers=1, people=people, seconds=80.0)
    assert figures.median > 3.0
    assert figures.gaps <= figures.speeches / 50
    assert figures.busy > 0.97
