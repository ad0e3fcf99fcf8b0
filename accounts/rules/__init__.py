"""What the broker takes of a person, told before it is sent.

Pure functions, called by forms and by the operation that fills in the broker's form: each returns the value, or raises
`NotTaken` with the sentence for the customer. Most rules are the broker's own:
https://docs.alpaca.markets/us/docs/data-validations
"""


class NotTaken(ValueError):
    """The broker would not take this. The message is for the customer, and never repeats what may be secret."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message
