"""Why a file is not taken, and how large one may be."""

MOST_BYTES = 10 * 1024 * 1024  # the broker's own limit


class FileNotTaken(Exception):
    """This file can't be sent; `customer_message` says why, and how to make one that can."""

    def __init__(self, customer_message: str) -> None:
        super().__init__("a file that can't be sent")
        self.customer_message = customer_message
