"""Simulated weeks: how often a user is nudged when nothing is wrong, and whether the budget hides
what is.

One direction: `mix` says who writes, `week` draws a week of messages, `lanes` lets users hear them
through the engine, `ordinary` counts nudges, `attack` lets risky chats happen after such a week,
`figures` sums up, `command` prints.
"""
