"""Addresses of the pages about people, their applications, and what they were told."""

from django.urls import path

from accounts import inbox, views

urlpatterns = [
    path("", views.home, name="home"),
    path("sign-up/", views.sign_up, name="sign-up"),
    path("sign-in/", views.SignIn.as_view(), name="sign-in"),
    path("sign-out/", views.sign_out, name="sign-out"),
    path("apply/", views.apply, name="apply"),
    path("apply/check/", views.apply_check, name="apply-check"),
    path("apply/waiting/", views.apply_waiting, name="apply-waiting"),
    path("apply/waiting/status/", views.apply_waiting_status, name="apply-waiting-status"),
    path("apply/customer-agreement/", views.customer_agreement, name="customer-agreement"),
    path("apply/<slug:slug>/", views.apply_step, name="apply-step"),
    path("notifications/", inbox.notifications, name="notifications"),
    path("notifications/read/", inbox.notifications_read, name="notifications-read"),
    path("notifications/<uuid:notice_id>/", inbox.notification_open, name="notification-open"),
]
