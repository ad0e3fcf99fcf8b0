"""What a person may choose from in an application: the broker's words, and what the pages call them.

https://docs.alpaca.markets/reference/createaccount
"""

from django.db import models


class Residency(models.TextChoices):
    CITIZEN = "citizen", "I am a US citizen"
    PERMANENT_RESIDENT = "permanent_resident", "I am a US permanent resident (green card)"
    VISA = "visa", "I am in the United States on a visa"
    ABROAD = "abroad", "I live outside the United States"


class VisaType(models.TextChoices):
    """The broker's list; whoever holds another one chooses the last."""

    B1 = "B1", "B-1: business visitor"
    B2 = "B2", "B-2: visitor"
    DACA = "DACA", "DACA"
    E1 = "E1", "E-1: treaty trader"
    E2 = "E2", "E-2: treaty investor"
    E3 = "E3", "E-3: specialty worker from Australia"
    F1 = "F1", "F-1: student"
    G4 = "G4", "G-4: international organization"
    H1B = "H1B", "H-1B: specialty worker"
    J1 = "J1", "J-1: exchange visitor"
    L1 = "L1", "L-1: transfer within a company"
    O1 = "O1", "O-1: extraordinary ability"
    TN1 = "TN1", "TN: professional from Canada or Mexico"
    OTHER = "OTHER", "Another visa"


# Visitors, whose day of departure the broker asks for.
VISITORS = frozenset({VisaType.B1, VisaType.B2})


class EmploymentStatus(models.TextChoices):
    EMPLOYED = "employed", "Employed or self-employed"
    UNEMPLOYED = "unemployed", "Not employed"
    STUDENT = "student", "Student"
    RETIRED = "retired", "Retired"


class EmploymentSector(models.TextChoices):
    AGRICULTURE = "agriculture", "Agriculture"
    BUSINESS_MANAGEMENT = "business_management", "Business management"
    COMPUTERS_AND_IT = "computers_and_it", "Computers and IT"
    CONSTRUCTION = "construction", "Construction"
    EDUCATION = "education", "Education"
    FINANCE = "finance", "Finance"
    GOVERNMENT = "government", "Government"
    HEALTHCARE = "healthcare", "Health care"
    HOSPITALITY = "hospitality", "Hospitality"
    MANUFACTURING = "manufacturing", "Manufacturing"
    MARKETING = "marketing", "Marketing"
    MEDIA = "media", "Media"
    SCIENCE = "science", "Science"
    SELF_EMPLOYED = "self_employed", "Self-employed"
    TRANSPORTATION = "transportation", "Transportation"
    OTHER = "other", "Something else"


class FundingSource(models.TextChoices):
    EMPLOYMENT_INCOME = "employment_income", "Pay from work"
    SAVINGS = "savings", "Savings"
    INVESTMENTS = "investments", "Investments"
    BUSINESS_INCOME = "business_income", "A business I own"
    INHERITANCE = "inheritance", "Inheritance"
    FAMILY = "family", "Family"


class MoneyRange(models.TextChoices):
    """Dollars from–to, as the broker wants them: two whole numbers."""

    UNDER_25 = "0-24999", "Under $25,000"
    TO_50 = "25000-49999", "$25,000 to $49,999"
    TO_75 = "50000-74999", "$50,000 to $74,999"
    TO_100 = "75000-99999", "$75,000 to $99,999"
    TO_200 = "100000-199999", "$100,000 to $199,999"
    TO_500 = "200000-499999", "$200,000 to $499,999"
    OVER_500 = "500000-9999999", "$500,000 or more"


class MaritalStatus(models.TextChoices):
    SINGLE = "SINGLE", "Single"
    MARRIED = "MARRIED", "Married"
    DIVORCED = "DIVORCED", "Divorced"
    WIDOWED = "WIDOWED", "Widowed"


class Experience(models.TextChoices):
    NONE = "none", "None"
    SOME = "1_to_5_years", "1 to 5 years"
    LONG = "over_5_years", "More than 5 years"


class Objective(models.TextChoices):
    GROWTH = "growth", "Let it grow"
    INCOME = "generate_income", "Earn a regular income"
    PRESERVE = "preserve_wealth", "Keep what I have"
    BALANCE = "balance_preserve_wealth_with_growth", "Keep what I have, with some growth"
    SPECULATION = "market_speculation", "Bet on the market"


class Horizon(models.TextChoices):
    UNDER_1 = "less_than_1_year", "Less than a year"
    TO_2 = "1_to_2_years", "1 to 2 years"
    TO_5 = "3_to_5_years", "3 to 5 years"
    TO_10 = "6_to_10_years", "6 to 10 years"
    OVER_10 = "more_than_10_years", "More than 10 years"


class RiskTolerance(models.TextChoices):
    CONSERVATIVE = "conservative", "Little: rather earn less than lose"
    MODERATE = "moderate", "Some: ups and downs are fine"
    SIGNIFICANT = "significant_risk", "A lot: large losses are fine"


class Liquidity(models.TextChoices):
    VERY = "very_important", "Very important"
    IMPORTANT = "important", "Important"
    SOMEWHAT = "somewhat_important", "Somewhat important"
    NOT = "does_not_matter", "It does not matter"
