"""Exams by real toolkits: Qt, GTK, Tk and others show windows on a virtual display, and say what is on.

What a window shows is drawn at random here, a toolkit's painter shows it and reads the states back. Pixels tell where a
widget is and whether its state can be seen; nothing of a toolkit is imported here.
"""
