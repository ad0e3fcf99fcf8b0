"""Everything that the Broker API refuses about an application for an account, one row for one field.

Each row changes one thing about a complete good body of `POST /v1/accounts` and says what the answer is. Whoever
sends applications can walk these rows: what their own rules let through, the broker must not be surprised by.
"""

from tests.brokerage.sandbox.refused import REMOVED, UNREADABLE, Refused, broken, malformed, without

REQUIRED, INVALID = "is required", "is invalid"
SPACED, STRANGE = "must not start or end with a space", "contains characters that are not allowed"
ALPHA_3, A_DAY = "must be an ISO 3166-1 alpha-3 code", "must be formatted as YYYY-MM-DD"
NO_BOX = "cannot be a P.O. Box"
A_STRING, AN_ARRAY, AN_OBJECT, A_BOOLEAN = (
    f"must be {what}" for what in ("a string", "an array", "an object", "a boolean")
)
ABROAD = (("contact.country", "GBR"),)
VISITOR = (("identity.visa_expiration_date", "2030-01-01"),)
FOREIGN_TAX = (("identity.tax_id_type", "GBR_UTR"),)
ITIN = (("identity.tax_id_type", "USA_ITIN"),)

PARTS = [
    *(malformed(part, REMOVED, REQUIRED) for part in ("contact", "identity", "disclosures", "agreements")),
    *(malformed(part, "text", REQUIRED) for part in ("contact", "identity", "disclosures", "agreements")),
    malformed("agreements", [], REQUIRED),
]

CONTACT = [
    broken("contact.email_address", REMOVED, REQUIRED),
    malformed("contact.email_address", 7, A_STRING),
    broken("contact.email_address", "nobody", INVALID),
    broken("contact.email_address", "ada@localhost", INVALID),
    broken("contact.email_address", "a" * 49 + "@example.com", INVALID),
    broken("contact.email_address", "ada+" + "a" * 85 + "@example.com", INVALID),
    broken("contact.email_address", "zoë@example.com", STRANGE),
    broken("contact.email_address", " ada@example.com", SPACED),
    broken("contact.street_address", REMOVED, REQUIRED),
    broken("contact.street_address", [], REQUIRED),
    malformed("contact.street_address", "20 N San Mateo Dr", AN_ARRAY),
    malformed("contact.street_address", [7], A_STRING),
    broken("contact.street_address", ["1 Elm St"] * 4, "must have at most 3 lines"),
    broken("contact.street_address", ["X"], INVALID),
    broken("contact.street_address", ["1234"], INVALID),
    broken("contact.street_address", ["1 Elm St "], SPACED),
    broken("contact.street_address", ["1 Élm St"], STRANGE),
    *(
        broken("contact.street_address", [line], NO_BOX)
        for line in ("P.O. Box 12", "PO Box 12", "p o box 12", "POBox12", "P/O Box 12", "Post Office Box 12",
                     "post-office box 12", "Postal Box 12", "P.O.B. 12", "POB 12", "1 Elm St, PO BOX 12")
    ),
    broken("contact.street_address", ["1 Elm St", "P.O. Box 12"], NO_BOX),
    broken("contact.street_address", ["P.O.", "Box 12"], NO_BOX),
    broken("contact.city", REMOVED, REQUIRED),
    broken("contact.city", "X", INVALID),
    broken("contact.city", "x" * 51, INVALID),
    broken("contact.city", "94401", INVALID),
    broken("contact.city", "Zürich", STRANGE),
    broken("contact.unit", "x" * 21, "must be at most 20 characters"),
    broken("contact.unit", "4½", STRANGE),
    broken("contact.phone_number", "by pigeon", INVALID),
    malformed("contact.phone_number", 15555550100, A_STRING),
    broken("contact.state", REMOVED, REQUIRED),
    broken("contact.state", REMOVED, REQUIRED, also=ABROAD),
    broken("contact.state", "ZZ", INVALID),
    malformed("contact.state", 7, A_STRING),
    broken("contact.state", "Bavaria", INVALID),
    broken("contact.state", "x" * 51, "must be at most 50 characters", also=ABROAD),
    broken("contact.postal_code", "9440", INVALID),
    broken("contact.postal_code", "944O1", INVALID),
    broken("contact.postal_code", "94401-123456", INVALID),
    malformed("contact.postal_code", 94401, A_STRING),
    broken("contact.postal_code", "x" * 13, "must be at most 12 characters", also=ABROAD),
    broken("contact.country", "US", ALPHA_3),
    broken("contact.country", "usa", ALPHA_3),
    malformed("contact.country", 840, A_STRING),
]  # fmt: skip

