"""Where people come in: command line, notebook widget, web page, camera, printed sheet.

Nothing imports a door.
"""
