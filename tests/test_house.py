"""The rooms of the house, and which may know which, read from the imports: so the README's drawing stays true."""

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
OURS = ("accounts", "funding", "brokerage")
VENDOR_SDKS = ("alpaca", "plaid")
VENDOR_WIRES = (*VENDOR_SDKS, "requests", "urllib3", "sseclient")
FORBIDDEN_NAMES = {"utils", "helpers", "services", "managers", "common", "core"}
LONGEST_MODULE, LONGEST_TEMPLATE = 300, 100
# Path: why it is one story all the same.
LONGER_WITH_REASON: dict[str, str] = {"brokerage/settings.py": "one file, so that every setting is found"}


@dataclass(frozen=True)
class Import:
    """One imported name, such as `brokerage.gateways.errors.Refused`."""

    name: str
    line: int
    in_function: bool
    for_types_only: bool

    def within(self, *packages: str) -> bool:
        return any(self.name == package or self.name.startswith(f"{package}.") for package in packages)


@dataclass(frozen=True)
class Source:
    """One of our modules: `path` is relative to the project, with forward slashes."""

    path: str
    text: str

    @property
    def room(self) -> str:
        """Return the kind of module: models, states, forms, views, urls, admin, operations, commands or another."""
        parts = self.path.removesuffix(".py").split("/")
        return "commands" if "commands" in parts else parts[min(1, len(parts) - 1)]

    @property
    def is_gateway(self) -> bool:
        return self.path.startswith("brokerage/gateways/")

    @property
    def is_sandbox(self) -> bool:
        return self.path.startswith("brokerage/sandbox/")

    @property
    def carries_money(self) -> bool:
        if self.path.endswith("_client.py"):  # the wires below the gateways: what they count is seconds
            return False
        return self.path.startswith(("accounts/", "funding/", "brokerage/gateways/", "brokerage/money.py"))

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)

    @cached_property
    def imports(self) -> list[Import]:
        return list(self._imports(self.tree, in_function=False, for_types_only=False))

    def _imports(self, node: ast.AST, *, in_function: bool, for_types_only: bool) -> Iterator[Import]:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.Import | ast.ImportFrom):
                for name in self._names(child):
                    yield Import(name, child.lineno, in_function, for_types_only)
            yield from self._imports(
                child,
                in_function=in_function or isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda),
                for_types_only=for_types_only or _is_type_checking(child),
            )

    def _names(self, node: ast.Import | ast.ImportFrom) -> list[str]:
        if isinstance(node, ast.Import):
            return [alias.name for alias in node.names]
        above = self.path.split("/")[: -node.level] if node.level else []
        module = ".".join([*above, *([node.module] if node.module else [])])
        return [f"{module}.{alias.name}" for alias in node.names]


def _is_type_checking(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)


Complaints = Iterator[str]


def _at(source: Source, imported: Import) -> str:
    return f"{source.path}:{imported.line} imports {imported.name}"


# --- The rules: each yields what breaks it; its docstring says what to do ---------------------------------------------


def accounts_never_import_funding(source: Source) -> Complaints:
    """What shows or moves both belongs in funding: move it there."""
    if source.path.startswith("accounts/"):
        yield from (_at(source, each) for each in source.imports if each.within("funding"))


def models_know_no_outside(source: Source) -> Complaints:
    """Models and states know no HTTP, no gateway, no settings: let the operation pass the plain value in.
    (`settings.AUTH_USER_MODEL` is how Django wants the user model to be named.)"""
    if source.room not in ("models", "states"):
        return
    outside = ("brokerage.gateways", "brokerage.settings", "django.http", *VENDOR_WIRES)
    yield from (_at(source, each) for each in source.imports if each.within(*outside))
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "settings" and node.attr != "AUTH_USER_MODEL":
            yield f"{source.path}:{node.lineno} reads settings.{node.attr}"


def states_and_money_stand_alone(source: Source) -> Complaints:
    """states.py and money.py are the ground floor: they import nothing of ours. Move what they need into them."""
    if source.room == "states" or source.path == "brokerage/money.py":
        yield from (_at(source, each) for each in source.imports if each.within(*OURS))


def gateways_know_only_money(source: Source) -> Complaints:
    """A gateway takes and returns plain values and small dataclasses: convert rows in the operation that calls it.
    (It may count what it does, and mask what it was told: neither metrics nor redaction imports anything of ours.)"""
    if source.is_gateway:
        of_ours = [each for each in source.imports if each.within(*OURS)]
        allowed = ("brokerage.money", "brokerage.metrics", "brokerage.redaction", "brokerage.gateways")
        yield from (_at(source, each) for each in of_ours if not each.within(*allowed))