IDENTITY = [
    *(broken(f"identity.{name}", REMOVED, REQUIRED) for name in ("given_name", "family_name")),
    *(
        broken(f"identity.{name}", "x" * 51, "must be at most 50 characters")
        for name in ("given_name", "middle_name", "family_name")
    ),
    *(broken(f"identity.{name}", "Zoë", STRANGE) for name in ("given_name", "middle_name", "family_name")),
    *(broken(f"identity.{name}", " Ada", SPACED) for name in ("given_name", "middle_name", "family_name")),
    broken("identity.family_name", "Byron ", SPACED),
    malformed("identity.given_name", 7, A_STRING),
    broken("identity.date_of_birth", REMOVED, REQUIRED),
    broken("identity.date_of_birth", "12/10/1980", A_DAY),
    broken("identity.date_of_birth", "1980-12-10T00:00:00Z", A_DAY),
    broken("identity.date_of_birth", "19801210", A_DAY),
    broken("identity.date_of_birth", "1980-02-30", A_DAY),
    broken("identity.date_of_birth", 19801210, A_DAY),
    broken("identity.date_of_birth", "2020-01-01", INVALID),
    broken("identity.date_of_birth", "2999-01-01", INVALID),
    broken("identity.date_of_birth", "1880-12-10", INVALID),
    *(
        broken(f"identity.{name}", "US", ALPHA_3)
        for name in ("country_of_tax_residence", "country_of_citizenship", "country_of_birth")
    ),
    broken("identity.country_of_tax_residence", REMOVED, REQUIRED),
    broken("identity.funding_source", REMOVED, REQUIRED),
    broken("identity.funding_source", [], REQUIRED),
    malformed("identity.funding_source", "savings", AN_ARRAY),
    broken("identity.funding_source", ["lottery"], INVALID),
    malformed("identity.permanent_resident", "no", A_BOOLEAN),
    broken("identity.visa_type", "Z9", INVALID),
    broken("identity.visa_type", "H1B", REQUIRED, field="identity.visa_expiration_date"),
    *(
        broken("identity.visa_type", visa, REQUIRED, field="identity.date_of_departure_from_usa", also=VISITOR)
        for visa in ("B1", "B2")
    ),
    broken("identity.visa_expiration_date", "soon", A_DAY),
    broken("identity.date_of_departure_from_usa", "31.12.2030", A_DAY),
    broken("identity.marital_status", "single", INVALID),
    malformed("identity.number_of_dependents", 1.5, "must be an integer"),
    malformed("identity.number_of_dependents", "2", "must be an integer"),
    malformed("identity.number_of_dependents", True, "must be an integer"),
    broken("identity.number_of_dependents", -1, INVALID),
    *(
        broken(f"identity.investment_experience_with_{what}", "since childhood", INVALID)
        for what in ("stocks", "options")
    ),
]  # fmt: skip

FORTUNES = [
    row
    for name in ("annual_income", "liquid_net_worth", "total_net_worth")
    for row in (
        malformed(f"identity.{name}_min", "50000", "must be a number"),
        malformed(f"identity.{name}_max", True, "must be a number"),
        broken(f"identity.{name}_min", -1, INVALID),
        broken(f"identity.{name}_max", 10**14, INVALID),
        broken(f"identity.{name}_max", 10, f"must not be less than {name}_min", also=((f"identity.{name}_min", 20),)),
    )
]

