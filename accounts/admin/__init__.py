"""The desk's pages about people, their applications and accounts, and what they were told."""

from accounts.admin import applications, audit, changes, documents, news, people, retention, roles, uploads

__all__ = ["applications", "audit", "changes", "documents", "news", "people", "retention", "roles", "uploads"]
