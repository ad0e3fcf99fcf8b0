"""The numbers by which tax offices know a person. They are secret: no message here repeats one."""

import re

from stdnum.us import ssn

from accounts.rules import NotTaken

LONGEST_FOREIGN = 40
_MADE_UP = ("123456789", "987654321")
# The groups that the tax office gives out: https://www.irs.gov/irm/part3/irm_03-021-263r
_ITIN = re.compile(r"9[0-9]{2}(5[0-9]|6[0-5]|7[0-9]|8[0-8]|9[0-24-9])[0-9]{4}")
_DASHES_AND_SPACES = re.compile(r"[\s.\-\u2010-\u2015\u2212]")

# The broker's word for each kind of number (tax_id_type), and what its holder calls it:
# https://docs.alpaca.markets/reference/createaccount
KINDS = {
    "USA_SSN": "United States: Social Security number",
    "USA_ITIN": "United States: individual taxpayer number (ITIN)",
    "ARG_AR_CUIT": "Argentina: CUIT",
    "AUS_ABN": "Australia: business number (ABN)",
    "AUS_TFN": "Australia: tax file number (TFN)",
    "BOL_NIT": "Bolivia: NIT",
    "BRA_CPF": "Brazil: CPF",
    "CHL_RUT": "Chile: RUT",
    "COL_NIT": "Colombia: NIT",
    "CRI_NITE": "Costa Rica: NITE",
    "DOM_RNC": "Dominican Republic: RNC",
    "ECU_RUC": "Ecuador: RUC",
    "SLV_NIT": "El Salvador: NIT",
    "FRA_SPI": "France: tax number (SPI)",
    "DEU_TAX_ID": "Germany: tax number (Steuer-IdNr.)",
    "GTM_NIT": "Guatemala: NIT",
    "HND_RTN": "Honduras: RTN",
    "HUN_TIN": "Hungary: tax number",
    "IND_PAN": "India: PAN",
    "IDN_KTP": "Indonesia: KTP",
    "ISR_TAX_ID": "Israel: Teudat Zehut",
    "ITA_TAX_ID": "Italy: Codice Fiscale",
    "JPN_TAX_ID": "Japan: My Number (Kojin Bango)",
    "MEX_RFC": "Mexico: RFC",
    "NLD_TIN": "Netherlands: tax number (BSN)",
    "NIC_RUC": "Nicaragua: RUC",
    "PAN_RUC": "Panama: RUC",
    "PRY_RUC": "Paraguay: RUC",
    "PER_RUC": "Peru: RUC",
    "SGP_NRIC": "Singapore: NRIC",
    "SGP_FIN": "Singapore: FIN",
    "SGP_ASGD": "Singapore: ASGD",
    "SGP_ITR": "Singapore: ITR",
    "SWE_TAX_ID": "Sweden: Personnummer",
    "GBR_NINO": "United Kingdom: National Insurance number",
    "GBR_UTR": "United Kingdom: unique taxpayer reference (UTR)",
    "URY_RUT": "Uruguay: RUT",
    "VEN_RIF": "Venezuela: RIF",
    "NATIONAL_ID": "Another country: national identity number",
    "PASSPORT": "Another country: passport number",
    "PERMANENT_RESIDENT": "Another country: permanent resident number",
    "DRIVER_LICENSE": "Another country: driver’s license number",
    "OTHER_GOV_ID": "Another country: other number from a government",
    "NOT_SPECIFIED": "Another country: other tax number",
}


def social_security(text: str) -> str:
    """Return nine digits that may have been given out. Raises NotTaken."""
    digits = _nine_digits(text, "A Social Security number has nine digits. Enter all of them.")
    if _is_made_up(digits) or not ssn.is_valid(f"{digits[:3]}-{digits[3:5]}-{digits[5:]}"):
        raise NotTaken("No Social Security number looks like this. Check each digit.")
    return digits


def individual_taxpayer(text: str) -> str:
    """Return the nine digits of an ITIN, the tax number of people without a Social Security number. Raises NotTaken."""
    digits = _nine_digits(text, "An ITIN has nine digits. Enter all of them.")
    if _is_made_up(digits) or not _ITIN.fullmatch(digits) or digits.endswith("0000"):
        raise NotTaken("No ITIN looks like this. Check each digit.")
    return digits


def foreign(text: str) -> str:
    """Return another country's number as the broker takes it, without the spaces. Raises NotTaken."""
    number = re.sub(r"\s", "", text)
    if not re.fullmatch(r"[A-Za-z0-9.+-]*", number):
        raise NotTaken("Use the letters A to Z, digits, dots, hyphens and plus signs only.")
    if not re.search("[0-9]", number):
        raise NotTaken("Enter the number that your tax office gave you. It has digits.")
    if len(number) > LONGEST_FOREIGN:
        raise NotTaken(f"This is too long. Check the number: it has at most {LONGEST_FOREIGN} letters and digits.")
    return number


def _nine_digits(text: str, otherwise: str) -> str:
    digits = _DASHES_AND_SPACES.sub("", text)
    if not re.fullmatch("[0-9]{9}", digits):
        raise NotTaken(otherwise)
    return digits


def _is_made_up(digits: str) -> bool:
    return digits in _MADE_UP or len(set(digits)) == 1