TAX_IDS = [
    broken("identity.tax_id_type", REMOVED, REQUIRED),
    broken("identity.tax_id_type", "shoe size", INVALID),
    broken("identity.tax_id_type", "USA_" + "X" * 17, "must be at most 20 characters"),
    broken("identity.tax_id", REMOVED, REQUIRED),
    malformed("identity.tax_id", 444554321, A_STRING),
    *(
        broken("identity.tax_id", number, "must be 9 digits")
        for number in ("44455432", "4445543210", "44455432X", "444 55 4321", "xxx-xx-4321")
    ),
    *(
        broken("identity.tax_id", number, INVALID)
        for number in ("000-55-4321", "666-55-4321", "900-55-4321", "999-55-4321", "444-00-4321", "444-55-0000",
                       "444-44-4444", "123-45-6789", "012-34-5678", "876-54-3210")
    ),
    broken("identity.tax_id", "444-55-4321", INVALID, also=ITIN),
    broken("identity.tax_id", "912-00-4321", INVALID, also=ITIN),
    broken("identity.tax_id", "999-99-9999", INVALID, also=ITIN),
    broken("identity.tax_id", "9" * 41, INVALID, also=FOREIGN_TAX),
    broken("identity.tax_id", "ABCDEF", INVALID, also=FOREIGN_TAX),
    broken("identity.tax_id", "12/345", INVALID, also=FOREIGN_TAX),
]  # fmt: skip

QUESTIONS = (
    "is_control_person", "is_affiliated_exchange_or_finra", "is_politically_exposed", "immediate_family_exposed",
)  # fmt: skip
FIRM = {
    "context_type": "CONTROLLED_FIRM", "company_name": "Engines", "company_street_address": "1 Dorset St",
    "company_city": "London", "company_country": "GBR", "company_compliance_email": "rules@example.com",
}  # fmt: skip
EXPLAINED = (("disclosures.context", [FIRM]),)
STRICT = (("require_disclosure_context", True),)


DISCLOSURES = [
    *(broken(f"disclosures.{name}", REMOVED, REQUIRED) for name in QUESTIONS),
    *(broken(f"disclosures.{name}", None, REQUIRED) for name in QUESTIONS),
    *(malformed(f"disclosures.{name}", "no", A_BOOLEAN) for name in QUESTIONS),
    broken("disclosures.employment_status", "Employed", INVALID),
    broken("disclosures.employment_status", "idle", INVALID),
    malformed("disclosures.employment_status", True, A_STRING),
    broken("disclosures.employment_sector", "alchemy", INVALID),
    *(
        broken(f"disclosures.{name}", "x" * 101, "must be at most 100 characters")
        for name in ("employer_name", "employer_address", "employment_position")
    ),
    broken("disclosures.employer_name", "Fröbel", STRANGE),
    malformed("disclosures.context", "because", AN_ARRAY),
    malformed("disclosures.context", ["because"], AN_OBJECT),
    broken("disclosures.context", [{}], REQUIRED, field="disclosures.context.context_type"),
    broken("disclosures.context", [{"context_type": "OTHER"}], INVALID, field="disclosures.context.context_type"),
    *(
        broken("disclosures.context", [without(FIRM, name)], REQUIRED, field=f"disclosures.context.{name}")
        for name in FIRM if name not in ("context_type", "company_country")
    ),
    *(
        broken("disclosures.context", [{**without(FIRM, "company_country"), "context_type": kind}], REQUIRED,
               field="disclosures.context.company_country")
        for kind in ("CONTROLLED_FIRM", "AFFILIATE_FIRM")
    ),
    broken("disclosures.context.0.company_country", "USA", REQUIRED, field="disclosures.context.company_state",
           also=EXPLAINED),
    broken("disclosures.context.0.company_name", "x" * 101, "must be at most 100 characters",
           field="disclosures.context.company_name", also=EXPLAINED),
    broken("disclosures.context.0.company_state", "x" * 101, "must be at most 100 characters",
           field="disclosures.context.company_state", also=EXPLAINED),
    *(
        broken("disclosures.context", [without({"context_type": "IMMEDIATE_FAMILY_EXPOSED", "given_name": "Anne",
                                                "family_name": "Milbanke"}, name)], REQUIRED,
               field=f"disclosures.context.{name}")
        for name in ("given_name", "family_name")
    ),
    *(
        broken(f"disclosures.{name}", True, f"is required when {name} is true", field="disclosures.context",
               settings=STRICT)
        for name in ("is_control_person", "is_affiliated_exchange_or_finra", "immediate_family_exposed")
    ),
    broken("disclosures.immediate_family_exposed", True, "is required when immediate_family_exposed is true",
           field="disclosures.context", also=EXPLAINED, settings=STRICT),
]  # fmt: skip

