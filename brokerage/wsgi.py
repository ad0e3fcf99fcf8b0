"""Where the web server comes in."""

import os

from django.core.wsgi import get_wsgi_application

from brokerage import deployment

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "brokerage.settings")

application = get_wsgi_application()
deployment.refuse_what_is_dangerous()
