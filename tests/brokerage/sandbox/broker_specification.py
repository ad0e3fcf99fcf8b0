"""The Broker API's own specification, read from beside the project, and what in it is known to be wrong.

`TOLERANCES` is the one place that says where an answer or a request may differ from the file, each with its name.
"""

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests
import yaml
from openapi_core import Config, OpenAPI
from openapi_core.contrib.requests import RequestsOpenAPIRequest, RequestsOpenAPIResponse

FILE = Path(__file__).resolve().parents[3].parent / "shared" / "contracts" / "alpaca-broker.openapi.yaml"
ABSENT = "by design: the specification is not here"
SERVER = "http://broker.invalid/broker"
STREAM = "text/event-stream"
ERROR = {"$ref": "#/components/schemas/Error"}
SHOUTED = ["UNEMPLOYED", "EMPLOYED", "STUDENT", "RETIRED"]
NON_TRADE = {"$ref": "#/components/schemas/NonTradeActivity"}
Document = dict[str, Any]


@cache
def specification() -> OpenAPI:
    document = yaml.safe_load(FILE.read_text())
    for amend in TOLERANCES.values():
        amend(document)
    config = Config(spec_validator_cls=None, extra_media_type_deserializers={STREAM: events_of})
    return OpenAPI.from_dict({**document, "servers": [{"url": SERVER}]}, config=config)


def events_of(body: bytes, **_: str) -> list[Any]:
    """Every event of a stream that has ended."""
    lines = body.decode().split("\n")
    return [json.loads(line.removeprefix("data: ")) for line in lines if line.startswith("data: ")]


def hold_against_it(answer: requests.Response) -> None:
    """Raises OpenAPIError where an exchange breaks the specification; a request that was refused may."""
    sent = answer.request.copy()
    sent.url = SERVER + str(sent.url).split("/broker", 1)[1]
    request = RequestsOpenAPIRequest(sent)
    if answer.status_code < 400:
        specification().validate_request(request)
    specification().validate_response(request, RequestsOpenAPIResponse(answer))


def is_specified(answer: requests.Response) -> bool:
    """Whether the exchange was with the Broker API, and not with the address that a download leads to."""
    path = urlsplit(str(answer.request.url)).path
    return path.startswith("/broker/") and not path.startswith("/broker/files/")


def operations(document: Document) -> dict[str, Document]:
    return {
        f"{method.upper()} {path}": operation
        for path, item in document["paths"].items()
        for method, operation in item.items()
    }


def schemas(document: Document) -> dict[str, Any]:
    found: dict[str, Any] = document["components"]["schemas"]
    return found


def nullable(schema: Document, *names: str) -> None:
    for name in names:
        schema["properties"][name] = {"anyOf": [schema["properties"][name], {"type": "null"}]}


def unrequired(schema: Document, *names: str) -> None:
    schema["required"] = [name for name in schema.get("required", []) if name not in names]


def without_required(schema: Document) -> Document:
    return {name: value for name, value in schema.items() if name != "required"}


def errors_are_objects(document: Document) -> None:
    """A code and a message also where the file has a string, nothing, or no such refusal."""
    for operation in operations(document).values():
        for status in ("400", "401", "403", "404", "409", "410", "422", "429"):
            operation["responses"][status] = {
                "description": "refused",
                "content": {"application/json": {"schema": ERROR}},
            }


def bearer_works(document: Document) -> None:
    document["components"]["securitySchemes"]["BearerAuth"] = {"type": "http", "scheme": "bearer"}
    document["security"].append({"BearerAuth": []})


def updates_are_partial(document: Document) -> None:
    properties = schemas(document)["AccountUpdateRequest"]["properties"]
    for part in ("contact", "identity", "disclosures", "trusted_contact"):
        properties[part] = without_required(schemas(document)[properties[part]["$ref"].rsplit("/", 1)[1]])


def second_accounts_bring_nobody(document: Document) -> None:
    unrequired(schemas(document)["AccountCreationRequest"], "contact", "identity", "disclosures")


def accounts_have_gaps(document: Document) -> None:
    for name in ("Account", "AccountExtended"):
        properties = schemas(document)[name]["properties"]
        nullable(schemas(document)[name], *({"account_sub_type", "trading_configurations"} & properties.keys()))


