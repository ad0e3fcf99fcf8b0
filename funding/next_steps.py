"""What a customer does next, when something is missing between them and their first deposit.

Called by views; changes nothing. What is in the way of somebody who has it all, `obstacles` says.
"""

from dataclasses import dataclass

from django.urls import reverse

from accounts.models import Application, BrokerageAccount, User
from accounts.wording import of_application as application_words
from funding import bank_wording
from funding.models import ACHRelationship


@dataclass(frozen=True)
class Step:
    """What to do next."""

    title: str
    text: str
    url: str = ""
    action: str = ""


def before_an_account(user: User, account: BrokerageAccount | None) -> Step:
    """Return the next step of somebody whose brokerage account is not open yet."""
    application = account.application if account else Application.objects.filter(user=user).first()
    if application is None:
        text = "Short pages about you. Your answers are saved as you go."
        return Step("Open your brokerage account", text, reverse("apply"), "Go to your application")
    if account is None and application.sent_at is None:
        text = "Your answers are saved. Go on where you left off, and send it when you have checked them."
        return Step("Finish your application", text, reverse("apply"), "Continue your application")
    words = application_words(application, account)
    return Step(words.headline, words.sentence, reverse("apply-waiting"), "See your application")


def with_an_account(
    account: BrokerageAccount, relationship: ACHRelationship | None, *, is_new: bool, is_hindered: bool
) -> Step | None:
    """Return the next step of somebody with a brokerage account; None where nothing is missing.

    `is_new`: nothing has been moved yet. `is_hindered`: something needs their attention first.
    """
    if relationship is None:
        return _bank_first(account) if account.is_active else None
    if is_new and not is_hindered:
        text = "Choose an amount; you see the arrival date and confirm before anything moves."
        return Step("Make your first deposit", text, reverse("deposit"), "Deposit")
    return None


def _bank_first(account: BrokerageAccount) -> Step:
    candidate = ACHRelationship.objects.candidates().select_related("item").filter(brokerage_account=account).first()
    if candidate is None:
        text = "Deposits come from it and withdrawals go to it. Linking takes about two minutes."
        return Step("Link your bank", text, reverse("bank"), "Link your bank")
    words = bank_wording.of_relationship(candidate)
    return Step("Your bank account is on its way", words.lede, reverse("bank"), "See your bank account")
