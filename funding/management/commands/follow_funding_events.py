"""Follows the broker's news of transfers and banks as it comes; one process is enough, and a second one leaves."""

from accounts.management.commands._following import FollowingCommand
from funding.operations.funding_stream import FUNDING


class Command(FollowingCommand):
    help = (
        "Follow the broker's news of transfers and bank relationships until told to stop, a line for each change; exit "
        "0 when stopped, or when another process follows already; 1 where the stream is no more; 2 usage; 75 (with "
        "--once) the broker is away."
    )
    stream = FUNDING
