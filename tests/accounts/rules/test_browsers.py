"""What is kept of a browser's own name."""

import pytest

from accounts.rules import browsers

MOZILLA, WEBKIT = "Mozilla/5.0 ", " AppleWebKit/537.36 (KHTML, like Gecko) "


@pytest.mark.parametrize(
    ("user_agent", "said"),
    [
        (f"{MOZILLA}(X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Linux"),
        (f"{MOZILLA}(Windows NT 10.0; Win64; x64){WEBKIT}Chrome/142.0.0.0 Safari/537.36", "Chrome on Windows"),
        (f"{MOZILLA}(Windows NT 10.0){WEBKIT}Chrome/142.0.0.0 Safari/537.36 Edg/142.0", "Edge on Windows"),
        (f"{MOZILLA}(Macintosh; Intel Mac OS X 10_15_7){WEBKIT}Version/18.5 Safari/605.1.15", "Safari on Mac"),
        (f"{MOZILLA}(iPhone; CPU iPhone OS 18_5 like Mac OS X){WEBKIT}Version/18.5 Safari/604.1", "Safari on iPhone"),
        (f"{MOZILLA}(iPad; CPU OS 17_0 like Mac OS X){WEBKIT}CriOS/142.0 Safari/604.1", "Chrome on iPad"),
        (f"{MOZILLA}(Linux; Android 15; SM-S921B){WEBKIT}SamsungBrowser/27.0 Chrome/125.0 Safari/537.36",
         "Samsung Internet on Android"),
        (f"{MOZILLA}(X11; CrOS x86_64 16181.61.0){WEBKIT}Chrome/142.0 Safari/537.36 OPR/120", "Opera on ChromeOS"),
        ("curl/8.5.0", "A browser"),
        ("", "A browser"),
        ("Windows <script>alert(1)</script>", "A browser on Windows"),
    ],
)  # fmt: skip
def test_it_is_told_as_a_person_would(user_agent: str, said: str) -> None:
    assert browsers.describe(user_agent) == said
