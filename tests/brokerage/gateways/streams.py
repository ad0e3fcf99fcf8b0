"""Listening to the broker's streams as a test wants it: all that is said, and what it means."""

from collections.abc import Iterator

from brokerage.gateways import broker_streams
from brokerage.gateways.broker_answers import AccountEvent, FundingEvent


def funding_events(*, since: str, until: str) -> list[FundingEvent]:
    said = broker_streams.listen(broker_streams.FUNDING, since=since, until=until)
    return [broker_streams.funding_event(each.body) for each in said if each]


def account_events(*, since: str, until: str) -> list[AccountEvent]:
    said = broker_streams.listen(broker_streams.ACCOUNTS, since=since, until=until)
    return [broker_streams.account_event(each.body) for each in said if each]


def account_events_live(*, since: str, silence: int) -> Iterator[AccountEvent | None]:
    for each in broker_streams.listen(broker_streams.ACCOUNTS, since=since, silence=silence):
        yield broker_streams.account_event(each.body) if each else None
