"""The evidence pack: what a DPIA or a risk assessment asks, generated from code and from runs.

`facts` asks the installed SDK what it processes and keeps, `checks` runs what can be checked on the
spot, `figures` reads the runs, `pack` writes the folder. No number in it is typed by hand.
"""
