"""Days in a person's life. Each returns the day as the broker wants it, YYYY-MM-DD."""

from datetime import date

from accounts.rules import NotTaken

FIRST_BIRTH_YEAR, OLDEST, ADULT = 1900, 120, 18
# No visa is given for longer, and no visitor stays longer.
LONGEST_VISA, LONGEST_VISIT = 50, 20


def birth(day: date, today: date) -> str:
    """Return an adult's day of birth; who is born on February 29 comes of age on March 1. Raises NotTaken."""
    if day > today:
        raise NotTaken("This day has not come yet. Enter the day you were born.")
    if day.year < FIRST_BIRTH_YEAR or years_since(day, today) > OLDEST:
        raise NotTaken("Check the year: it is too long ago.")
    if years_since(day, today) < ADULT:
        raise NotTaken("You must be 18 or older to open an account.")
    return day.isoformat()


def visa_end(day: date, today: date) -> str:
    """Return the last day of a visa that still stands. Raises NotTaken."""
    if day < today:
        raise NotTaken("This visa has ended. Enter the last day of the visa that you hold now.")
    if years_since(today, day) >= LONGEST_VISA:
        raise NotTaken("Check the year: no visa lasts that long.")
    return day.isoformat()


def departure(day: date, today: date) -> str:
    """Return the day on which a visitor leaves the United States. Raises NotTaken."""
    if day < today:
        raise NotTaken("This day has passed. Enter the day you plan to leave the United States.")
    if years_since(today, day) >= LONGEST_VISIT:
        raise NotTaken("Check the year: no visit lasts that long.")
    return day.isoformat()


def years_since(day: date, today: date) -> int:
    """Return how many full years have passed."""
    return today.year - day.year - ((today.month, today.day) < (day.month, day.day))
