"""What the broker would not take, by the rule that refuses it. None may pass, and each is answered by a sentence."""

from collections.abc import Callable
from datetime import date
from functools import partial

from accounts.rules import addresses, days, emails, letters, names, phones, tax_ids

TODAY = date(2026, 11, 22)
INVISIBLE = [
    *("Ada\x00", "A\x07da", "Ada\x7fB", "A\u200bda", "\ufeffAda", "A\u202eda", "A\u2028da", "A\ue000da", "A\nda"),
    *("A\tda", "A\u00adda", "A\u200dda", "A\u200cda", "\u200dعلي", "علي\u200c\u200cرضا", "A\u0378da", "A\U000f0000da"),
    *("A\ud800da", "A\u2066da", "A\u200eda", "A\x1bda"),
]
PICTURES = ["Ada 😀", "🏠 Main St", "☎ Ada", "→ Main St", "❤"]
_PO_BOXES = """
PO Box 12;P.O. Box 12;p.o.box 12;P O Box 12;POBox 12;PO Box12;PO  Bx 12;P. O. Box #12;Post Office Box 12;POST-OFFICE BOX 12
Postal Box 12;Post Box 12;POB 12;P.O.B. 12;P/O Box 12;PO Bx 12;P0 Box 12;PO B0X 12;P O B O X 12;Box 12;Box #12;Box No. 12;BOX12
P.O. 12;PO Drawer 12;Drawer 5;84 Willow Terrace, PO Box 12;12 Main St POB 7;Post Ofc Box 3;Post Off Box 3;Postoffice Box 4
P. Office Box 4;GPO Box 2;PBox 4;Po. Box. 9;POBX 7;PO-Box-7;P_O_Box 7;PO Bin 4;Lock Box 4;Lockbox 12;Mailbox 7;PO Boxes 4-6
Caller box;Firm Caller;Caller Service 14;Caller #5;Call Box 5000;Apartado 5;Apartado Postal 77;Apdo. Postal 3;Casilla 44
Casilla de Correo 9;Caixa Postal 12;Case postale 22;Boîte postale 5;BP 123;B.P. 123;Postfach 10 12 14;Postbus 5;Private Bag 11
Locked Bag 2;а/я 12;東京中央郵便局私書箱12号;ص.ب 123;صندوق بريد 7;ＰＯ Ｂｏｘ 12;1 Pobox Hill Rd;PO Box;P.O.Box;Post Office Box
"""  # noqa: E501
PO_BOXES = [box for line in _PO_BOXES.strip().splitlines() for box in line.split(";")]
_REPEATED = [f"{digit * 3}-{digit * 2}-{digit * 4}" for digit in "0123456789"]

