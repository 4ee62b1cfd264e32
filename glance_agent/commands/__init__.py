"""Bytes -> Command -> one Outcome: parsing, dispatch, showing, reacting, settings, receipts."""
