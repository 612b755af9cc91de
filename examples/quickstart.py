"""The whole of it in ten lines: one device, one chat, one nudge. They stand in the README, too."""

from nudge_sdk import Client, Contact, Profile

client = Client.open(Profile(age=13, region="GB"))
kai = Contact(id="kai", relationship="stranger", days_known=0)
for text in ("good game!", "how old are you", "dont tell your mum", "send me a pic"):
    nudge = client.receive("chat-1", text, kai)
    if nudge is not None:  # for the young person's own screen, and sent nowhere
        print(nudge.level, nudge.title, nudge.body, *nudge.reasons, sep="\n")
        print([action.label for action in nudge.actions])
client.sent("chat-1", "no thanks")  # read as well: replies and refusals are evidence
