"""Ending between two rows."""

from brokerage import stopping


def test_nobody_is_cut_short_without_a_turn() -> None:
    assert stopping.goes_on()
    assert list(stopping.while_wanted([1, 2, 3])) == [1, 2, 3]


def test_what_is_in_hand_is_finished_and_nothing_more_is_begun() -> None:
    done: list[int] = []
    with stopping.turn(lambda: len(done) < 2) as turn:
        for row in stopping.while_wanted([1, 2, 3]):
            done.append(row)

    assert done == [1, 2]
    assert turn.cut_short


def test_a_turn_that_came_to_its_end_was_not_cut_short() -> None:
    left = [1, 2]
    with stopping.turn(lambda: bool(left)) as turn:
        for _ in stopping.while_wanted([1, 2]):
            left.pop()

    assert not turn.cut_short


def test_once_it_was_cut_short_no_other_loop_begins() -> None:
    wanted = iter([False, True, True])
    with stopping.turn(lambda: next(wanted)):
        assert list(stopping.while_wanted([1])) == []
        assert list(stopping.while_wanted([2])) == []


def test_a_turn_within_another_ends_with_it() -> None:
    with stopping.turn(lambda: False), stopping.turn(lambda: True) as inner:
        assert list(stopping.while_wanted([1])) == []
    assert inner.cut_short
    assert stopping.goes_on()
