"""Every nudge as a phone would show it, to be looked at: in the terminal and as one HTML page.

`shots` renders nudges through `nudge_sdk.nudges.render`, `page` and `terminal` draw them.
"""
