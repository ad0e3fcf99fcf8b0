"""What every template may use without loading it: amounts, times, icons, and the name on the door.

Settings name this module twice: as a built-in tag library and for the context processor `site`.
"""

from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest
from django.template import Library
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from brokerage import chart
from brokerage import money as dollars

register = Library()

NEW_YORK = ZoneInfo("America/New_York")  # where the banking day is
NOTHING = "\u2014"  # an em dash stands for an amount or a time that we don't know


def site(request: HttpRequest) -> dict[str, object]:
    """Give every template the brand and the world it runs in."""
    return {
        "brand_name": settings.BRAND_NAME,
        "brand_legal_name": settings.BRAND_LEGAL_NAME,
        "support_email": settings.SUPPORT_EMAIL,
        "sandbox_mode": settings.BROKERAGE_ENV != "production",
        "sandbox_desk_url": settings.SANDBOX_DESK_URL,
        "local_mode": settings.BROKERAGE_ENV == "local",
    }


# --- Money ------------------------------------------------------------------------------------------------------------


def _figure(text: str) -> SafeString:
    whole, _, cents = text.partition(".")
    return format_html('<span class="money">{}<small>.{}</small></span>', whole, cents)


@register.filter
def money(amount: Decimal | None) -> SafeString | str:
    """$1,250.00 with the cents a shade lighter."""
    return NOTHING if amount is None else _figure(dollars.show(amount))


@register.filter
def signed_money(amount: Decimal | None, direction: str) -> SafeString | str:
    """+$250.00 for what comes in, −$250.00 for what goes out."""
    if amount is None:
        return NOTHING
    return _figure(f"{dollars.MINUS if direction == 'OUTGOING' else '+'}{dollars.show(abs(amount))}")


@register.filter
def plain_money(amount: Decimal | None) -> str:
    """The amount as text, for titles and buttons."""
    return NOTHING if amount is None else dollars.show(amount)


# --- Days and times, as the banks' clock has them ---------------------------------------------------------------------


def _day_text(day: date) -> str:
    text = f"{day:%a, %b} {day.day}"
    return text if day.year == timezone.localdate(timezone=NEW_YORK).year else f"{text}, {day.year}"


def _in_new_york(at: datetime) -> datetime:
    return (timezone.make_aware(at, NEW_YORK) if timezone.is_naive(at) else at).astimezone(NEW_YORK)


@register.filter
def day(on: date | datetime | None) -> SafeString | str:
    """Tue, Nov 24; with the year when it is another one."""
    if on is None:
        return NOTHING
    if isinstance(on, datetime):
        on = _in_new_york(on).date()
    return format_html('<time datetime="{}">{}</time>', on.isoformat(), _day_text(on))


@register.filter
def day_text(on: date) -> str:
    """The same without a tag, for where none can stand."""
    return _day_text(on)


@register.filter
def moment(at: datetime | None) -> SafeString | str:
    """Tue, Nov 24, 10:52 AM EST."""
    if at is None:
        return NOTHING
    at = _in_new_york(at)
    text = f"{_day_text(at.date())}, {at.hour % 12 or 12}:{at:%M %p %Z}"
    return format_html('<time datetime="{}">{}</time>', at.isoformat(timespec="minutes"), text)


# --- Marks ------------------------------------------------------------------------------------------------------------


@register.simple_tag
def icon(name: str) -> SafeString | str:
    """One drawing of the sprite; it is never the only bearer of a meaning, so it is not read out."""
    if not name:
        return ""
    sprite = static("img/sprite.svg")
    return format_html('<svg class="icon" aria-hidden="true"><use href="{}#{}"/></svg>', sprite, name)


@register.filter
def masked(digits: str | None) -> SafeString | str:
    """••4417 to the eye, "ending 4417" to the ear."""
    if not digits:
        return ""
    return format_html(
        '<span class="text-nowrap"><span aria-hidden="true">••</span>'
        '<span class="visually-hidden">ending </span>{}</span>',
        digits,
    )


# --- Drawings ---------------------------------------------------------------------------------------------------------


@register.inclusion_tag("_chart.html")
def value_chart(points: list[chart.Point], name: str, title: str) -> dict[str, object]:
    """One amount a day as a drawing and as a table; `name` is a word that no other drawing of the page has."""
    return {"chart": chart.draw(points), "name": name, "title": title, "width": chart.WIDTH, "height": chart.HEIGHT}