def findings_are_keyed_by_code(document: Document) -> None:
    schemas(document)["KYCResultType"] = {"type": ["object", "null"]}
    for name, field in (("AccountExtended", "kyc_results"), ("AccountStatusEvent", "kyc_results")):
        nullable(schemas(document)[name], field)


def employment_may_shout(document: Document) -> None:
    schemas(document)["Disclosures"]["properties"]["employment_status"]["enum"] += SHOUTED


def uploads_hold_fields_or_content(document: Document) -> None:
    unrequired(schemas(document)["OwnerDocumentUploadRequest"], "content")


def a_processor_token_is_enough(document: Document) -> None:
    schemas(document)["CreateACHRelationshipRequest"].pop("required")


def links_leave_in_steps(document: Document) -> None:
    schemas(document)["ACHRelationship"]["properties"]["status"]["enum"] += ["CANCELED"]


def transfers_expire(document: Document) -> None:
    schemas(document)["TransferStatus"]["enum"] += ["EXPIRED"]


def entities_are_a_list(document: Document) -> None:
    _parameter(document, "GET /v1/accounts", "entities")["schema"] = {"type": "string"}


def times_may_be_days(document: Document) -> None:
    days = {"anyOf": [{"type": "string", "format": "date-time"}, {"type": "string", "format": "date"}]}
    for operation, names in {
        "GET /v1/accounts/activities": ("date", "after", "until"),
        "GET /v1/accounts/activities/{activity_type}": ("date", "after", "until"),
        "GET /v2beta1/events/activities": ("since", "until"),
    }.items():
        for name in names:
            _parameter(document, operation, name)["schema"] = days
    for name in ("legacy_start", "legacy_end"):
        document["components"]["parameters"][name]["schema"] = days


def activities_are_chosen_by_type(document: Document) -> None:
    schemas(document)["Activity"]["allOf"][1] = NON_TRADE
    details = schemas(document)["ActivityEventV2"]["allOf"][1]["properties"]
    details["details"] = {"$ref": "#/components/schemas/CSWActivityV2"}


def funding_events_name_what_moved(document: Document) -> None:
    event = schemas(document)["StatusFundingEvent"]
    event["properties"]["entity_type"] = {"enum": ["BankRelationship", "WireBank", "Transfer", "FundingWallet"]}
    nullable(event, "status_from")


def old_activities_are_a_stream(document: Document) -> None:
    item = {"$ref": "#/components/schemas/NonTradeActivityEvent"}
    content = {STREAM: {"schema": {"type": "array", "items": item}}}
    operations(document)["GET /v1/events/nta"]["responses"]["200"]["content"] = content
    nullable(schemas(document)["NonTradeActivityEvent"], "description", "symbol")


def one_event_is_a_stream_of_one(document: Document) -> None:
    path = "GET /v2beta1/accounts/{account_id}/events/activities/{event_id}"
    content = operations(document)[path]["responses"]["200"]["content"][STREAM]
    content["schema"] = {"type": "array", "items": content["schema"], "minItems": 1, "maxItems": 1}


def _parameter(document: Document, operation: str, name: str) -> Document:
    parameters = operations(document)[operation]["parameters"]
    found: Document = next(each for each in parameters if each.get("name") == name)
    return found


TOLERANCES: dict[str, Callable[[Document], None]] = {
    "errors are {code, message} everywhere": errors_are_objects,
    "Bearer works beside Basic": bearer_works,
    "PATCH bodies may be partial": updates_are_partial,
    "contact and identity are not needed with primary_account_holder_id": second_accounts_bring_nobody,
    "account_sub_type and trading_configurations may be null": accounts_have_gaps,
    "kyc_results are objects keyed by code, or null": findings_are_keyed_by_code,
    "employment_status is also upper case": employment_may_shout,
    "an upload has content or content_data": uploads_hold_fields_or_content,
    "a processor token alone is enough": a_processor_token_is_enough,
    "links may be CANCELED": links_leave_in_steps,
    "transfers may be EXPIRED": transfers_expire,
    "entities is a comma list": entities_are_a_list,
    "times may be days where the text says so": times_may_be_days,
    "activities are chosen by activity_type, since oneOf never holds": activities_are_chosen_by_type,
    "funding events have words for entity_type, and a null status_from": funding_events_name_what_moved,
    "NTA is an event stream": old_activities_are_a_stream,
    "a single activity event is the message of a stream": one_event_is_a_stream_of_one,
}
