"""The world's countries and territories, by the names that people know."""

from functools import cache
from typing import cast

import pycountry
from anyascii import anyascii
from django.utils.functional import SimpleLazyObject

# Where the standard's name is not what people say; pycountry's own common names cover the rest.
_PLAIN_NAMES = {
    "BRN": "Brunei",
    "COD": "Congo (Kinshasa)",
    "COG": "Congo (Brazzaville)",
    "FLK": "Falkland Islands",
    "FSM": "Micronesia",
    "PSE": "Palestine",
    "RUS": "Russia",
    "SHN": "Saint Helena",
    "SXM": "Sint Maarten",
    "MAF": "Saint Martin",
    "BES": "Caribbean Netherlands",
    "CCK": "Cocos Islands",
    "SYR": "Syria",
    "TUR": "Turkey",
    "VAT": "Vatican City",
    "VGB": "British Virgin Islands",
    "VIR": "US Virgin Islands",
    "UMI": "US Minor Outlying Islands",
    "CPV": "Cape Verde",
}


@cache
def _names() -> dict[str, str]:
    """Return each country's plain name by its three letters (ISO 3166-1 alpha-3), in the order of the names."""
    named = {
        country.alpha_3: _PLAIN_NAMES.get(country.alpha_3) or getattr(country, "common_name", country.name)
        for country in pycountry.countries
    }
    return dict(sorted(named.items(), key=lambda each: anyascii(each[1])))


# Read from pycountry's file by whoever asks first, and not at the start of every process.
COUNTRIES = cast("list[tuple[str, str]]", SimpleLazyObject(lambda: list(_names().items())))


def name_of(alpha3: str) -> str:
    """Return the plain name, such as Bolivia; three letters that we do not know stand for themselves."""
    return _names().get(alpha3, alpha3)
