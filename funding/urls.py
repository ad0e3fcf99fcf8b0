"""Addresses of the pages about money."""

from django.urls import path, register_converter

from funding import states
from funding.views import banks, history, moving, overview


class WayConverter:
    """`deposit` and `withdraw` in an address, INCOMING and OUTGOING in Python."""

    regex = "deposit|withdraw"
    ways = {"deposit": states.INCOMING, "withdraw": states.OUTGOING}

    def to_python(self, value: str) -> str:
        return self.ways[value]

    def to_url(self, value: str) -> str:
        return next(word for word, direction in self.ways.items() if direction == value)


register_converter(WayConverter, "way")

urlpatterns = [
    path("overview/", overview.overview, name="overview"),
    path("bank/", banks.bank, name="bank"),
    path("bank/status/", banks.bank_status, name="bank-status"),
    path("bank/link/", banks.link_start, name="link-start"),
    path("bank/link/<uuid:session_id>/", banks.link, name="link"),
    path("bank/link/<uuid:session_id>/finish/", banks.link_finish, name="link-finish"),
    path("bank/link/<uuid:session_id>/account/", banks.link_account, name="link-account"),
    path("deposit/", moving.amount, {"direction": states.INCOMING}, name="deposit"),
    path("withdraw/", moving.amount, {"direction": states.OUTGOING}, name="withdraw"),
    path("<way:direction>/check/", moving.review, name="transfer-review"),
    path("<way:direction>/confirm/", moving.confirm, name="transfer-confirm"),
    path("transfers/", history.transfers, name="transfers"),
    path("transfers/<uuid:transfer_id>/", history.transfer, name="transfer"),
    path("transfers/<uuid:transfer_id>/status/", history.transfer_status, name="transfer-status"),
    path("transfers/<uuid:transfer_id>/authorization/", history.authorization, name="transfer-authorization"),
    path("transfers/<uuid:transfer_id>/cancel/", history.cancel, name="transfer-cancel"),
]
