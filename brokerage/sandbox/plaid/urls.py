"""Which addresses Plaid takes from an application, and which of them the sandbox is ready to call."""

from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from brokerage.sandbox.books import Books
from brokerage.sandbox.plaid.refusal import invalid_field

HERE = "localhost"


def check_webhook(url: Any, name: str) -> None:
    """Raises PlaidRefusal."""
    if url is None or url == "":
        return
    if not isinstance(url, str) or not _is_web(url):
        raise invalid_field(f"{name} must be an http or https URL")


def check_redirect(books: Books, url: str | None) -> None:
    """Without query and fragment, by https or to this machine, and on the list if there is one."""
    if url is None:
        return
    parts = urlsplit(url)
    if not _is_web(url) or parts.query or parts.fragment:
        raise invalid_field("redirect_uri must be a URL without query and fragment")
    if parts.scheme == "http" and not _is_this_machine(parts.hostname or ""):
        raise invalid_field("redirect_uri must use https")
    listed = books.setting("plaid_redirect_uris")
    if listed is not None and url not in listed:
        raise invalid_field("OAuth redirect URI must be configured in the developer dashboard")


def may_be_called(books: Books, url: str) -> bool:
    """This machine always; another host only when a setting names it."""
    host, allowed = urlsplit(url).hostname or "", books.setting("webhook_hosts")
    return _is_this_machine(host) or host in allowed or "*" in allowed


def _is_web(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _is_this_machine(host: str) -> bool:
    if host == HERE:
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