AGREEMENTS = [
    malformed("agreements", ["customer_agreement"], AN_OBJECT),
    broken("agreements.0.agreement", REMOVED, REQUIRED),
    broken("agreements.0.agreement", "gentlemens_agreement", INVALID),
    broken("agreements.0.signed_at", REMOVED, REQUIRED),
    broken("agreements.0.signed_at", "yesterday", INVALID),
    broken("agreements.0.signed_at", "2026-09-08", INVALID),
    broken("agreements.0.signed_at", "2026-09-08T15:04:05", INVALID),
    broken("agreements.0.signed_at", "2026-09-08T25:04:05Z", INVALID),
    malformed("agreements.0.signed_at", 1788879845, A_STRING),
    broken("agreements.0.signed_at", "2999-01-01T00:00:00Z", "cannot be in the future"),
    broken("agreements.0.ip_address", REMOVED, REQUIRED),
    *(
        broken("agreements.0.ip_address", address, "must be an IPv4 address")
        for address in ("::1", "2001:db8::7", "999.0.0.1", "example.com", "203.0.113.7:443")
    ),
    malformed("agreements.0.ip_address", 2130706433, A_STRING),
    broken("agreements.0.revision", "x" * 31, "must be at most 30 characters"),
    broken("agreements.0.agreement", "margin_agreement", "must include customer_agreement", field="agreements"),
    broken("enabled_assets", ["us_equity", "crypto"], "must include crypto_agreement for crypto", field="agreements"),
    broken("enabled_assets", ["us_option"], "must include options_agreement for us_option", field="agreements"),
]  # fmt: skip

MARY = {"given_name": "Mary", "family_name": "Somerville", "email_address": "mary@example.com"}
REACHED = (("trusted_contact", MARY),)
HOUSED = {**without(MARY, "email_address"), "street_address": ["1 High St"], "city": "Jedburgh", "state": "Borders",
          "postal_code": "TD8 6AA", "country": "GBR"}  # fmt: skip

AT_HOME = (("trusted_contact", HOUSED),)
TRUSTED_CONTACT = [
    malformed("trusted_contact", "Mary", AN_OBJECT),
    *(broken(f"trusted_contact.{name}", REMOVED, REQUIRED, also=REACHED) for name in ("given_name", "family_name")),
    broken("trusted_contact.given_name", "x" * 51, "must be at most 50 characters", also=REACHED),
    broken("trusted_contact.email_address", REMOVED,
           "must have an email_address, a phone_number or a street_address", field="trusted_contact", also=REACHED),
    broken("trusted_contact.email_address", "mary", INVALID, also=REACHED),
    broken("trusted_contact.phone_number", "by pigeon", INVALID, also=REACHED),
    broken("trusted_contact.street_address", ["P.O. Box 12"], NO_BOX, also=REACHED),
    *(
        broken("trusted_contact", without(HOUSED, name), REQUIRED, field=f"trusted_contact.{name}")
        for name in ("city", "state", "postal_code", "country")
    ),
    *(
        broken(f"trusted_contact.{name}", "x" * 51, "must be at most 50 characters", also=AT_HOME)
        for name in ("city", "state", "postal_code")
    ),
    broken("trusted_contact.country", "GB", ALPHA_3, also=REACHED),
]  # fmt: skip

PASSPORT = {"document_type": "identity_verification", "content": "JVBERi0xLjQ=", "mime_type": "application/pdf"}
SENT = (("documents", [PASSPORT]),)

DOCUMENTS = [
    Refused("documents", {"0": PASSPORT}, 400, UNREADABLE, "documents"),
    Refused("documents", ["passport"], 400, UNREADABLE, "documents"),
    Refused("documents", 7, 400, UNREADABLE, "documents"),
    malformed("documents", [], "must be between 1 and 10"),
    malformed("documents", [PASSPORT] * 11, "must be between 1 and 10"),
    malformed("documents.0.document_type", "library_card", INVALID, also=SENT),
    malformed("documents.0.mime_type", "image/svg+xml", INVALID, also=SENT),
    malformed("documents.0.content", "", REQUIRED, also=SENT),
    malformed("documents.0.content", "not base64!", "must be encoded in base64", also=SENT),
    broken("documents.0.document_sub_type", "x" * 61, "must be at most 60 characters", also=SENT),
    malformed("documents", [{"document_type": "w8ben", "content_data": "Australia"}], AN_OBJECT,
              field="documents.content_data"),
]  # fmt: skip

