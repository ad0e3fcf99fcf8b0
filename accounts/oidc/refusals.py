"""Why somebody who comes from the provider is not signed in: a word or two for the log, and the page's words."""


class NotSignedIn(Exception):
    """`reason` is for the log: of what was sent to us it holds the name of an error at the most."""

    title = "You are not signed in"
    customer_message = "Something about this sign-in was not right, so we did not use it. Start again from here."
    status = 400

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class NotFromHere(NotSignedIn):
    """No sign-in that was begun in this browser, or one that was used or is too old."""

    customer_message = (
        "This sign-in was not begun in this browser, was used already, or took too long. Start again from here."
    )


class Denied(NotSignedIn):
    """The provider says that the person did not sign in, or did not agree."""

    customer_message = "The sign-in was not finished, so nothing was changed. You can start again whenever you like."
    status = 403


class ProviderAway(NotSignedIn):
    """The provider does not answer, or answers what is none."""

    title = "Sign-in does not answer right now"
    customer_message = (
        "The service that signs people in does not answer us as it should. Your account and your money are not "
        "affected. Please try again in a few minutes."
    )
    status = 503


class BadToken(NotSignedIn):
    """What the provider handed out does not vouch for anybody here."""


class EmailUnproven(NotSignedIn):
    """Nobody has shown the provider that the e-mail address is theirs."""

    customer_message = (
        "We need an e-mail address that is confirmed. Confirm yours where you sign in, then start again from here."
    )
    status = 403


class Stopped(NotSignedIn):
    """This person may not sign in."""

    customer_message = "This account can’t be signed in to right now. Write to us, and we will tell you why."
    status = 403


class NotFresh(NotSignedIn):
    """The provider did not ask for the sign-in anew, or somebody else gave it."""

    title = "Please sign in once more"
    customer_message = (
        "For this step you have to sign in anew, as yourself, and we could not see that you did. Nothing was changed."
    )
    status = 403
