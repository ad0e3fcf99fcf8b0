"""Read by Django by its place; what does not stand here is as Django has it."""

DATETIME_FORMAT = "M j, Y, g:i A T"
