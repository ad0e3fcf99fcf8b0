"""The desk's pages about people, their applications and accounts, and what they were told."""

from accounts.admin import applications, news, people, uploads

__all__ = ["applications", "news", "people", "uploads"]
