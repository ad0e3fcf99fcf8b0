"""The hand from outside: everything below /control.

No credentials: it is for demonstrations and tests on one machine.
"""

from brokerage.sandbox.control import (
    api,
    bank_logins,
    customers,
    desk,
    desk_faults,
    desk_log,
    desk_logins,
    desk_people,
    desk_stories,
    dump,
    gate,
    seed,
)
from brokerage.sandbox.plaid import webhooks

ROUTES = [
    ("GET", "/control/health", api.health, gate.json_gate),
    ("GET", "/control/state", api.state, gate.json_gate),
    ("GET", "/control/dump", dump.dump, gate.json_gate),
    ("POST", "/control/seed", seed.seed, gate.json_gate),
    ("POST", "/control/reset", api.reset, gate.json_gate),
    ("POST", "/control/clock", api.clock, gate.json_gate),
    ("POST", "/control/settings", api.settings, gate.json_gate),
    ("POST", "/control/accounts/{account_id}", customers.account, gate.json_gate),
    ("POST", "/control/relationships/{relationship_id}", api.relationship, gate.json_gate),
    ("POST", "/control/transfers", api.create_transfer, gate.json_gate),
    ("POST", "/control/transfers/{transfer_id}", api.transfer, gate.json_gate),
    ("POST", "/control/balances", customers.balance, gate.json_gate),
    ("GET", "/control/faults", api.faults_listed, gate.json_gate),
    ("POST", "/control/faults", api.add_fault, gate.json_gate),
    ("DELETE", "/control/faults", api.clear_faults, gate.json_gate),
    ("GET", "/control/plaid/webhooks", webhooks.control_log, gate.json_gate),
    ("POST", "/control/plaid/webhooks", webhooks.control_send, gate.json_gate),
    ("POST", "/control/plaid/webhook-keys", webhooks.control_keys, gate.json_gate),
    ("POST", "/control/plaid/items/{item_id}", bank_logins.control_item, gate.json_gate),
    ("GET", "/control", desk.moved, gate.page_gate),
    ("GET", "/control/", desk.home, gate.page_gate),
    ("GET", "/control/desk.css", desk.style, gate.page_gate),
    ("GET", "/control/stories/", desk_stories.stories, gate.page_gate),
    ("GET", "/control/people/", desk_people.people, gate.page_gate),
    ("GET", "/control/faults/", desk_faults.page_of_faults, gate.page_gate),
    ("GET", "/control/log/", desk_log.log, gate.page_gate),
    ("POST", "/control/desk/clock", desk.clock, gate.page_gate),
    ("POST", "/control/desk/stories/{story}", desk_stories.tell, gate.page_gate),
    ("POST", "/control/desk/accounts/{account_id}", desk_people.account, gate.page_gate),
    ("POST", "/control/desk/items/{item_id}", desk_logins.login, gate.page_gate),
    ("POST", "/control/desk/faults", desk_faults.arm, gate.page_gate),
    ("POST", "/control/desk/faults/clear", desk_faults.clear, gate.page_gate),
    ("POST", "/control/desk/reset", desk_faults.reset, gate.page_gate),
    ("POST", "/control/desk/relationships/{relationship_id}", desk.relationship, gate.page_gate),
    ("POST", "/control/desk/transfers/{transfer_id}", desk.transfer, gate.page_gate),
    ("POST", "/control/desk/lose-next-answer", desk.lose_next_answer, gate.page_gate),
]
