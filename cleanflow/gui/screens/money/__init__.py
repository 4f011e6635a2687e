"""Screens of money: payments, expenses, the drawer, today."""
