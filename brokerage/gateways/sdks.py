"""Loading the vendors' SDKs beforehand, in a process that is going to ask vendors from several threads.

Each gateway imports its SDK when it is first needed. Where two threads need it at once, alpaca-py's modules, which
import each other in a circle, break: one thread sees half a module, after the row it was to send has been claimed.
"""


def load() -> None:
    """Import both SDKs now; it takes a second."""
    from brokerage.gateways import broker_client, plaid_client  # noqa: F401
