"""A change of details as the broker's form wants it, and whether what the broker holds is what was wanted.

Called by details. Only what differs is sent: a part that is not named stays as it is there, and what is named anew may
put the account under review. https://docs.alpaca.markets/reference/patchaccount
"""

from typing import Any

from accounts import kept_details
from accounts.models import DetailsChange
from accounts.models.changes import Values
from accounts.rules.addresses import LONGEST_STREET_SENT
from accounts.rules.letters import in_broker_letters
from brokerage.gateways.broker_answers import AccountAnswer

Kind = DetailsChange.Kind
Body = dict[str, Any]

LONGEST = 100


def body(change: DetailsChange) -> Body:
    """Return what is to be sent, in the broker's field names and letters."""
    before, after = change.before, change.after
    match change.kind:
        case Kind.CONTACT:
            return {"contact": _contact(before, after)}
        case Kind.EMAIL:
            return {"contact": {"email_address": after["email"]}}
        case Kind.WORK:
            return {"disclosures": _work(before, after)}
        case Kind.TRUSTED_CONTACT:
            return {"trusted_contact": _trusted_contact(before, after)}
    return {"disclosures": _disclosures(after)}


def _contact(before: Values, after: Values) -> Body:
    """The phone, or the whole address, or both: half an address of the old home and half of the new one is none."""
    sent: Body = {}
    if after["phone"] != before["phone"]:
        sent["phone_number"] = after["phone"]
    if any(after[name] != before[name] for name in kept_details.ADDRESS):
        sent |= {"street_address": _street(after)} | _plain(after, ("unit", "city", "state", "postal_code", "country"))
    return sent


def _street(values: Values) -> list[str]:
    lines = (values["street_address"], values.get("street_address_2", ""))
    return [in_broker_letters(line, LONGEST_STREET_SENT) for line in lines if line]


def _plain(values: Values, names: tuple[str, ...]) -> Body:
    return {name: in_broker_letters(values[name], LONGEST) for name in names}


def _work(before: Values, after: Values) -> Body:
    """The status always, and what else has changed; what does not apply any more is emptied."""
    changed = tuple(name for name in kept_details.WORK[1:] if after[name] != before[name])
    # In upper case as the vendor's SDK spells it; the broker takes both.
    return {"employment_status": after["employment_status"].upper()} | _plain(after, changed)


def _trusted_contact(before: Values, after: Values) -> Body:
    """All that is named of the person, and empty what was named before and is not any more."""
    spoken_of = {name for name in kept_details.TRUSTED if after[name] or before.get(name)}
    names = {"email_address": "email_address", "phone": "phone_number"}
    plain = spoken_of & {"given_name", "family_name", "city", "state", "postal_code", "country"}
    sent: Body = {theirs: after[ours] for ours, theirs in names.items() if ours in spoken_of}
    if "street_address" in spoken_of:
        sent["street_address"] = _street(after)
    return sent | _plain(after, tuple(sorted(plain)))


def _disclosures(after: Values) -> Body:
    """All four answers, and all that stands behind them: the broker keeps the list that it was last given."""
    contexts = [
        {"context_type": kind} | {name: in_broker_letters(text, LONGEST) for name, text in values.items() if text}
        for kind, values in sorted(after["contexts"].items())
    ]
    return {name: after[name] for name in kept_details.DISCLOSURES} | {"context": contexts}


def is_there(change: DetailsChange, answer: AccountAnswer) -> bool:
    """Say whether the broker holds all that was wanted. Disclosures it does not tell us: of those, nobody can say."""
    told = _told(change, answer)
    return bool(told) and all(told[name] == value for name, value in _wanted(change).items())


def told_otherwise(change: DetailsChange, answer: AccountAnswer) -> list[str]:
    """Return the names of the fields of which the broker tells something else than was wanted."""
    told = _told(change, answer)
    return sorted(name for name, value in _wanted(change).items() if told.get(name) and told[name] != value)


def _wanted(change: DetailsChange) -> Body:
    """Return what the broker should tell afterwards, by our names."""
    sent = next(iter(body(change).values()))
    wanted = {_OURS.get(name, name): _comparable(value) for name, value in sent.items()}
    return {name: value for name, value in wanted.items() if name != "context"}


_OURS = {"phone_number": "phone", "street_address": "street", "email_address": "email"}


def _comparable(value: Any) -> Any:
    return value.casefold() if isinstance(value, str) else tuple(value) if isinstance(value, list) else value


def _told(change: DetailsChange, answer: AccountAnswer) -> Body:
    if not change.can_be_looked_up:
        return {}
    told = answer.trusted_contact if change.kind == Kind.TRUSTED_CONTACT else answer
    return {name: _comparable(value) for name, value in vars(told).items()} if told else {}
