"""People, their applications, and the brokerage accounts that the broker opens for them.

Rules about one row are methods here; journeys live in operations. History rows are only ever added to.
"""

from accounts.models.applications import (
    AgreementSignature,
    Application,
    ApplicationEvent,
    EmploymentStatus,
    FundingSource,
    MoneyRange,
    Residency,
)
from accounts.models.brokerage import AccountEvent, BrokerageAccount
from accounts.models.limits import ActionCount
from accounts.models.notices import Notice
from accounts.models.people import User, UserManager
from accounts.models.streams import StreamCursor

__all__ = [
    "AccountEvent",
    "ActionCount",
    "AgreementSignature",
    "Application",
    "ApplicationEvent",
    "BrokerageAccount",
    "EmploymentStatus",
    "FundingSource",
    "MoneyRange",
    "Notice",
    "Residency",
    "StreamCursor",
    "User",
    "UserManager",
]