Rule = Callable[[str], str]
TYPED: dict[str, tuple[Rule, list[str]]] = {
    "readable": (letters.readable, [*INVISIBLE, *PICTURES]),
    "line": (letters.line, ["", " ", "123", "!!", "x" * 101, *INVISIBLE, *PICTURES]),
    "name": (
        names.name,
        [
            *("", "   ", "123", "!!!", "-", "'", "...", "a" * 101, "ада" * 34, "ada@example.com", "www.example.com"),
            *("<b>Ada</b>", "Ada; drop table", "Ada = Eve", "Ada $", "Ada%20Lee", "{{ name }}", "Ada\\Lee", "Ada_Lee"),
            *("444-55-4321", "Ada 444554321", "call 2015550143", "Ada?", "Ada*", "[Ada]", "Ada+Eve", "€da"),
            *INVISIBLE,
            *PICTURES,
        ],
    ),
    "street": (
        addresses.street,
        ["", " ", "7", "12345", "x", "12-34", "#5", "½", "x" * 101, "﷽" * 90, *PO_BOXES, *INVISIBLE, *PICTURES],
    ),
    "unit": (addresses.unit, ["x" * 21, "Apt\x00 3", "李小龍" * 6, "\u0301", "🏠"]),
    "city": (addresses.city, ["", " ", "1", "12345", "x", "Y", "!!", "x" * 51, "北京市" * 12, "Hob\x00oken", "🏠"]),
    "us_state": (addresses.us_state, ["", "XX", "ON", "Ontario", "N J", "New", "N\x00J", "Québec", "12"]),
    "zip_code": (
        addresses.zip_code,
        [
            *("", "0703", "070300", "07030-", "07030-12", "O7030", "٠٧٠٣٠", "07030\x00", "SW1A 2AB", "07030-12345"),
            *("-07030", "0 7030", "07030--1234", "zip"),
        ],
    ),
    "zip_in_state": (
        lambda pair: addresses.zip_in_state(*pair.split()),
        [
            *(
                "90210 NJ",
                "07030 CA",
                "30301 NY",
                "10001 TX",
                "02134 AK",
                "06390 CT",
                "96799 HI",
                "83414 ID",
                "73960 OK",
            ),
            *("00000 NY", "96910 HI", "09204 NY", "34002 FL", "20001 VA", "99999 XX", "88888 TX", "71901 LA"),
        ],
    ),
    "postal_code_abroad": (
        partial(addresses.postal_code, country="GBR"),
        ["SW1A 2AB SW1A 2AB", "1234567890123", "SW1A/2AB", "SW1A\x00", "<>", "--", "京都京都京都京都"],
    ),
    "postal_code_at_home": (partial(addresses.postal_code, country="USA"), ["", "SW1A 2AB", "0703"]),
    "state_abroad": (addresses.state_abroad, ["x" * 51, "On\x00tario", "🏠", "北海道" * 12]),
    "phone": (
        phones.phone,
        [
            *(
                "",
                "555-0143",
                "911",
                "call me",
                "201555014",
                "+1 201 555 01433",
                "0" * 30,
                "\x00",
                "(201) 555-0143 x12",
            ),
            *("201-555-0143 ext. 4", "201 555 0143 extension 77", "201-555-0143;ext=5", "+", "+0 123 456 7890"),
            *("44 20 7946 0958", "020 7946 0958", "055 555 0143", "155 555 0143", "201 055 0143", "201 155 0143"),
            *("+999 1234567", "+1", "ada@example.com", "1" * 300, "+44 20", "201-555-O143", "²01 555 0143", "☎"),
        ],
    ),
    "social_security": (
        tax_ids.social_security,
        [
            *("", "000-55-4321", "666-55-4321", "900-55-4321", "999-55-4321", "444-00-4321", "444-55-0000"),
            *("078-05-1120", "219-09-9999", "457-55-5462", "123-45-6789", "987-65-4321", "44455432", "4445543210"),
            *("444-55-432l", "٤٤٤٥٥٤٣٢١", "444\x00554321", "444-55-4321; drop", "912-70-1234", "***-**-4321"),
            *_REPEATED,
        ],
    ),
    "individual_taxpayer": (
        tax_ids.individual_taxpayer,
        [
            *("", "444-55-4321", "912-49-1234", "912-66-1234", "912-69-1234", "912-89-1234", "912-93-1234"),
            *("912-00-1234", "912-70-0000", "987-65-4321", "91270123", "9127012345", "9l2-70-1234", *_REPEATED),
        ],
    ),
    "foreign": (
        tax_ids.foreign,
        ["", " ", "ABC", "...", "1" * 41, "12/345/678", "12_34", "№ 12", "１２３４", "12\x0034", "ИНН 1234", "<12>"],
    ),
    "email_for_broker": (
        emails.email_for_broker,
        [
            *("", "ada", "ada@", "@example.com", "ada@example", "ada@@example.com", "ada @example.com", "a@b..com"),
            *("ada@example.com.", "ada@-example.com", "adä@example.com", "ada@bücher.example", "ada@exa\x00mple.com"),
            *(f"{'a' * 49}@example.com", f"ada+{'b' * 90}@example.com", "a..b@example.com", "Ada <ada@example.com>"),
        ],
    ),
}
DAYS: dict[str, tuple[Callable[[date, date], str], list[str]]] = {
    "birth": (
        days.birth,
        ["9999-12-31", "2026-11-23", "2026-11-22", "2008-11-23", "1899-12-31", "1905-01-01"],
    ),
    "visa_end": (days.visa_end, ["2026-11-21", "1999-01-01", "0001-01-01", "2077-01-01", "9999-12-31"]),
    "departure": (days.departure, ["2026-11-21", "1999-01-01", "0001-01-01", "2047-01-01", "9999-12-31"]),
}


def bad_answers() -> list[tuple[str, Callable[[], str], str]]:
    """Return the rule's name, the call that is to be refused, and what was typed."""
    typed = [(kind, partial(rule, text), text) for kind, (rule, texts) in TYPED.items() for text in texts]
    on_days = [
        (kind, partial(rule, date.fromisoformat(day), TODAY), day)
        for kind, (rule, all_) in DAYS.items()
        for day in all_
    ]
    return [*typed, *on_days]
