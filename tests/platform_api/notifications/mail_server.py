"""A mail server on this machine: it answers what a test says, and keeps what it got."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage


@dataclass
class MailBox:
    """`answers` are given instead of yes to commands that begin so: `{"RCPT TO:<eve": "550 no such user"}`."""

    port: int = 0
    answers: dict[str, str] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)
    got: list[EmailMessage] = field(default_factory=list)

    def answer(self, command: str) -> str:
        """Commands are in any case (RFC 5321, 2.4)."""
        self.said.append(command.upper())
        refusals = (
            reply for begin, reply in self.answers.items() if command.upper().startswith(begin.upper())
        )
        return next(refusals, "354 go on" if command.upper() == "DATA" else "250 yes")


@contextmanager
def mail_server() -> Iterator[MailBox]:
    box = MailBox()

    class Conversation(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.reply("220 here")
            while line := self.rfile.readline().decode().rstrip("\r\n"):
                if line.upper() == "QUIT":
                    self.reply("221 bye")
                    return
                answer = box.answer(line)
                self.reply(answer)
                if answer.startswith("354"):
                    self.take()

        def take(self) -> None:
            lines = []
            while (line := self.rfile.readline()) != b".\r\n":
                lines.append(line)
            made = message_from_bytes(b"".join(lines), policy=policy.default)
            assert isinstance(made, EmailMessage)
            box.got.append(made)
            self.reply("250 taken")

        def reply(self, text: str) -> None:
            self.wfile.write(f"{text}\r\n".encode())

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Conversation) as server:
        box.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield box
        server.shutdown()
        thread.join()
