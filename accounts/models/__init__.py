"""People, their applications, and the brokerage accounts that the broker opens for them.

Rules about one row are methods here; journeys live in operations. History rows are only ever added to.
"""

from accounts.models.agreements import AgreementSignature, AgreementText
from accounts.models.applications import Application, ApplicationEvent
from accounts.models.audit import AuditEntry, AuditHead
from accounts.models.brokerage import AccountEvent, BrokerageAccount
from accounts.models.changes import DetailsChange, DetailsChangeEvent
from accounts.models.choices import EmploymentStatus, FundingSource, MoneyRange, Residency
from accounts.models.declared import DisclosureContext, TrustedContact
from accounts.models.desk import Assignment, DeskNote, FieldReveal, RoleChange, SignInChange
from accounts.models.documents import BrokerDocument, DocumentAccess, DocumentList
from accounts.models.email_changes import EmailChange, EmailChangeEvent, Letter
from accounts.models.identities import Identity
from accounts.models.limits import ActionCount
from accounts.models.notices import Notice
from accounts.models.passkeys import Passkey
from accounts.models.people import User, UserManager
from accounts.models.portfolio import Holding, Portfolio
from accounts.models.retention import LegalHold, PurgeRecord
from accounts.models.second_factors import RecoveryCode, SecondFactor, SecondFactorChange
from accounts.models.sessions import KnownBrowser, Session
from accounts.models.sign_in_letters import LetterKey, SignInLetter
from accounts.models.streams import Lease, StreamCursor, StreamEvent, StreamEventChange
from accounts.models.uploads import DocumentUpload, UploadEvent

__all__ = [
    "AccountEvent",
    "ActionCount",
    "AgreementSignature",
    "AgreementText",
    "Application",
    "ApplicationEvent",
    "Assignment",
    "AuditEntry",
    "AuditHead",
    "BrokerDocument",
    "BrokerageAccount",
    "DeskNote",
    "DetailsChange",
    "DetailsChangeEvent",
    "DisclosureContext",
    "DocumentAccess",
    "DocumentList",
    "DocumentUpload",
    "EmailChange",
    "EmailChangeEvent",
    "EmploymentStatus",
    "FieldReveal",
    "FundingSource",
    "Holding",
    "Identity",
    "KnownBrowser",
    "Lease",
    "LegalHold",
    "Letter",
    "LetterKey",
    "MoneyRange",
    "Notice",
    "Passkey",
    "Portfolio",
    "PurgeRecord",
    "RecoveryCode",
    "Residency",
    "RoleChange",
    "SecondFactor",
    "SecondFactorChange",
    "Session",
    "SignInChange",
    "SignInLetter",
    "StreamCursor",
    "StreamEvent",
    "StreamEventChange",
    "TrustedContact",
    "UploadEvent",
    "User",
    "UserManager",
]
