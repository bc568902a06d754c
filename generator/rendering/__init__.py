"""The browser: sheets of widgets are laid out and photographed. Nothing else knows Playwright.

May import libraries, sampling and families.
"""
