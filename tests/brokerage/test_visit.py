"""The address that an agreement is recorded with: ours to say, not the visitor's."""

import pytest
from django.test import RequestFactory
from pytest_django import Settings

from brokerage import visit

UNKNOWN = "0.0.0.0"  # noqa: S104 - what we write down where we are told nothing


def seen(forwarded: str | None, peer: str = "198.51.100.9", agent: str = "a browser") -> visit.Visit:
    headers = {"user-agent": agent} | ({"x-forwarded-for": forwarded} if forwarded is not None else {})
    return visit.of(RequestFactory().get("/", headers=headers, REMOTE_ADDR=peer))


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, None, "198.51.100.9"),
        (0, "203.0.113.1", "198.51.100.9"),
        (0, "1.1.1.1, 203.0.113.1", "198.51.100.9"),
        (1, None, "198.51.100.9"),
        (1, "", "198.51.100.9"),
        (1, "203.0.113.1", "203.0.113.1"),
        (1, "6.6.6.6, 203.0.113.1", "203.0.113.1"),
        (1, "6.6.6.6,127.0.0.1,203.0.113.1", "203.0.113.1"),
        (2, "203.0.113.1", "198.51.100.9"),
        (2, "203.0.113.1, 10.0.0.7", "203.0.113.1"),
        (2, "6.6.6.6, 203.0.113.1, 10.0.0.7", "203.0.113.1"),
    ],
)
def test_an_address_counts_only_from_a_proxy_of_ours(
    settings: Settings, proxies: int, forwarded: str | None, address: str
) -> None:
    settings.TRUSTED_PROXIES = proxies

    assert seen(forwarded).ip_address == address


@pytest.mark.parametrize(
    ("said", "address"),
    [
        ("2001:db8::1", "2001:db8::1"),
        ("2001:0DB8:0000::0001", "2001:db8::1"),
        ("::ffff:203.0.113.1", "203.0.113.1"),
        ("fe80::1%eth0", "fe80::1"),
        ("rubbish", UNKNOWN),
        ("203.0.113.1; drop table", UNKNOWN),
        ("203.0.113.999", UNKNOWN),
        ("0x7f.1", UNKNOWN),
        ("٢٠٣.0.113.1", UNKNOWN),
        ("x" * 5000, UNKNOWN),
    ],
)
def test_an_address_is_kept_in_its_one_spelling(settings: Settings, said: str, address: str) -> None:
    settings.TRUSTED_PROXIES = 1

    assert seen(said).ip_address == address


@pytest.mark.parametrize(
    ("peer", "address"), [("", UNKNOWN), ("::1", "::1"), ("::ffff:127.0.0.1", "127.0.0.1"), ("unix:", UNKNOWN)]
)
def test_the_peer_of_the_server_is_read_in_the_same_way(peer: str, address: str) -> None:
    assert seen(None, peer=peer).ip_address == address


def test_a_browsers_name_is_kept_up_to_a_length() -> None:
    assert seen(None, agent="x" * 5000).user_agent == "x" * 300


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::", "2001:db8:1:2::/64"),
        ("::1", "::/64"),
        ("0.0.0.0", "0.0.0.0"),  # noqa: S104 - nothing listens there
    ],
)
def test_a_visitor_by_ipv6_has_a_whole_network(address: str, network: str) -> None:
    assert visit.Visit(ip_address=address, user_agent="").network == network
