"""The demo's people of operations, one of each role and two who may lift a freeze, since it takes two persons.

Called by seed_demo.
"""

from django.contrib.auth.models import Group
from django.utils import timezone

from accounts.models import User
from brokerage.roles import ADMIN, COMPLIANCE, OPERATOR, VIEWER

PEOPLE = {
    "ops@example.com": ("operations, at /admin/: may do everything", ADMIN),
    "ops2@example.com": ("operations: a second person, for compliance", COMPLIANCE),
    "ops3@example.com": ("operations: acts on transfers and banks", OPERATOR),
    "ops4@example.com": ("operations: reads, and no more", VIEWER),
}


def employ(password: str) -> None:
    """Make those of them that are not there yet."""
    for email, (_, role) in PEOPLE.items():
        if not User.objects.filter(email=email).exists():
            person = User.objects.create_user(email, password, is_staff=True, email_verified_at=timezone.now())
            person.groups.add(Group.objects.get(name=role))
