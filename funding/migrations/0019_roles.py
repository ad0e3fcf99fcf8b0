"""The four roles of people of ops, as groups. See brokerage.roles."""

from django.db import migrations

from brokerage.roles import granting, taking_back

READ = ("accounts.view_*", "funding.view_*")
BOTH = ("accounts.add_desknote", "accounts.add_assignment", "accounts.change_brokerageaccount")
OPERATE = (
    "funding.change_transfer",
    "funding.change_achrelationship",
    "funding.change_plaidwebhook",
    "funding.change_break",
    "accounts.change_streamevent",
    "accounts.change_notice",
)
COMPLY = (
    "accounts.change_application",
    "accounts.change_brokerdocument",
    "accounts.reveal_field",
    "accounts.stop_sign_in",
    "accounts.add_legalhold",
    "accounts.change_legalhold",
    "funding.add_freeze",
    "funding.change_freeze",
    "funding.change_case",
    "funding.change_brake",
    "funding.add_limitoverride",
)
PEOPLE = ("accounts.assign_role", "auth.view_group", "auth.add_group", "auth.change_group")

ROLES = {
    "viewer": READ,
    "operator": (*READ, *BOTH, *OPERATE),
    "compliance": (*READ, *BOTH, *COMPLY),
    "admin": (*READ, *BOTH, *OPERATE, *COMPLY, *PEOPLE),
}


class Migration(migrations.Migration):
    dependencies = [
        ("funding", "0018_queues_by_index"),
        ("accounts", "0019_roles_of_ops"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    # Back: the groups stay, without what was granted here, for people may be in them.
    operations = [migrations.RunPython(granting(ROLES), taking_back(ROLES))]
