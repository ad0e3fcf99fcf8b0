"""What machines may ask; see brokerage.probes."""

from django.urls import path

from brokerage import health
from funding.views import health as desk_health

urlpatterns = [
    path("healthz", health.healthz),
    path("readyz", desk_health.readyz),
    path("metrics", desk_health.metrics),
]
