"""Addresses of the pages about money, and of what vendors tell us."""

from django.urls import path, register_converter

from funding import states
from funding.views import banks, closing, history, linking, manual_banks, moving, overview, webhooks


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
    path("bank/link/", linking.link_start, name="link-start"),
    path("bank/link/return/", linking.link_return, name="link-return"),
    path("bank/link/<uuid:session_id>/", linking.link, name="link"),
    path("bank/link/<uuid:session_id>/finish/", linking.link_finish, name="link-finish"),
    path("bank/link/<uuid:session_id>/events/", linking.link_said, name="link-said"),
    path("bank/link/<uuid:session_id>/account/", linking.link_account, name="link-account"),
    path("bank/repair/", linking.repair_start, name="bank-repair"),
    path("bank/code/", linking.verify_start, name="bank-code"),
    path("bank/replace/", banks.replace, name="bank-replace"),
    path("bank/replace/link/", linking.replace_start, name="replace-start"),
    path("bank/unlink/", banks.unlink, name="bank-unlink"),
    path("bank/unlink/confirm/", banks.unlink_confirm, name="bank-unlink-confirm"),
    path("bank/numbers/", manual_banks.numbers, name="bank-numbers"),
    path("bank/call-off/", banks.call_off, name="bank-call-off"),
    path("deposit/", moving.amount, {"direction": states.INCOMING}, name="deposit"),
    path("withdraw/", moving.amount, {"direction": states.OUTGOING}, name="withdraw"),
    path("<way:direction>/check/", moving.review, name="transfer-review"),
    path("<way:direction>/confirm/", moving.confirm, name="transfer-confirm"),
    path("settings/close/", closing.close, name="close"),
    path("settings/close/confirm/", closing.confirm, name="close-confirm"),
    path("settings/close/call-off/", closing.call_off, name="close-call-off"),
    path("transfers/", history.transfers, name="transfers"),
    path("transfers/<uuid:transfer_id>/", history.transfer, name="transfer"),
    path("transfers/<uuid:transfer_id>/status/", history.transfer_status, name="transfer-status"),
    path("transfers/<uuid:transfer_id>/authorization/", history.authorization, name="transfer-authorization"),
    path("transfers/<uuid:transfer_id>/cancel/", history.cancel, name="transfer-cancel"),
    path("webhooks/plaid/", webhooks.plaid_webhook, name="plaid-webhook"),
]
