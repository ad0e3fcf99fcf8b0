"""How lines are written to the log: as JSON or for a reader, each after redaction. Named in LOGGING and LOGGING_CONFIG.

Modules log as ever, `logging.getLogger(__name__).info("…", ids)`; libraries, warnings, gunicorn and what ends a process
pass through here as well.
"""

import logging
import logging.config
import sys
import threading
from textwrap import indent
from types import TracebackType
from typing import Any

from django.conf import settings
from structlog import processors, stdlib
from structlog.typing import EventDict, Processor, WrappedLogger

from brokerage import redaction, request_ids

log = logging.getLogger("brokerage")

_BREAKS = {ord(each): rf"\x{ord(each):02x}" for each in map(chr, range(32))} | {10: r"\n", 13: r"\r", 9: r"\t"}


def configure(logging_settings: dict[str, Any]) -> None:
    """Set logging up as Django asks, and have warnings and whatever ends a process or a thread logged, too."""
    logging.config.dictConfig(logging_settings)
    logging.captureWarnings(True)
    sys.excepthook = _log_the_end
    threading.excepthook = _log_the_end_of_a_thread


def formatter(form: str) -> logging.Formatter:
    """Return what turns a record into one line; our own secrets are looked for by value."""
    own = {name: getattr(settings, name) for name in dir(settings) if name.isupper()}
    for alias, database in own["DATABASES"].items():
        own[f"{alias}_PASSWORD"] = database.get("PASSWORD", "")
    redact = redaction.knowing(redaction.secrets_among(own))

    def redacted(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
        result: EventDict = redact(event)
        return result

    render: Processor = processors.JSONRenderer(ensure_ascii=False) if form == "json" else _line
    return stdlib.ProcessorFormatter(
        foreign_pre_chain=[
            stdlib.add_log_level,
            stdlib.add_logger_name,
            processors.TimeStamper(fmt="iso", utc=True),
            _add_request,
        ],
        processors=[
            stdlib.ProcessorFormatter.remove_processors_meta,
            processors.format_exc_info,  # the traceback, without the values of variables
            redacted,
            render,
        ],
    )


def _add_request(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    return {**event, **request_ids.facts()}


def _line(logger: WrappedLogger, method: str, event: EventDict) -> str:
    """Return a record for a reader: one line, whatever the words of others hold, and its traceback indented below."""
    said = str(event["event"]).translate(_BREAKS)
    about = "".join(f" {name}={event[name]}" for name in ("request", "user") if name in event)
    line = f"{event['timestamp']} {event['level'].upper()} {event['logger']} {said}{about}"
    return f"{line}\n{indent(event['exception'], '  ')}" if "exception" in event else line


def _log_the_end(kind: type[BaseException], fault: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, fault, trace)
        return
    log.critical("ended by %s", kind.__name__, exc_info=(kind, fault, trace))


def _log_the_end_of_a_thread(ended: threading.ExceptHookArgs) -> None:
    if ended.exc_type is SystemExit or ended.exc_value is None:
        return
    name = ended.thread.name if ended.thread else "gone"
    log.critical("thread %s ended by %s", name, ended.exc_type.__name__, exc_info=ended.exc_value)
