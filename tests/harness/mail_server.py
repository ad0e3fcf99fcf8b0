"""A mail server on this machine that takes what it is sent, or answers as a test tells it to."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

HANG, HANG_UP = "hang", "hang up"  # instead of an answer: say nothing, or end the conversation
USUAL = {"EHLO": "250 here", "HELO": "250 here", "DATA": "354 go on", "QUIT": "221 bye", "RCPT": "250 known"}


class MailServer:
    """What came in, and what is answered: `server.says["RCPT"] = "550 no such user"`.

    The words are SMTP's commands; "TAKEN" is the answer to a whole message, which is kept before it is given.
    """

    def __init__(self) -> None:
        self.taken: list[EmailMessage] = []
        self.says: dict[str, str] = {}
        self.conversations = 0
        self.closing = threading.Event()
        self.port = 0

    def take(self, lines: list[bytes]) -> None:
        self.taken.append(message_from_bytes(b"".join(lines).replace(b"\r\n", b"\n"), policy=policy.default))


class _Conversation(socketserver.StreamRequestHandler):
    """One client, from the greeting to the end."""

    def handle(self) -> None:
        mail: MailServer = self.server.mail  # type: ignore[attr-defined]
        mail.conversations += 1
        word = "HELLO" if self._answer(mail, "HELLO", "220 here") else "QUIT"
        while word != "QUIT" and (line := self.rfile.readline()):
            word = line[:4].decode().upper().strip()
            if not self._answer(mail, word, USUAL.get(word, "250 fine")):
                return
            if word == "DATA" and mail.says.get("DATA", "354").startswith("354"):
                mail.take(self._message())
                if not self._answer(mail, "TAKEN", "250 taken"):
                    return

    def _answer(self, mail: MailServer, word: str, usual: str) -> bool:
        """Answer, or do what stands there instead; say whether the conversation goes on."""
        answer = mail.says.get(word, usual)
        if answer == HANG:
            mail.closing.wait(20)
        if answer in (HANG, HANG_UP):
            return False
        self.wfile.write(f"{answer}\r\n".encode())
        return True

    def _message(self) -> list[bytes]:
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line)
        return lines


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    mail: Any

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of clients that went away in the middle."""


@contextmanager
def running_mail_server() -> Iterator[MailServer]:
    """Run a mail server on a free port until the block ends."""
    mail = MailServer()
    with _Server(("127.0.0.1", 0), _Conversation) as server:
        server.mail, mail.port = mail, server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield mail
        finally:
            mail.closing.set()
            server.shutdown()
            thread.join(timeout=5)
