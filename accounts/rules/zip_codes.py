"""Which states the first three digits of a ZIP code may stand for.

From the postal service's labeling list L002: https://pe.usps.com/Archive/HTML/DMMArchive20050106/print/L002.htm
Unused numbers within a state's block are the state's, so that a new post office needs no change here.
"""

from functools import cache

_BLOCKS = """
    AA 340
    AE 090-099
    AK 995-999
    AL 350-369
    AP 962-966
    AR 716-729
    AZ 850-865
    CA 900-961
    CO 800-816
    CT 060-069
    DC 200-205 569 888
    DE 197-199
    FL 320-339 341-349
    FM 969
    GA 300-319 398-399
    GU 969
    HI 967-968
    IA 500-528
    ID 832-838
    IL 600-629
    IN 460-479
    KS 660-679
    KY 400-427
    LA 700-715
    MA 010-027 055
    MD 205-219
    ME 039-049
    MH 969
    MI 480-499
    MN 550-567
    MO 630-658
    MP 969
    MS 386-397
    MT 590-599
    NC 270-289
    ND 580-588
    NE 680-693
    NH 030-038
    NJ 070-089 099
    NM 870-884
    NV 889-898
    NY 005 100-149
    OH 430-459
    OK 730-732 734-749
    OR 970-979
    PA 150-196
    PR 006-007 009
    PW 969
    RI 028-029
    SC 290-299
    SD 570-577
    TN 370-385
    TX 733 750-799 885
    UT 840-847
    VA 201 205 220-246
    VI 008
    VT 050-054 056-059
    WA 980-994
    WI 530-549
    WV 247-268
    WY 820-831
"""
# Places that the post reaches from the next state: they share the first digits of that one.
_ALONE = {
    "06390": "NY",  # Fishers Island
    "72643": "MO",
    "73960": "TX",  # Texhoma
    "83414": "WY",  # Alta
    "96799": "AS",
}


@cache
def _states_by_beginning() -> dict[str, set[str]]:
    states: dict[str, set[str]] = {}
    for line in _BLOCKS.strip().splitlines():
        state, *blocks = line.split()
        for block in blocks:
            first, _, last = block.partition("-")
            for beginning in range(int(first), int(last or first) + 1):
                states.setdefault(f"{beginning:03}", set()).add(state)
    return states


def may_be_in(zip_code: str, state: str) -> bool:
    """Tell whether a ZIP code of five digits or more may be in a state (two letters)."""
    alone = _ALONE.get(zip_code[:5])
    return state == alone if alone else state in _states_by_beginning().get(zip_code[:3], set())