HEIR = {"given_name": "Byron", "middle_name": "N", "family_name": "King", "date_of_birth": "1986-05-12",
        "tax_id": "444-55-4322", "tax_id_type": "USA_SSN", "relationship": "child", "type": "primary",
        "share_pct": "100"}  # fmt: skip
INHERITED = (("beneficiaries", [HEIR]),)
ALL_OF_IT = "of all beneficiaries must add up to 100"

ACCOUNT = [
    broken("account_type", "piggy_bank", INVALID),
    broken("account_type", "ira", REQUIRED, field="account_sub_type"),
    broken("account_sub_type", "sideways", INVALID, also=(("account_type", "ira"),)),
    broken("account_sub_type", "roth", "is only allowed for ira accounts"),
    malformed("enabled_assets", "us_equity", AN_ARRAY),
    broken("enabled_assets", ["tulips"], INVALID),
    broken("currency", "XAU", INVALID),
    malformed("additional_information", 7, A_STRING),
    malformed("allow_instant_ach", "yes", A_BOOLEAN),
    *(
        broken(name, "whatever", INVALID)
        for name in ("investment_objective", "investment_time_horizon", "risk_tolerance", "liquidity_needs")
    ),
    *(malformed(name, "yes", AN_OBJECT) for name in ("trading_configurations", "cash_interest", "fpsl")),
    malformed("beneficiaries", "Byron", AN_ARRAY),
    malformed("beneficiaries", ["Byron"], AN_OBJECT),
    broken("beneficiaries", [{**HEIR, "share_pct": "10"}] * 7, "must be at most 6"),
    broken("beneficiaries.0.share_pct", "99", ALL_OF_IT, also=INHERITED),
    broken("beneficiaries.0.share_pct", "half", ALL_OF_IT, also=INHERITED),
    *(
        broken(f"beneficiaries.0.{name}", REMOVED, REQUIRED, also=INHERITED)
        for name in HEIR if name != "middle_name"
    ),
    broken("beneficiaries.0.middle_name", "x" * 51, "must be at most 50 characters", also=INHERITED),
    broken("beneficiaries.0.date_of_birth", "12.05.1986", A_DAY, also=INHERITED),
]  # fmt: skip

NOBODY = "0b9e4d42-0000-4000-8000-000000000000"
ALONE = (("contact", REMOVED), ("identity", REMOVED), ("disclosures", REMOVED))
SECOND_ACCOUNT = [
    malformed("primary_account_holder_id", 7, A_STRING, also=ALONE),
    malformed("primary_account_holder_id", NOBODY, "is not eligible to open an additional account", also=ALONE),
    malformed("primary_account_holder_id", NOBODY, "must not be specified together with primary_account_holder_id",
              field="contact"),
    malformed("primary_account_holder_id", NOBODY, "must not be specified together with primary_account_holder_id",
              field="identity", also=(("contact", REMOVED),)),
    malformed("primary_account_holder_id", NOBODY, "must be trading or ira for an additional account",
              field="account_type", also=(*ALONE, ("account_type", "custodial"))),
    malformed("primary_account_holder_id", NOBODY, AN_OBJECT, field="disclosures",
              also=(*ALONE, ("disclosures", "none"))),
    broken("primary_account_holder_id", NOBODY, REQUIRED, field="disclosures.is_control_person",
           also=(*ALONE, ("disclosures", {"is_politically_exposed": False}))),
]  # fmt: skip

SECTIONS: dict[str, list[Refused]] = {
    "parts": PARTS,
    "contact": CONTACT,
    "identity": IDENTITY,
    "fortunes": FORTUNES,
    "tax ids": TAX_IDS,
    "disclosures": DISCLOSURES,
    "agreements": AGREEMENTS,
    "trusted contact": TRUSTED_CONTACT,
    "documents": DOCUMENTS,
    "account": ACCOUNT,
    "second account": SECOND_ACCOUNT,
}
REFUSALS = [row for section in SECTIONS.values() for row in section]
