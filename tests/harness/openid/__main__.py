"""`python -m tests.harness.openid`: serve the provider on a free port, and say where."""

import os
import sys
import threading
from pathlib import Path

from django.core.handlers.wsgi import WSGIHandler
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler

CLIENT = {"client_id": "brokerage-under-test", "client_secret": "secret of the/client+%"}


class _Silent(WSGIRequestHandler):
    def log_message(self, *args: object) -> None:
        """Say nothing: codes and states are in the addresses."""


def main(shape: str, folder: str) -> None:
    server = ThreadedWSGIServer(("127.0.0.1", 0), _Silent, ipv6=False)
    address = f"http://127.0.0.1:{server.server_port}"
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "tests.harness.openid.settings",
        "PROVIDER_SHAPE": shape,
        "PROVIDER_ADDRESS": address,
        "PROVIDER_DATABASE": str(Path(folder) / "provider.sqlite3"),
        "OAUTHLIB_INSECURE_TRANSPORT": "1",
    }
    server.set_app(_application())
    print(f"Provider on {address} ", flush=True)  # noqa: T201  how the tests learn of it
    threading.Thread(target=_end_with_the_tests, daemon=True).start()
    server.serve_forever()


def _end_with_the_tests() -> None:
    """Wait until whoever started this is gone, however it ended, and end, too."""
    sys.stdin.read()
    os._exit(0)


def _application() -> WSGIHandler:
    from django.core.management import call_command
    from django.core.wsgi import get_wsgi_application

    application = get_wsgi_application()
    call_command("migrate", verbosity=0)
    from oauth2_provider.models import Application

    Application.objects.create(
        **CLIENT,
        client_type=Application.CLIENT_CONFIDENTIAL,
        authorization_grant_type=Application.GRANT_AUTHORIZATION_CODE,
        redirect_uris="http://testserver/sign-in/return/",
        post_logout_redirect_uris="http://testserver/",
        skip_authorization=True,
        algorithm=Application.RS256_ALGORITHM,
    )
    return application


if __name__ == "__main__":
    main(*sys.argv[1:])
