"""What commands have in common: errors and exit codes, options, help made from settings, completion, installation.

May import everything but commands; a command imports from here, never from another command.
"""