def the_sandbox_is_another_process(source: Source) -> Complaints:
    """The sandbox and the site meet over HTTP alone: neither imports the other."""
    for each in source.imports:
        if source.is_sandbox:
            if each.within(*OURS) and not each.within("brokerage.sandbox"):
                yield _at(source, each)
        elif each.within("brokerage.sandbox"):
            yield _at(source, each)


def doors_call_operations(source: Source) -> Complaints:
    """Views, forms, admin and commands never touch a gateway, its errors included: call an operation, which
    raises exceptions of its own."""
    if source.room in ("views", "forms", "urls", "admin", "commands") and not source.is_sandbox:
        yield from (_at(source, each) for each in source.imports if each.within("brokerage.gateways"))


def operations_know_no_door(source: Source) -> Complaints:
    """An operation has never heard of a request or a page: pass plain values in, and raise what went wrong."""
    if source.room == "operations":
        doors = [f"{app}.{room}" for app in OURS for room in ("views", "forms", "urls", "admin")]
        outside = (*doors, "django.http", "django.shortcuts", "django.forms", "django.contrib.admin")
        yield from (_at(source, each) for each in source.imports if each.within(*outside))


def views_never_import_the_other_apps_views(source: Source) -> Complaints:
    """What two apps' views share is no view: move it to where both may look."""
    if source.room == "views":
        other = "accounts.views" if source.path.startswith("funding/") else "funding.views"
        yield from (_at(source, each) for each in source.imports if each.within(other))


def only_gateways_speak_to_vendors(source: Source) -> Complaints:
    """Only brokerage/gateways opens a socket to a vendor: add a function there."""
    if not source.is_gateway:
        yield from (_at(source, each) for each in source.imports if each.within(*VENDOR_WIRES))


def sdks_are_imported_late(source: Source) -> Complaints:
    """An SDK costs half a second and 80 MiB: import it inside the function that needs it, or in a gateway's
    *_client.py, which is itself imported inside functions alone."""
    early = [each for each in source.imports if not (each.in_function or each.for_types_only)]
    clients = ("brokerage.gateways.broker_client", "brokerage.gateways.plaid_client")
    heavy = clients if source.path.endswith("_client.py") else (*VENDOR_WIRES, *clients)
    yield from (_at(source, each) for each in early if each.within(*heavy))


def imports_stand_at_the_top(source: Source) -> Complaints:
    """An import inside a function hides a cycle: something lives in the wrong room. (Gateways import SDKs that way.)"""
    late = [each for each in source.imports if each.in_function]
    if source.is_gateway:
        late = [each for each in late if not each.within(*VENDOR_SDKS) and "_client" not in each.name]
    yield from (_at(source, each) for each in late)


def money_is_never_a_float(source: Source) -> Complaints:
    """Money is a Decimal of dollars, or a string on the wire; a FloatField or float() would lose cents. Number
    literals with a point are for commands and gateways, where they are seconds."""
    if not source.carries_money:
        return
    seconds_allowed = source.room == "commands" or source.is_gateway
    for node in ast.walk(source.tree):
        word = ast.unparse(node) if isinstance(node, ast.Name | ast.Attribute) else ""
        if word == "float" or word.endswith("FloatField"):
            yield f"{source.path}:{getattr(node, 'lineno', 0)} says {word}"
        if isinstance(node, ast.Constant) and isinstance(node.value, float) and not seconds_allowed:
            yield f"{source.path}:{node.lineno} writes {node.value}"


def nothing_listens_to_signals(source: Source) -> Complaints:
    """A signal is a call that no reader sees: call the function."""
    for each in source.imports:
        if each.within("django.dispatch") or "signals" in each.name.split("."):
            yield _at(source, each)


def modules_are_short(source: Source) -> Complaints:
    """Split a long module along its journeys, and never into "part two"."""
    lines = len(source.text.splitlines())
    if lines > LONGEST_MODULE and source.path not in LONGER_WITH_REASON:
        yield f"{source.path} has {lines} lines, more than {LONGEST_MODULE}"


def modules_have_telling_names(source: Source) -> Complaints:
    """Name the module for what lives there."""
    telling = FORBIDDEN_NAMES.intersection(source.path.removesuffix(".py").split("/"))
    yield from (f"{source.path}: {name!r} says nothing" for name in telling)


