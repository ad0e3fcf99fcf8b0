"""The words that Plaid knows, list by list. Its SDKs check none of them: a slip must be caught on this side."""


def words(text: str) -> frozenset[str]:
    return frozenset(text.split())


COUNTRIES = words("US GB ES NL FR IE CA DE IT PL DK NO SE EE LT LV PT BE AT FI")
LANGUAGES = words("da nl en et fr de hi it lv lt no pl pt ro es sv vi")
PRODUCTS = words(
    """assets auth balance balance_plus beacon cra_base_report cra_cashflow_insights cra_home_lending
    cra_income_insights cra_lend_score cra_monitoring cra_network_insights cra_partner_insights
    cra_plaid_credit_score cra_qualify credit_details employment identity identity_match identity_verification
    income income_verification investments investments_auth layer liabilities pay_by_bank payment_initiation
    processor_identity processor_payments profile protect_linked_bank protect_transactions recurring_transactions
    signal standing_orders statements transactions transactions_refresh transfer"""
)
PROCESSORS = words(
    """achq adp_roll adyen adyen_ca airwallex alloy alpaca anchorage ansa apex_clearing array astra atomic atomicfi
    bakkt bitgo bizcap bloom_credit bond boom brale cardless cardlytics check checkbook checkout circle curinos
    cybrid drivewealth dwolla esusu fiant finix fortress_trust frame gainbridge galileo gemini gusto highnote i2c
    increase interchange interchecks kanmon kick kikoff_enterprise knot layer lithic loanpro marqeta
    modern_treasury moov natural nuvei oatfi ocrolus open_ledger parafin pay pinwheel riskified rize sardine
    scribeup seamlessach sfox sila_money solid stake straddle svb_api taba_pay teal thread_bank treasury_prime
    unit utb valon vesta vopay webull wedbush wepay wyre zero_hash"""
)
ACCOUNT_TYPES = words("depository credit loan investment other")
# Subtypes of the account types that a filter may name; those of investments are too many and too odd to list.
DEPOSITORY = frozenset(
    ("checking", "savings", "hsa", "cd", "money market", "paypal", "prepaid", "cash management", "ebt", "all")
)
REMOVAL_REASONS = words(
    """FRAUD_FIRST_PARTY FRAUD_FALSE_IDENTITY FRAUD_ABUSE FRAUD_OTHER CONNECTION_IS_NON_FUNCTIONAL OTHER"""
)
DECISIONS = words("APPROVE REVIEW REJECT TAKE_OTHER_RISK_MEASURES NOT_EVALUATED")
PAYMENT_METHODS = words("SAME_DAY_ACH NEXT_DAY_ACH STANDARD_ACH MULTIPLE_PAYMENT_METHODS")
AUTH_SWITCHES = words(
    """auth_type_select_enabled automated_microdeposits_enabled instant_match_enabled same_day_microdeposits_enabled
    instant_microdeposits_enabled database_match_enabled database_insights_enabled
    sms_microdeposits_verification_enabled"""
)
REROUTES = words("OFF OPTIONAL FORCED")
