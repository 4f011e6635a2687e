"""Screens of jobs and services."""
