"""The sandbox's own time: what it dates, what it decides by it, and how it passes."""

from tests.brokerage.sandbox.bench import Bench, application


def test_an_applicant_comes_of_age_by_the_sandboxs_clock(bench: Bench) -> None:
    bench.control("clock", now="2031-03-01T17:00:00Z")
    form = application(date_of_birth="2013-03-02")

    the_day_before = bench.broker("POST", "v1/accounts", json=form)
    bench.pass_time(86_400)
    on_the_birthday = bench.broker("POST", "v1/accounts", json=form)

    assert the_day_before.json() == {"code": 42210000, "message": "date_of_birth is invalid"}
    assert on_the_birthday.status_code == 200
