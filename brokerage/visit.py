"""Who is asking: the address and browser that an agreement or authorization is recorded with.

Views make one from a request; operations take it and know nothing of HTTP.
"""

import ipaddress
from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest


@dataclass(frozen=True)
class Visit:
    """An IP address, and the browser's own name."""

    ip_address: str
    user_agent: str

    @property
    def network(self) -> str:
        """Return what counts as one visitor's: by IPv6 they have as many addresses as they like, out of one /64."""
        address = ipaddress.ip_address(self.ip_address)
        return str(address) if address.version == 4 else str(ipaddress.ip_network((address, 64), strict=False))


def of(request: HttpRequest) -> Visit:
    """Return the visit behind a request.

    The address counts only from our own proxies' entries of X-Forwarded-For; what stands left of them anyone can write.
    """
    address = request.META.get("REMOTE_ADDR", "")
    forwarded = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",") if part.strip()]
    hops = settings.TRUSTED_PROXIES
    if hops and len(forwarded) >= hops:
        address = forwarded[-hops]
    return Visit(ip_address=_address(address), user_agent=request.headers.get("User-Agent", "")[:300])


def _address(text: str) -> str:
    try:
        found = ipaddress.ip_address(text.partition("%")[0])  # a link-local one may name the network card
    except ValueError:
        return "0.0.0.0"  # noqa: S104 - a server on a Unix socket knows no address
    mapped = getattr(found, "ipv4_mapped", None)
    return str(mapped or found)
