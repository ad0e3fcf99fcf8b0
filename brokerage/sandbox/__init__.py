"""A local stand-in for Plaid and for Alpaca's Broker API.

It is another process with its own books: nothing in the project imports it, it imports nothing of the project,
and the two meet over HTTP only. Standard library throughout, so that it starts in an instant.

    __main__   arguments, start, stop            server    sockets, one write per answer, faults applied
    routes     which path is whose               wire      what a request and an answer are
    books      the SQLite file and its one lock  clock     the sandbox's own time: real, fast, frozen, stepped
    tables     what that file keeps              settings  what control may change
    timers     what is due, and when             moves     carries out what is due
    pace       how fast banks are                banking   banking days and batches
    market     trading days and hours
    faults/    scripted misfortunes              broker/   accounts, links, transfers, ledger, event streams
    plaid/     link tokens, items, Link's panes  link/     the browser's half of Link
    control/   the hand from outside: clock, statuses, faults, and a small page
"""
