"""Why banks send ACH entries back, by Nacha's codes and names."""

RETURN_CODES = {
    "R01": "Insufficient Funds",
    "R02": "Account Closed",
    "R03": "No Account/Unable to Locate Account",
    "R04": "Invalid Account Number",
    "R05": "Unauthorized Debit to Consumer Account",
    "R06": "Returned per ODFI's Request",
    "R07": "Authorization Revoked by Customer",
    "R08": "Payment Stopped",
    "R09": "Uncollected Funds",
    "R10": "Customer Advises Originator is Not Known or Not Authorized",
    "R11": "Customer Advises Entry Not in Accordance with the Terms of the Authorization",
    "R14": "Representative Payee Deceased",
    "R15": "Beneficiary or Account Holder Deceased",
    "R16": "Account Frozen",
    "R17": "File Record Edit Criteria",
    "R20": "Non-Transaction Account",
    "R23": "Credit Entry Refused by Receiver",
    "R24": "Duplicate Entry",
    "R29": "Corporate Customer Advises Not Authorized",
}
