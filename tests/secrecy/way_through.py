"""All flows, in the order in which people come by them."""

from tests.secrecy import getting_in, passkeys
from tests.secrecy.flows import Flows


def take(flows: Flows) -> None:
    getting_in.sign_up(flows)
    getting_in.forget(flows)
    getting_in.change_password(flows)
    getting_in.second_factor(flows)
    passkeys.come_and_go(flows)
    flows.come_in()
    flows.apply()
    flows.link()
    flows.hear()
    flows.move_money()
    flows.change_details()
    flows.come_by()
    flows.change_email()
    flows.close()
    flows.read_the_desk()