RULES: dict[Callable[[Source], Complaints], tuple[str, str]] = {
    # rule: a module that breaks it
    accounts_never_import_funding: ("accounts/views.py", "from funding.models import Transfer"),
    models_know_no_outside: ("funding/models.py", "limit = settings.TRANSFER_LIMIT"),
    states_and_money_stand_alone: ("funding/states.py", "from accounts.states import AccountStatus"),
    gateways_know_only_money: ("brokerage/gateways/broker.py", "from accounts.models import User"),
    the_sandbox_is_another_process: ("funding/operations/linking.py", "from brokerage.sandbox import clock"),
    doors_call_operations: ("funding/views.py", "from brokerage.gateways.errors import Refused"),
    operations_know_no_door: ("funding/operations/transfers.py", "from django.http import HttpRequest"),
    views_never_import_the_other_apps_views: ("funding/views.py", "from accounts.views import overview"),
    only_gateways_speak_to_vendors: ("funding/operations/webhooks.py", "def verify():\n    import requests"),
    sdks_are_imported_late: ("brokerage/gateways/plaid.py", "from plaid.api.plaid_api import PlaidApi"),
    imports_stand_at_the_top: ("accounts/views.py", "def view():\n    from accounts.models import User"),
    money_is_never_a_float: ("funding/models.py", "amount = models.FloatField()"),
    nothing_listens_to_signals: ("accounts/models/people.py", "from django.db.models.signals import post_save"),
    modules_are_short: ("accounts/views.py", "\n" * (LONGEST_MODULE + 1)),
    modules_have_telling_names: ("accounts/utils.py", ""),
}


def _sources() -> list[Source]:
    paths = (path for app in OURS for path in sorted((ROOT / app).rglob("*.py")) if "migrations" not in path.parts)
    return [Source(path.relative_to(ROOT).as_posix(), path.read_text()) for path in paths]


def _rule_name(rule: object) -> str:
    return getattr(rule, "__name__", "")


@pytest.fixture(scope="module")
def sources() -> list[Source]:
    return _sources()


@pytest.mark.parametrize("rule", RULES, ids=_rule_name)
def test_the_house_keeps_the_rule(rule: Callable[[Source], Complaints], sources: list[Source]) -> None:
    complaints = [complaint for source in sources for complaint in rule(source)]

    assert not complaints, "\n".join([f"{rule.__doc__}", *complaints])


@pytest.mark.parametrize("rule", RULES, ids=_rule_name)
def test_the_rule_can_be_broken(rule: Callable[[Source], Complaints]) -> None:
    path, text = RULES[rule]

    assert list(rule(Source(path, text)))


@pytest.mark.parametrize(
    ("rule", "path", "text"),
    [
        (models_know_no_outside, "accounts/states.py", "from django.http import HttpRequest"),
        (the_sandbox_is_another_process, "brokerage/sandbox/server.py", "from brokerage import money"),
        (the_sandbox_is_another_process, "brokerage/urls.py", "import brokerage.sandbox.routes"),
        (doors_call_operations, "funding/management/commands/run_worker.py", "from brokerage.gateways import broker"),
        (
            sdks_are_imported_late,
            "brokerage/gateways/plaid.py",
            "from brokerage.gateways.plaid_client import TamedPlaid",
        ),
        (money_is_never_a_float, "funding/operations/transfers.py", "fee = 0.25"),
        (money_is_never_a_float, "brokerage/gateways/broker.py", "amount = float('1')"),
        (accounts_never_import_funding, "accounts/operations/closing.py", "import funding.models as money"),
    ],
)
def test_the_rule_can_be_broken_in_another_way(rule: Callable[[Source], Complaints], path: str, text: str) -> None:
    assert list(rule(Source(path, text)))


@pytest.mark.parametrize(
    ("rule", "path", "text"),
    [
        (sdks_are_imported_late, "brokerage/gateways/plaid.py", "def ask():\n    from plaid.api import plaid_api"),
        (sdks_are_imported_late, "brokerage/gateways/plaid_client.py", "from plaid.api.plaid_api import PlaidApi"),
        (sdks_are_imported_late, "brokerage/gateways/plaid.py", "if TYPE_CHECKING:\n    from plaid.api import x"),
        (models_know_no_outside, "funding/models.py", "user = models.ForeignKey(settings.AUTH_USER_MODEL)"),
        (gateways_know_only_money, "brokerage/gateways/plaid.py", "from brokerage import money"),
        (money_is_never_a_float, "brokerage/gateways/errors.py", "POLL_EVERY = 0.5"),
    ],
)
def test_the_rule_lets_pass_what_is_allowed(rule: Callable[[Source], Complaints], path: str, text: str) -> None:
    assert not list(rule(Source(path, text)))


def test_templates_are_short() -> None:
    lengths = {path: len(path.read_text().splitlines()) for path in (ROOT / "templates").rglob("*.html")}
    long = [
        f"{path.relative_to(ROOT)} has {lines} lines" for path, lines in lengths.items() if lines > LONGEST_TEMPLATE
    ]

    assert not long, "\n".join([f"Move parts into partials, to {LONGEST_TEMPLATE} lines at most", *long])
